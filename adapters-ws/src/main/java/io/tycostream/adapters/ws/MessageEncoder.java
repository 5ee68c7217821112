package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tycostream.domain.change.Column;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.Bye;
import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Limits;
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
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** Messages without rows as frames; those with rows are {@link RowFrames}' . */
final class MessageEncoder {

  private MessageEncoder() {}

  /**
   * @throws IllegalArgumentException for a message with rows
   */
  static Frame encode(ServerMessage message) {
    return new FrameWriter().write(json -> write(message, json)).frame();
  }

  private static void write(ServerMessage message, JsonGenerator json) throws IOException {
    json.writeStartObject();
    switch (message) {
      case Welcome welcome -> welcome(welcome, json);
      case Subscribed subscribed -> subscribed(subscribed, json);
      case Progress progress -> {
        type("progress", json);
        json.writeNumberField("feed", progress.feed());
        json.writeStringField("position", progress.position());
      }
      case SourceStatus status -> source(status, json);
      case Pressure pressure -> {
        type("pressure", json);
        json.writeNumberField("buffered", pressure.buffered());
        json.writeNumberField("capacity", pressure.capacity());
        json.writeStringField("level", pressure.level());
        json.writeNumberField("feed", pressure.feed());
      }
      case Gap gap -> gap(gap, json);
      case Unsubscribed unsubscribed -> {
        type("unsubscribed", json);
        json.writeStringField("ref", unsubscribed.ref());
        number("feed", unsubscribed.feed(), json);
        text("reason", unsubscribed.reason(), json);
      }
      case Refused refused -> {
        type("error", json);
        text("ref", refused.ref(), json);
        number("feed", refused.feed(), json);
        json.writeStringField("code", refused.code());
        json.writeStringField("message", refused.message());
        json.writeBooleanField("retryable", refused.retryable());
      }
      case Pong pong -> {
        type("pong", json);
        text("nonce", pong.nonce(), json);
      }
      case Bye bye -> {
        type("bye", json);
        json.writeNumberField("code", bye.code());
        json.writeStringField("reason", bye.reason());
        millis("retryInMs", bye.retryIn(), json);
        json.writeBooleanField("resumable", bye.resumable());
      }
      case SnapshotPart rows -> throw new IllegalArgumentException("a message with rows");
      case BatchPart rows -> throw new IllegalArgumentException("a message with rows");
    }
    json.writeEndObject();
  }

  private static void welcome(Welcome welcome, JsonGenerator json) throws IOException {
    type("welcome", json);
    json.writeStringField("session", welcome.session());
    text("resume", welcome.resume(), json);
    json.writeBooleanField("resumed", welcome.resumed());
    json.writeNumberField("heartbeatMs", welcome.heartbeat().toMillis());
    json.writeNumberField("sessionTtlMs", welcome.sessionTtl().toMillis());
    json.writeStringField("node", welcome.node());
    Limits limits = welcome.limits();
    json.writeObjectFieldStart("limits");
    json.writeNumberField("maxMessage", limits.maxMessage());
    json.writeNumberField("maxRequest", limits.maxRequest());
    json.writeNumberField("maxSubscriptions", limits.maxSubscriptions());
    json.writeNumberField("maxBuffer", limits.maxBuffer());
    json.writeEndObject();
  }

  private static void subscribed(Subscribed subscribed, JsonGenerator json) throws IOException {
    type("subscribed", json);
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
    type("source", json);
    text("ref", status.ref(), json);
    number("feed", status.feed(), json);
    json.writeStringField("state", status.state());
    json.writeStringField("since", status.since().toString());
    number("attempt", status.attempt(), json);
    millis("retryInMs", status.retryIn(), json);
    text("reason", status.reason(), json);
  }

  private static void gap(Gap gap, JsonGenerator json) throws IOException {
    type("gap", json);
    json.writeNumberField("feed", gap.feed());
    if (gap.after().isPresent()) {
      json.writeStringField("after", gap.after().get());
    } else {
      json.writeNullField("after");
    }
    json.writeStringField("upTo", gap.upTo());
    json.writeNumberField("dropped", gap.dropped());
    json.writeStringField("reason", gap.reason());
    json.writeStringField("recovery", gap.recovery());
  }

  private static void type(String type, JsonGenerator json) throws IOException {
    json.writeStringField("type", type);
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
