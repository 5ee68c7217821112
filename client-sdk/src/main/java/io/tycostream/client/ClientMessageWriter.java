package io.tycostream.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Writes what a client says as compact JSON, {@code type} first. */
final class ClientMessageWriter {

  private static final JsonFactory JSON = new JsonFactory();

  private ClientMessageWriter() {}

  static String write(ClientMessage message) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      switch (message) {
        case ClientMessage.Hello hello -> hello(hello, json);
        case ClientMessage.Subscribe subscribe -> subscribe(subscribe, json);
        case ClientMessage.Unsubscribe unsubscribe -> {
          json.writeStringField("type", "unsubscribe");
          optional("ref", unsubscribe.ref(), json);
          if (unsubscribe.feed().isPresent()) {
            json.writeNumberField("feed", unsubscribe.feed().getAsInt());
          }
        }
        case ClientMessage.Ack(int feed, String position) -> {
          json.writeStringField("type", "ack");
          json.writeNumberField("feed", feed);
          json.writeStringField("position", position);
        }
        case ClientMessage.Ping(Optional<String> nonce) -> {
          json.writeStringField("type", "ping");
          optional("nonce", nonce, json);
        }
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return text.toString();
  }

  private static void hello(ClientMessage.Hello hello, JsonGenerator json) throws IOException {
    json.writeStringField("type", "hello");
    optional("token", hello.token(), json);
    optional("client", hello.client(), json);
    optional("resume", hello.resume(), json);
    if (!hello.positions().isEmpty()) {
      json.writeObjectFieldStart("positions");
      for (Map.Entry<String, String> each : hello.positions().entrySet()) {
        json.writeStringField(each.getKey(), each.getValue());
      }
      json.writeEndObject();
    }
    if (hello.acks()) {
      json.writeBooleanField("acks", true);
    }
    if (hello.buffer().isPresent()) {
      buffer(hello.buffer().get(), json);
    }
  }

  /** What is as it is without a word is not written. */
  private static void subscribe(ClientMessage.Subscribe subscribe, JsonGenerator json)
      throws IOException {
    json.writeStringField("type", "subscribe");
    json.writeStringField("ref", subscribe.ref());
    json.writeStringField("source", subscribe.source());
    if (!subscribe.where().equals(Filter.EVERYTHING)) {
      json.writeFieldName("where");
      FilterWriter.write(subscribe.where(), json);
    }
    if (subscribe.columns().isPresent()) {
      json.writeArrayFieldStart("columns");
      for (String column : new TreeSet<>(subscribe.columns().get())) {
        json.writeString(column);
      }
      json.writeEndArray();
    }
    optional("after", subscribe.after(), json);
    if (!subscribe.snapshot()) {
      json.writeBooleanField("snapshot", false);
    }
    if (subscribe.onGap() != OnGap.SNAPSHOT) {
      json.writeStringField("onGap", subscribe.onGap().wire());
    }
    if (subscribe.delta()) {
      json.writeBooleanField("delta", true);
    }
    if (subscribe.buffer().isPresent()) {
      buffer(subscribe.buffer().get(), json);
    }
    if (subscribe.maxRate().isPresent()) {
      json.writeNumberField("maxRate", subscribe.maxRate().getAsDouble());
    }
    if (subscribe.priority() != ClientMessage.Subscribe.DEFAULT_PRIORITY) {
      json.writeNumberField("priority", subscribe.priority());
    }
  }

  private static void buffer(BufferRequest buffer, JsonGenerator json) throws IOException {
    json.writeObjectFieldStart("buffer");
    if (buffer.maxSize().isPresent()) {
      long size = buffer.maxSize().getAsLong();
      if (size == Buffer.AUTO) {
        json.writeStringField("maxSize", "auto");
      } else {
        json.writeNumberField("maxSize", size);
      }
    }
    optional("dropPolicy", buffer.dropPolicy().map(DropPolicy::wire), json);
    if (buffer.warnThreshold().isPresent()) {
      json.writeNumberField("warnThreshold", buffer.warnThreshold().getAsDouble());
    }
    if (buffer.disconnectThreshold().isPresent()) {
      json.writeNumberField("disconnectThreshold", buffer.disconnectThreshold().getAsDouble());
    }
    if (buffer.maxAge().isPresent()) {
      json.writeNumberField("maxAgeMs", buffer.maxAge().get().toMillis());
    }
    if (buffer.sample().isPresent()) {
      json.writeNumberField("sample", buffer.sample().getAsInt());
    }
    json.writeEndObject();
  }

  private static void optional(String name, Optional<String> value, JsonGenerator json)
      throws IOException {
    if (value.isPresent()) {
      json.writeStringField(name, value.get());
    }
  }
}
