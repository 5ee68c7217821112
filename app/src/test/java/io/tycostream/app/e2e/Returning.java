package io.tycostream.app.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A client of one table, on the JDK's WebSocket, that is cut off and comes back, to this node or
 * another, by its session and its position, and objects to everything but being led on from there.
 *
 * <p>Each row counts its updates in its version. So a client that sees one update too few, too many
 * or too early holds a version that the next one does not follow.
 */
final class Returning {

  private static final String REF = "items";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http;
  private final Reader reader;
  private final String name;
  private final OptionalInt owner;
  private final Queue<String> objections = new ConcurrentLinkedQueue<>();
  private final AtomicReference<@Nullable Visit> visit = new AtomicReference<>();

  // By the listener of the present visit only, which begins after the one before was cut. An array,
  // so that thousands of clients can take thousands of changes a second.
  private final AtomicLongArray versions;
  private @Nullable String position;
  private @Nullable String token;

  /**
   * A message, and the rows that are in it.
   *
   * @param ids of the rows
   * @param versions of the same rows
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Heard(JsonNode message, int[] ids, long[] versions) {

    static Heard parse(String text) {
      try {
        JsonNode message = JSON.readTree(text);
        List<JsonNode> rows = new ArrayList<>();
        message.path("rows").forEach(rows::add);
        message.path("changes").forEach(change -> rows.add(change.get("row")));
        return new Heard(
            message,
            rows.stream().mapToInt(row -> row.get("id").intValue()).toArray(),
            rows.stream().mapToLong(row -> row.get("version").longValue()).toArray());
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(text, e);
      }
    }
  }

  /** Reads messages; what many hear who follow the same feed is read once. */
  static final class Reader {
    private final Map<String, Heard> last;

    /**
     * Nothing read yet.
     *
     * @param remembered how many of the last messages may be heard again
     */
    Reader(int remembered) {
      last =
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Heard> eldest) {
              return size() > remembered;
            }
          };
    }

    synchronized Heard read(String text) {
      return last.computeIfAbsent(text, Heard::parse);
    }
  }

  /**
   * Not connected yet.
   *
   * @param ids of rows are below
   * @param owner whose rows it follows; nothing for all
   */
  Returning(HttpClient http, Reader reader, String name, int ids, OptionalInt owner) {
    this.http = http;
    this.reader = reader;
    this.name = name;
    this.owner = owner;
    long[] none = new long[ids];
    Arrays.fill(none, -1);
    this.versions = new AtomicLongArray(none);
  }

  /** How a visit began. */
  record Arrival(boolean resumed, String start, long atNanos) {}

  /** Connects to a node; everything else follows from what comes. */
  void visit(int port) {
    Visit next = new Visit();
    visit.set(next);
    CompletableFuture<?> unused =
        http.newWebSocketBuilder()
            .subprotocols("tycostream.v1.json")
            .buildAsync(URI.create("ws://127.0.0.1:" + port + "/v1/stream"), next)
            .whenComplete((socket, failure) -> {
              if (failure != null) {
                object("cannot connect: " + failure);
              }
            });
  }

  /** Cuts the connection without a word. */
  void cut() {
    Visit cut = visit.getAndSet(null);
    if (cut != null) {
      cut.end();
    }
  }

  /** When and how the present visit was caught up; nothing before. */
  Optional<Arrival> arrival() {
    return Optional.ofNullable(visit.get()).flatMap(Visit::arrival);
  }

  /** Whose rows it follows; nothing for all. */
  OptionalInt owner() {
    return owner;
  }

  /** Whether it has these rows, by their ids, and no others; -1 stands for none. */
  boolean has(long[] rows) {
    return IntStream.range(0, rows.length).allMatch(id -> versions.get(id) == rows[id]);
  }

  /** What was not as it should be. */
  List<String> objections() {
    return List.copyOf(objections);
  }

  private void object(String objection) {
    objections.add(name + ": " + objection);
  }

  /** One connection. */
  private final class Visit implements WebSocket.Listener {
    private final StringBuilder begun = new StringBuilder();
    private volatile @Nullable WebSocket socket;
    private volatile @Nullable Arrival arrival;
    private volatile boolean over;
    private boolean resumed;
    private String start = "";
    private long seq;
    private CompletableFuture<?> said = CompletableFuture.completedFuture(null);

    @Override
    public void onOpen(WebSocket opened) {
      socket = opened;
      ObjectNode hello = JSON.createObjectNode().put("type", "hello").put("client", name);
      // However slow the machine is that all of this runs on: nothing gives way but the history.
      hello.putObject("buffer").put("maxSize", "auto");
      if (token != null) {
        hello.put("resume", token).putObject("positions").put(REF, position);
      }
      say(opened, hello);
      opened.request(1);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      begun.append(data);
      if (last && !over) {
        String text = begun.toString();
        begun.setLength(0);
        hear(from, text);
      }
      from.request(1);
      return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      if (!over) {
        object("closed with " + code + " " + reason);
      }
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
      if (!over) {
        object("broken: " + failure);
      }
    }

    Optional<Arrival> arrival() {
      return Optional.ofNullable(arrival);
    }

    /** Nothing that was heard before is taken in after. */
    synchronized void end() {
      over = true;
      WebSocket open = socket;
      if (open != null) {
        open.abort();
      }
    }

    /**
     * Sends one after the other: the JDK's WebSocket refuses a second text while one is under way.
     */
    private synchronized void say(WebSocket to, JsonNode message) {
      said =
          said.thenCompose(before -> to.sendText(message.toString(), true))
              .whenComplete((sent, failure) -> {
                if (failure != null && !over) {
                  object("cannot send " + message + ": " + failure);
                }
              });
    }

    private synchronized void hear(WebSocket from, String text) {
      if (over) {
        return;
      }
      Heard heard = reader.read(text);
      JsonNode message = heard.message();
      switch (message.get("type").textValue()) {
        case "welcome" -> welcome(from, message);
        case "subscribed" -> subscribed(message);
        case "snapshot" -> {
          if (!start.equals("snapshot")) {
            object("a snapshot though it began with " + start);
          }
          for (int i = 0; i < heard.ids().length; i++) {
            versions.set(heard.ids()[i], heard.versions()[i]);
          }
          if (!message.get("more").booleanValue()) {
            seq = message.get("seq").longValue();
            position = message.get("position").textValue();
          }
        }
        case "batch" -> batch(heard);
        case "progress" -> {
          position = message.get("position").textValue();
          arrived();
        }
        case "source", "pressure" -> {}
        default -> object("hears " + text);
      }
    }

    private void welcome(WebSocket from, JsonNode welcome) {
      token = welcome.get("resume").textValue();
      resumed = welcome.get("resumed").booleanValue();
      if (!resumed) {
        ObjectNode subscribe =
            JSON.createObjectNode().put("type", "subscribe").put("ref", REF).put("source", "items");
        owner.ifPresent(one -> subscribe.putObject("where").putObject("owner").put("_eq", one));
        if (position != null) {
          subscribe.put("after", position);
        }
        say(from, subscribe);
      }
    }

    private void subscribed(JsonNode subscribed) {
      start = subscribed.get("start").textValue();
      if (start.equals("snapshot") != (position == null)) {
        object("begins with " + start + ", and was at " + position);
      }
      if (!start.equals("snapshot")) {
        seq = subscribed.get("seq").longValue();
      }
      if (start.equals("live")) {
        arrived();
      }
    }

    private void batch(Heard heard) {
      JsonNode batch = heard.message();
      if (batch.get("seq").longValue() != ++seq || batch.has("merged") || batch.has("resync")) {
        object("batch " + batch.get("seq") + " and not " + seq + ": " + batch);
      }
      for (int i = 0; i < heard.ids().length; i++) {
        long before = versions.getAndSet(heard.ids()[i], heard.versions()[i]);
        if (before + 1 != heard.versions()[i] || before < 0) {
          object("row " + heard.ids()[i] + " at " + heard.versions()[i] + " after " + before);
        }
      }
      position = batch.get("position").textValue();
    }

    private void arrived() {
      if (arrival == null) {
        arrival = new Arrival(resumed, start, System.nanoTime());
      }
    }
  }
}
