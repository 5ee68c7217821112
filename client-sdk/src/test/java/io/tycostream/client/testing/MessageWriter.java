package io.tycostream.client.testing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.Bye;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Pong;
import io.tycostream.domain.protocol.ServerMessage.Pressure;
import io.tycostream.domain.protocol.ServerMessage.Progress;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.SnapshotPart;
import io.tycostream.domain.protocol.ServerMessage.SourceStatus;
import io.tycostream.domain.protocol.ServerMessage.Subscribed;
import io.tycostream.domain.protocol.ServerMessage.Unsubscribed;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** What the gateway says, as JSON; messages with rows are {@link RowMessages}'. */
final class MessageWriter {

  private static final JsonFactory JSON = new JsonFactory();

  private MessageWriter() {}

  /** Writes something. */
  interface Writing {
    void write(JsonGenerator json) throws IOException;
  }

  static String text(Writing writing) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      writing.write(json);
    } catch (IOException e) {
      throw new UncheckedIOException("into memory", e);
    }
    return text.toString();
  }

  /** A message of a type, with these fields behind it. */
  static byte[] object(String type, Writing fields) {
    String text =
        text(json -> {
          json.writeStartObject();
          json.writeStringField("type", type);
          fields.write(json);
          json.writeEndObject();
        });
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @throws IllegalArgumentException for a message with rows
   */
  static byte[] write(ServerMessage message) {
    return switch (message) {
      case Welcome welcome -> object("welcome", json -> welcome(welcome, json));
      case Subscribed subscribed -> object("subscribed", json -> subscribed(subscribed, json));
      case Progress progress ->
          object(
              "progress",
              json -> {
                json.writeNumberField("feed", progress.feed());
                json.writeStringField("position", progress.position());
              });
      case SourceStatus status -> object("source", json -> source(status, json));
      case Pressure pressure ->
          object(
              "pressure",
              json -> {
                json.writeNumberField("buffered", pressure.buffered());
                json.writeNumberField("capacity", pressure.capacity());
                json.writeStringField("level", pressure.level());
                json.writeNumberField("feed", pressure.feed());
              });
      case Gap gap -> object("gap", json -> gap(gap, json));
      case Unsubscribed unsubscribed ->
          object(
              "unsubscribed",
              json -> {
                json.writeStringField("ref", unsubscribed.ref());
                number("feed", unsubscribed.feed(), json);
                text("reason", unsubscribed.reason(), json);
              });
      case Refused refused ->
          object(
              "error",
              json -> {
                text("ref", refused.ref(), json);
                number("feed", refused.feed(), json);
                json.writeStringField("code", refused.code());
                json.writeStringField("message", refused.message());
                json.writeBooleanField("retryable", refused.retryable());
              });
      case Pong pong -> object("pong", json -> text("nonce", pong.nonce(), json));
      case Bye bye ->
          object(
              "bye",
              json -> {
                json.writeNumberField("code", bye.code());
                json.writeStringField("reason", bye.reason());
                millis("retryInMs", bye.retryIn(), json);
                json.writeBooleanField("resumable", bye.resumable());
              });
      case SnapshotPart rows -> throw new IllegalArgumentException("a message with rows");
      case BatchPart rows -> throw new IllegalArgumentException("a message with rows");
    };
  }

  private static void welcome(Welcome welcome, JsonGenerator json) throws IOException {
    json.writeStringField("session", welcome.session());
    text("resume", welcome.resume(), json);
    json.writeBooleanField("resumed", welcome.resumed());
    json.writeNumberField("heartbeatMs", welcome.heartbeat().toMillis());
    json.writeNumberField("sessionTtlMs", welcome.sessionTtl().toMillis());
    json.writeStringField("node", welcome.node());
    json.writeObjectFieldStart("limits");
    json.writeNumberField("maxMessage", welcome.limits().maxMessage());
    json.writeNumberField("maxRequest", welcome.limits().maxRequest());
    json.writeNumberField("maxSubscriptions", welcome.limits().maxSubscriptions());
    json.writeNumberField("maxBuffer", welcome.limits().maxBuffer());
    json.writeEndObject();
  }

  private static void subscribed(Subscribed subscribed, JsonGenerator json) throws IOException {
    json.writeStringField("ref", subscribed.ref());
    json.writeNumberField("feed", subscribed.feed());
    json.writeStringField("source", subscribed.source());
    json.writeArrayFieldStart("key");
    for (String name : subscribed.key()) {
      json.writeString(name);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("columns");
    for (Column column : subscribed.columns()) {
      json.writeStartObject();
      json.writeStringField("name", column.name());
      json.writeStringField("type", column.type());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("start", subscribed.start().wire());
    text("position", subscribed.position(), json);
    if (subscribed.seq().isPresent()) {
      json.writeNumberField("seq", subscribed.seq().getAsLong());
    }
  }

  private static void source(SourceStatus status, JsonGenerator json) throws IOException {
    text("ref", status.ref(), json);
    number("feed", status.feed(), json);
    json.writeStringField("state", status.state());
    json.writeStringField("since", status.since().toString());
    number("attempt", status.attempt(), json);
    millis("retryInMs", status.retryIn(), json);
    text("reason", status.reason(), json);
  }

  private static void gap(Gap gap, JsonGenerator json) throws IOException {
    json.writeNumberField("feed", gap.feed());
    json.writeStringField("after", gap.after().orElse(null));
    json.writeStringField("upTo", gap.upTo());
    json.writeNumberField("dropped", gap.dropped());
    json.writeStringField("reason", gap.reason());
    json.writeStringField("recovery", gap.recovery());
  }

  private static void text(String name, Optional<String> value, JsonGenerator json)
      throws IOException {
    if (value.isPresent()) {
      json.writeStringField(name, value.get());
    }
  }

  private static void number(String name, OptionalInt value, JsonGenerator json)
      throws IOException {
    if (value.isPresent()) {
      json.writeNumberField(name, value.getAsInt());
    }
  }

  private static void millis(String name, Optional<Duration> value, JsonGenerator json)
      throws IOException {
    if (value.isPresent()) {
      json.writeNumberField(name, value.get().toMillis());
    }
  }
}
