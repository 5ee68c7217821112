package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.ClientMessage.Ping;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import io.tycostream.domain.protocol.ErrorCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads what a client says. Unknown fields are ignored. */
final class ClientMessageReader {

  /** The longest text that a client may choose itself: ids, refs, nonces. */
  private static final int MAX_NAME = 128;

  private static final int MAX_POSITION = 256;

  /** They would change what the client gets, so they are refused rather than ignored. */
  private static final List<String> NOT_IN_THIS_VERSION =
      List.of("where", "columns", "delta", "buffer", "maxRate", "priority", "snapshot", "onGap");

  /** What says only what is so anyway. */
  private static final Map<String, JsonNode> DEFAULTS =
      Map.of(
          "delta", BooleanNode.FALSE,
          "snapshot", BooleanNode.TRUE,
          "onGap", TextNode.valueOf("snapshot"));

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ClientMessageReader() {}

  /** What came of a text. */
  sealed interface Read {

    record Message(ClientMessage message) implements Read {}

    /** The request is refused, the connection stays. */
    record Refused(
        String type, Optional<String> ref, OptionalInt feed, ErrorCode code, String reason)
        implements Read {}

    /** Not the protocol: the connection ends. */
    record Garbage(String reason) implements Read {}
  }

  static Read read(String text) {
    JsonNode json;
    try {
      json = JSON.readTree(text);
    } catch (JacksonException e) {
      return new Read.Garbage("not one JSON value, from column " + column(e) + " on");
    }
    if (!json.isObject() || !json.path("type").isTextual()) {
      return new Read.Garbage("not an object with a text \"type\"");
    }
    Fields fields = new Fields(json);
    try {
      return switch (json.get("type").textValue()) {
        case "hello" -> new Read.Message(hello(fields));
        case "subscribe" -> new Read.Message(subscribe(fields));
        case "unsubscribe" -> new Read.Message(unsubscribe(fields));
        case "ack" ->
            new Read.Message(
                new Ack(fields.requiredFeed(), fields.required("position", MAX_POSITION)));
        case "ping" -> new Read.Message(new Ping(fields.text("nonce", MAX_NAME)));
        default ->
            fields.refused(
                ErrorCode.UNKNOWN_TYPE,
                "\"" + shortened(json.get("type").textValue()) + "\" is no message of a client");
      };
    } catch (BadFieldException e) {
      return fields.refused(ErrorCode.BAD_REQUEST, e.reason);
    }
  }

  private static int column(JacksonException e) {
    return e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
  }

  private static Hello hello(Fields fields) throws BadFieldException {
    fields.refuseIfPresent(List.of("buffer"));
    return new Hello(
        fields.text("token", Integer.MAX_VALUE),
        fields.text("client", MAX_NAME),
        fields.text("resume", Integer.MAX_VALUE),
        fields.texts("positions"),
        fields.bool("acks"));
  }

  private static Subscribe subscribe(Fields fields) throws BadFieldException {
    fields.refuseIfPresent(NOT_IN_THIS_VERSION);
    return new Subscribe(
        fields.required("ref", MAX_NAME),
        fields.required("source", MAX_NAME),
        fields.text("after", MAX_POSITION));
  }

  private static Unsubscribe unsubscribe(Fields fields) throws BadFieldException {
    Unsubscribe unsubscribe = new Unsubscribe(fields.text("ref", MAX_NAME), fields.feed());
    if (unsubscribe.ref().isEmpty() && unsubscribe.feed().isEmpty()) {
      throw new BadFieldException("\"ref\" or \"feed\" is needed");
    }
    return unsubscribe;
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private static final class BadFieldException extends Exception {
    private static final long serialVersionUID = 1L;
    private final String reason;

    BadFieldException(String reason) {
      super(reason);
      this.reason = reason;
    }
  }

  /** The fields of one message; one that is JSON null counts as not there. */
  private record Fields(JsonNode json) {

    Read refused(ErrorCode code, String reason) {
      JsonNode ref = json.path("ref");
      JsonNode feed = json.path("feed");
      return new Read.Refused(
          json.path("type").asText(),
          ref.isTextual() && ref.textValue().length() <= MAX_NAME
              ? Optional.of(ref.textValue())
              : Optional.empty(),
          feed.isInt() ? OptionalInt.of(feed.intValue()) : OptionalInt.empty(),
          code,
          reason);
    }

    void refuseIfPresent(List<String> names) throws BadFieldException {
      for (String name : names) {
        if (json.hasNonNull(name) && !json.get(name).equals(DEFAULTS.get(name))) {
          throw new BadFieldException("\"" + name + "\" is not supported by this gateway version");
        }
      }
    }

    Optional<String> text(String name, int maxLength) throws BadFieldException {
      if (!json.hasNonNull(name)) {
        return Optional.empty();
      }
      JsonNode value = json.get(name);
      if (!value.isTextual()) {
        throw new BadFieldException("\"" + name + "\" is not a text");
      }
      if (value.textValue().isEmpty() || value.textValue().length() > maxLength) {
        throw new BadFieldException(
            "\""
                + name
                + "\" has "
                + value.textValue().length()
                + " characters, not 1 to "
                + maxLength);
      }
      return Optional.of(value.textValue());
    }

    String required(String name, int maxLength) throws BadFieldException {
      return text(name, maxLength)
          .orElseThrow(() -> new BadFieldException("\"" + name + "\" is missing"));
    }

    OptionalInt feed() throws BadFieldException {
      if (!json.hasNonNull("feed")) {
        return OptionalInt.empty();
      }
      if (!json.get("feed").isInt()) {
        throw new BadFieldException("\"feed\" is not a feed's number");
      }
      return OptionalInt.of(json.get("feed").intValue());
    }

    int requiredFeed() throws BadFieldException {
      return feed().orElseThrow(() -> new BadFieldException("\"feed\" is missing"));
    }

    boolean bool(String name) throws BadFieldException {
      JsonNode value = json.path(name);
      if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
        throw new BadFieldException("\"" + name + "\" is neither true nor false");
      }
      return value.booleanValue();
    }

    Map<String, String> texts(String name) throws BadFieldException {
      Map<String, String> texts = new HashMap<>();
      JsonNode object = json.path(name);
      if (object.isMissingNode() || object.isNull()) {
        return texts;
      }
      if (!object.isObject() || !object.valueStream().allMatch(JsonNode::isTextual)) {
        throw new BadFieldException("\"" + name + "\" is not an object of texts");
      }
      object
          .propertyStream()
          .forEach(entry -> texts.put(entry.getKey(), entry.getValue().textValue()));
      return texts;
    }
  }
}
