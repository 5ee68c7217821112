package io.tycostream.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.SnapshotPart;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of one connection.
 *
 * <p>It remembers the columns of each feed from its {@code subscribed}, so that a row becomes an
 * array in column order without a map of its own. Unknown types and unknown fields are skipped, and
 * fields may come in any order; the order that the gateway writes is the fast one.
 *
 * <p>Owned by one thread at a time.
 */
final class ServerMessageReader {

  /** One row may be as large as the database allows: the limits are the gateway's to set. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
          .configure(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW, false)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNestingDepth(100_000)
                  .build())
          .build();

  private final Map<Integer, FeedShape> feeds = new HashMap<>();

  /**
   * The message that stands in a text in UTF-8; nothing when its type is not known, or when it is
   * of a feed that is not.
   *
   * @throws MalformedMessageException when it is no message; the connection is then of no use
   */
  Optional<ServerMessage> read(byte[] text) throws MalformedMessageException {
    Fields fields = new Fields();
    try {
      if (!readFields(text, fields)) {
        readFields(text, fields); // now that the feed is known
      }
      Optional<ServerMessage> message = message(fields);
      message.ifPresent(this::remember);
      return message;
    } catch (StreamConstraintsException | JsonParseException e) {
      throw new MalformedMessageException(
          "the gateway sent what is not JSON: " + e.getOriginalMessage(), feed(fields), e);
    } catch (IllegalArgumentException e) {
      throw new MalformedMessageException(
          "the gateway sent a malformed " + fields.type() + ": " + e.getMessage(), feed(fields), e);
    } catch (IOException e) { // from memory: it can only be about the text itself
      throw new MalformedMessageException(
          "the gateway sent what is not JSON: " + e.getMessage(), feed(fields), e);
    }
  }

  /** Reads all fields; {@code false} when some came before those that say how to read them. */
  private boolean readFields(byte[] text, Fields fields) throws IOException {
    boolean complete = true;
    try (JsonParser json = JSON.createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IllegalArgumentException("it is not an object");
      }
      for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
        JsonToken token = json.nextToken();
        if (token.isStructStart()) {
          complete &= readStructure(name, json, fields);
        } else if (token != JsonToken.VALUE_NULL) {
          fields.put(name, json.getText());
        }
      }
      if (json.currentToken() != JsonToken.END_OBJECT || json.nextToken() != null) {
        throw new IllegalArgumentException("there is something behind the object");
      }
    }
    return complete;
  }

  private boolean readStructure(String name, JsonParser json, Fields fields) throws IOException {
    switch (fields.type() + "." + name) {
      case "welcome.limits" -> fields.limits = limits(json);
      case "subscribed.columns" -> fields.columns = columns(json);
      case "subscribed.key" -> fields.key = texts(json);
      case "snapshot.rows", "batch.changes" -> {
        FeedShape shape = fields.has("feed") ? feeds.get(fields.requiredFeed()) : null;
        if (shape == null) {
          json.skipChildren();
          return fields.has("feed");
        }
        if (name.equals("rows")) {
          fields.rows = shape.rows(json);
        } else {
          fields.changes = shape.changes(json);
        }
      }
      default -> json.skipChildren();
    }
    return fields.has("type");
  }

  private void remember(ServerMessage message) {
    if (message instanceof Subscribed subscribed) {
      feeds.put(subscribed.feed(), new FeedShape(subscribed.columns(), subscribed.key()));
    } else if (message instanceof Unsubscribed ended) {
      ended.feed().ifPresent(feeds::remove);
    }
  }

  private Optional<ServerMessage> message(Fields f) {
    return Optional.ofNullable(
        switch (f.type()) {
          case "welcome" ->
              new ServerMessage.Welcome(
                  f.text("session").orElse(""),
                  f.text("resume"),
                  f.flag("resumed"),
                  f.requiredMillis("heartbeatMs"),
                  f.millis("sessionTtlMs").orElse(Duration.ZERO),
                  f.text("node").orElse(""),
                  f.limits);
          case "subscribed" ->
              new Subscribed(
                  f.required("ref"),
                  f.requiredFeed(),
                  f.required("source"),
                  f.key,
                  f.columns,
                  start(f.required("start")),
                  f.text("position"),
                  f.number("seq"));
          case "snapshot" -> snapshot(f);
          case "batch" -> batch(f);
          case "progress" -> new ServerMessage.Progress(f.requiredFeed(), f.required("position"));
          case "source" ->
              new ServerMessage.SourceStatus(
                  f.text("ref"),
                  f.feed(),
                  f.required("state"),
                  f.instant("since"),
                  f.smallNumber("attempt"),
                  f.millis("retryInMs"),
                  f.text("reason"));
          case "pressure" ->
              new ServerMessage.Pressure(
                  f.number("buffered").orElse(0),
                  f.number("capacity").orElse(0),
                  f.required("level"),
                  f.feed().orElse(-1));
          case "gap" ->
              new ServerMessage.Gap(
                  f.requiredFeed(),
                  f.text("after"),
                  f.required("upTo"),
                  f.number("dropped").orElse(-1),
                  f.text("reason").orElse("unknown"),
                  f.required("recovery"));
          case "unsubscribed" ->
              new Unsubscribed(f.text("ref").orElse(""), f.feed(), f.text("reason"));
          case "error" ->
              new ServerMessage.Refused(
                  f.text("ref"),
                  f.feed(),
                  f.text("code").orElse("unknown"),
                  f.text("message").orElse("no reason given"),
                  f.flag("retryable"));
          case "pong" -> new ServerMessage.Pong(f.text("nonce"));
          case "bye" ->
              new ServerMessage.Bye(
                  (int) f.requiredNumber("code"),
                  f.text("reason").orElse(""),
                  f.millis("retryInMs"),
                  f.flag("resumable"));
          default -> null;
        });
  }

  private @Nullable ServerMessage snapshot(Fields f) {
    if (!feeds.containsKey(f.requiredFeed())) {
      return null;
    }
    return new SnapshotPart(
        f.requiredFeed(),
        f.smallNumber("part").orElse(0),
        f.requiredRows(),
        f.flag("more"),
        f.text("position"),
        f.number("seq"));
  }

  private @Nullable ServerMessage batch(Fields f) {
    if (!feeds.containsKey(f.requiredFeed())) {
      return null;
    }
    return new BatchPart(
        f.requiredFeed(),
        f.requiredNumber("seq"),
        f.required("position"),
        f.requiredChanges(),
        f.number("merged").orElse(1),
        f.flag("resync"),
        f.smallNumber("part").orElse(0),
        f.flag("more"));
  }

  private static Start start(String wire) {
    for (Start each : Start.values()) {
      if (each.wire().equals(wire)) {
        return each;
      }
    }
    throw new IllegalArgumentException("unknown start " + wire);
  }

  private static OptionalInt feed(Fields fields) {
    try {
      return fields.feed();
    } catch (IllegalArgumentException e) {
      return OptionalInt.empty(); // what is malformed may be this
    }
  }

  private static List<Column> columns(JsonParser json) throws IOException {
    List<Column> columns = new ArrayList<>();
    expectArray(json, "columns");
    while (json.nextToken() != JsonToken.END_ARRAY) {
      Map<String, String> column = scalars(json);
      columns.add(
          new Column(column.getOrDefault("name", ""), column.getOrDefault("type", "unknown")));
    }
    return columns;
  }

  private static List<String> texts(JsonParser json) throws IOException {
    List<String> texts = new ArrayList<>();
    expectArray(json, "key");
    while (json.nextToken() != JsonToken.END_ARRAY) {
      texts.add(json.getText());
    }
    return texts;
  }

  private static ServerMessage.Limits limits(JsonParser json) throws IOException {
    Map<String, String> limits = scalars(json);
    return new ServerMessage.Limits(
        limit(limits, "maxMessage"),
        limit(limits, "maxRequest"),
        limit(limits, "maxSubscriptions"),
        limit(limits, "maxBuffer"));
  }

  private static int limit(Map<String, String> limits, String name) {
    String value = limits.get(name);
    return value == null ? Integer.MAX_VALUE : Integer.parseInt(value);
  }

  /** The scalar fields of the object that the parser stands at. */
  private static Map<String, String> scalars(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new IllegalArgumentException("an object was expected, not " + json.getText());
    }
    Map<String, String> scalars = new HashMap<>();
    for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
      if (json.nextToken().isScalarValue()) {
        scalars.put(name, json.getText());
      } else {
        json.skipChildren();
      }
    }
    return scalars;
  }

  private static void expectArray(JsonParser json, String name) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new IllegalArgumentException(name + " is no array");
    }
  }
}
