package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.RawClient.CLOSE;
import static io.tycostream.adapters.ws.RawClient.END;
import static io.tycostream.adapters.ws.RawClient.PING;
import static io.tycostream.adapters.ws.RawClient.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A client that says anything, and knows from the documents what it is answered: which answer, with
 * which code, about which ref; and that nothing is answered that is not in the documents.
 */
final class DocumentedDialogue {

  private static final int MAX_SUBSCRIPTIONS = TestGateway.LIMITS.maxSubscriptions();

  /** The fields of each message of the gateway; those with ? may be missing. */
  private static final Map<String, Set<String>> FIELDS =
      Map.ofEntries(
          Map.entry(
              "welcome",
              Set.of(
                  "session",
                  "resume?",
                  "resumed",
                  "heartbeatMs",
                  "sessionTtlMs",
                  "node",
                  "limits")),
          Map.entry(
              "subscribed",
              Set.of("ref", "feed", "source", "key", "columns", "start", "position?", "seq?")),
          Map.entry("snapshot", Set.of("feed", "part", "rows", "more", "position?", "seq?")),
          Map.entry(
              "batch",
              Set.of("feed", "seq", "position", "changes", "resync?", "merged?", "part?", "more?")),
          Map.entry("progress", Set.of("feed", "position")),
          Map.entry(
              "source",
              Set.of("feed?", "ref?", "state", "since", "attempt?", "retryInMs?", "reason?")),
          Map.entry("pressure", Set.of("buffered", "capacity", "level", "feed")),
          Map.entry("gap", Set.of("feed", "after", "upTo", "dropped", "reason", "recovery")),
          Map.entry("unsubscribed", Set.of("ref", "feed?", "reason?")),
          Map.entry("error", Set.of("ref?", "feed?", "code", "message", "retryable")),
          Map.entry("pong", Set.of("nonce?")),
          Map.entry("bye", Set.of("code", "reason", "retryInMs?", "resumable")));

  /** The codes that this version sends, and whether to try again. */
  private static final Map<String, Boolean> RETRYABLE =
      Map.ofEntries(
          Map.entry("bad-request", false),
          Map.entry("unknown-type", false),
          Map.entry("unknown-source", false),
          Map.entry("unknown-column", false),
          Map.entry("bad-filter", false),
          Map.entry("policy-needs-events", false),
          Map.entry("policy-needs-state", false),
          Map.entry("unknown-feed", false),
          Map.entry("bad-position", false),
          Map.entry("duplicate-ref", false),
          Map.entry("duplicate-subscription", false),
          Map.entry("limit-exceeded", false),
          Map.entry("forbidden", false),
          Map.entry("position-ahead", true),
          Map.entry("source-not-ready", true),
          Map.entry("source-failed", true));

  private static final String NONE_YET = "none";

  /** What is answered, and not sent unasked. */
  private static final Set<String> ANSWERS =
      Set.of("welcome", "subscribed", "unsubscribed", "error", "pong", "bye");

  private final RawClient client;
  private final HandFed things;
  private final Map<String, Followed> followed = new HashMap<>();
  private boolean greeted;
  private boolean over;
  private String policy = "drop-oldest";
  private int nonces;

  /** One thing that happens. */
  sealed interface Step {
    record Say(FuzzedMessage message) implements Step {}

    record Garbage(String text) implements Step {}

    record Binary(String text) implements Step {}

    /** A row of the source changes. */
    record Change(int id) implements Step {}
  }

  /** A subscription that stands. */
  private static final class Followed {
    private final String definition;
    private Optional<Integer> feed = Optional.empty();
    private String position = NONE_YET;

    private Followed(String definition) {
      this.definition = definition;
    }
  }

  DocumentedDialogue(RawClient client, HandFed things) {
    this.client = client;
    this.things = things;
  }

  boolean goesOn() {
    return !over;
  }

  void take(Step step) {
    switch (step) {
      case Step.Say(FuzzedMessage message) -> say(message);
      case Step.Garbage(String text) -> {
        client.send(text);
        closed(4400);
      }
      case Step.Binary(String text) -> {
        client.send(RawClient.BINARY, true, text.getBytes(StandardCharsets.UTF_8));
        closed(4400);
      }
      case Step.Change(int id) -> things.put(id, "changed " + things.time());
    }
  }

  /** Whoever still listens is answered, and leaves. */
  void end() {
    if (over) {
      return;
    }
    if (!greeted) {
      client.send("{\"type\":\"hello\"}");
      answer("welcome");
    }
    ping();
    client.sendClose(1000);
    RawClient.Heard heard = client.hear();
    while (heard.opcode() == TEXT || heard.opcode() == PING) {
      if (heard.opcode() == TEXT) {
        documented(heard);
      }
      heard = client.hear();
    }
    assertEquals(CLOSE, heard.opcode());
    assertEquals(1000, heard.code());
    assertEquals(END, client.hear());
  }

  private void ping() {
    String nonce = "ping " + ++nonces;
    client.send("{\"type\":\"ping\",\"nonce\":\"" + nonce + "\"}");
    assertEquals(nonce, answer("pong").get("nonce").textValue());
  }

  private void say(FuzzedMessage message) {
    Optional<Followed> one =
        followed.values().stream().filter(each -> each.feed.isPresent()).findFirst();
    int feed = one.flatMap(each -> each.feed).orElse(-1);
    String text = message.text(feed, one.map(each -> each.position).orElse(NONE_YET));
    client.send(text);
    if (text.getBytes(StandardCharsets.UTF_8).length > TestGateway.LIMITS.maxRequest()) {
      closed(1009);
      return;
    }
    String type = message.type().replace("\"", "");
    if (message.hasAFieldTwice() || (!greeted && !type.equals("hello"))) {
      closed(4400);
      return;
    }
    switch (type) {
      case "hello" -> hello(message);
      case "subscribe" -> subscribe(message);
      case "unsubscribe" -> unsubscribe(message, feed);
      case "ack" -> ack(message, one);
      case "ping" -> {
        if (!refused(message, message.wrong(), message.text("ref"))) {
          JsonNode pong = answer("pong");
          assertEquals(message.field("nonce").isPresent(), pong.has("nonce"));
          message
              .field("nonce")
              .ifPresent(nonce ->
                  assertEquals(
                      Frames.json(nonce.json()).textValue(), pong.get("nonce").textValue()));
        }
      }
      default -> refused(message, Set.of("unknown-type"), message.text("ref"));
    }
  }

  private void hello(FuzzedMessage message) {
    if (refused(message, message.wrong(), Optional.empty())) {
      return;
    }
    JsonNode welcome = answer("welcome");
    assertTrue(!welcome.get("resumed").booleanValue(), welcome.toString());
    greeted = true;
    if (message.field("buffer").isPresent()) {
      policy =
          Optional.of(message.field("buffer").get().json())
              .map(Frames::json)
              .map(buffer -> buffer.path("dropPolicy").asText(""))
              .filter(named -> !named.isEmpty())
              .orElse("drop-oldest");
    }
  }

  private void subscribe(FuzzedMessage message) {
    Set<String> wrong = new HashSet<>(message.wrong());
    Optional<String> ref = message.text("ref");
    boolean events = message.is("onGap", "\"continue\"");
    String definition =
        message.field("source").map(FuzzedMessage.Field::json).orElse("")
            + message
                .field("where")
                .map(FuzzedMessage.Field::json)
                .filter(json -> !json.equals("{}"))
                .orElse("")
            + message.field("columns").map(FuzzedMessage.Field::json).orElse("all")
            + message.is("delta", "true");
    if (ref.isEmpty() || message.field("source").isEmpty()) {
      wrong.add("bad-request");
    }
    if (message.is("snapshot", "false") && !events) {
      wrong.add("bad-request");
    }
    if (ref.filter(followed::containsKey).isPresent()) {
      wrong.add("duplicate-ref");
    }
    if (followed.values().stream().anyMatch(each -> each.definition.equals(definition))) {
      wrong.add("duplicate-subscription");
    }
    if (followed.size() >= MAX_SUBSCRIPTIONS) {
      wrong.add("limit-exceeded");
    }
    String itsPolicy =
        message
            .field("buffer")
            .map(buffer -> Frames.json(buffer.json()).path("dropPolicy").asText(policy))
            .orElse(policy);
    if (!events && Set.of("drop-newest", "sample").contains(itsPolicy)) {
      wrong.add("policy-needs-events");
    }
    if (events && itsPolicy.equals("conflate")) {
      wrong.add("policy-needs-state");
    }
    boolean waits = message.is("source", "\"empty\"");
    Set<String> later = FuzzedMessage.later(wrong);
    if (!waits || wrong.size() > later.size()) {
      if (refused(message, FuzzedMessage.codes(wrong), ref)) {
        return;
      }
    }
    JsonNode first = first(ref.orElseThrow());
    if (TestGateway.type(first).equals("error")) {
      // The same in other words, which only the gateway can tell.
      assertEquals("duplicate-subscription", first.get("code").textValue(), first.toString());
      assertTrue(!followed.isEmpty());
      return;
    }
    assertEquals(waits ? "source" : "subscribed", TestGateway.type(first), first.toString());
    Followed begun = new Followed(definition);
    if (!waits) {
      begun.feed = Optional.of(first.get("feed").intValue());
    }
    followed.put(ref.get(), begun);
  }

  private void unsubscribe(FuzzedMessage message, int aFeed) {
    Set<String> wrong = new HashSet<>(message.wrong());
    Optional<String> ref = message.text("ref");
    Optional<Integer> feed = message.feed(aFeed);
    if (message.field("ref").isEmpty() && message.field("feed").isEmpty()) {
      wrong.add("bad-request");
    }
    Optional<String> meant =
        ref.isPresent()
            ? ref.filter(followed::containsKey)
            : followed.entrySet().stream()
                .filter(each -> feed.isPresent() && each.getValue().feed.equals(feed))
                .map(Map.Entry::getKey)
                .findFirst();
    if (wrong.isEmpty() && meant.isEmpty()) {
      wrong.add("unknown-feed");
    }
    if (!refused(message, wrong, ref)) {
      assertEquals(meant.orElseThrow(), answer("unsubscribed").get("ref").textValue());
      followed.remove(meant.get());
    }
  }

  private void ack(FuzzedMessage message, Optional<Followed> one) {
    Set<String> wrong = new HashSet<>(message.wrong());
    if (message.field("feed").isEmpty() || message.field("position").isEmpty()) {
      wrong.add("bad-request");
    }
    if (wrong.isEmpty()) {
      boolean known = one.isPresent() && message.is("feed", "\"" + FuzzedMessage.A_FEED + "\"");
      if (!known) {
        wrong.add("unknown-feed");
      } else if (!message.is("position", "\"" + FuzzedMessage.ITS_POSITION + "\"")
          || one.get().position.equals(NONE_YET)) {
        wrong.add("bad-position");
      }
    }
    if (!refused(message, wrong, Optional.empty())) {
      ping(); // nothing else is heard
    }
  }

  /** Whether a message is refused, if something is wrong with it. */
  private boolean refused(FuzzedMessage message, Set<String> wrong, Optional<String> ref) {
    if (wrong.isEmpty()) {
      return false;
    }
    JsonNode error = answer("error");
    assertTrue(wrong.contains(error.get("code").textValue()), message + " is " + error);
    Optional<String> named = ref.filter(text -> text.length() <= 128);
    if (named.isPresent()) {
      assertEquals(named.get(), error.path("ref").textValue(), error.toString());
    } else {
      assertTrue(!error.has("ref"), error.toString());
    }
    return true;
  }

  /** The connection ends, because of what was said. */
  private void closed(int code) {
    assertEquals(code, answer("bye").get("code").intValue());
    RawClient.Heard close = client.hear();
    assertEquals(CLOSE, close.opcode());
    assertEquals(code, close.code());
    client.sendClose(code);
    assertEquals(END, client.hear());
    over = true;
  }

  /** The next answer, which is of this type. */
  private JsonNode answer(String type) {
    JsonNode message = next();
    while (!ANSWERS.contains(TestGateway.type(message))) {
      message = next();
    }
    assertEquals(type, TestGateway.type(message), message.toString());
    return message;
  }

  /** What is told first about a subscription. */
  private JsonNode first(String ref) {
    JsonNode message = next();
    while (!message.path("ref").asText().equals(ref)) {
      assertTrue(!ANSWERS.contains(TestGateway.type(message)), message.toString());
      message = next();
    }
    return message;
  }

  /** The next message, which is in the documents. */
  private JsonNode next() {
    RawClient.Heard heard = client.hearPastPings();
    assertEquals(TEXT, heard.opcode(), heard.toString());
    return documented(heard);
  }

  private JsonNode documented(RawClient.Heard heard) {
    JsonNode message = heard.json();
    Set<String> fields = FIELDS.getOrDefault(TestGateway.type(message), Set.of("unheard of"));
    for (String field : fields) {
      assertTrue(field.endsWith("?") || message.has(field), message.toString());
    }
    message
        .fieldNames()
        .forEachRemaining(name ->
            assertTrue(
                name.equals("type") || fields.contains(name) || fields.contains(name + "?"),
                message.toString()));
    if (message.has("code") && message.get("code").isTextual()) {
      Boolean retryable = RETRYABLE.get(message.get("code").textValue());
      assertEquals(retryable, message.get("retryable").booleanValue(), message.toString());
    }
    if (message.has("feed") && message.has("position")) {
      followed.values().stream()
          .filter(each -> each.feed.equals(Optional.of(message.get("feed").intValue())))
          .forEach(each -> each.position = message.get("position").textValue());
    }
    return message;
  }
}
