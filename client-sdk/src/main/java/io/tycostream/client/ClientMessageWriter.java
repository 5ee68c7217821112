package io.tycostream.client;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.tycostream.domain.protocol.ClientMessage;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

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
        case ClientMessage.Subscribe(String ref, String source, Optional<String> after) -> {
          json.writeStringField("type", "subscribe");
          json.writeStringField("ref", ref);
          json.writeStringField("source", source);
          optional("after", after, json);
        }
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
  }

  private static void optional(String name, Optional<String> value, JsonGenerator json)
      throws IOException {
    if (value.isPresent()) {
      json.writeStringField(name, value.get());
    }
  }
}
