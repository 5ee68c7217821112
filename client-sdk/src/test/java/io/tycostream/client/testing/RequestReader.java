package io.tycostream.client.testing;

import io.tycostream.client.testing.RequestFields.BadFieldException;
import io.tycostream.domain.feed.BadFilterException;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.Ack;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.Hello;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ClientMessage.Ping;
import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ClientMessage.Unsubscribe;
import io.tycostream.domain.protocol.ErrorCode;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.session.Shares;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Reads what a client says. */
final class RequestReader {

  private static final int MAX_NAME = 128;
  private static final int MAX_POSITION = 256;
  private static final int MAX_COLUMNS = 1_600;
  private static final double MIN_RATE = 0.001;
  private static final double MAX_RATE = 1_000_000;

  private RequestReader() {}

  /** What came of a text. */
  sealed interface Read {

    record Message(ClientMessage message) implements Read {}

    /**
     * The request is refused, the connection stays.
     *
     * @param type of the request
     */
    record Wrong(String type, Refused answer) implements Read {}

    /** Not the protocol: the connection ends. */
    record Garbage(String reason) implements Read {}
  }

  static Read read(String text) {
    Object json;
    try {
      json = JsonText.read(text);
    } catch (IOException | NumberFormatException e) {
      return new Read.Garbage("not one JSON value");
    }
    return json instanceof Map<?, ?> object && object.get("type") instanceof String type
        ? request(type, new RequestFields(object))
        : new Read.Garbage("not an object with a text \"type\"");
  }

  private static Read request(String type, RequestFields fields) {
    try {
      return switch (type) {
        case "hello" -> new Read.Message(hello(fields));
        case "subscribe" -> new Read.Message(subscribe(fields));
        case "unsubscribe" -> new Read.Message(unsubscribe(fields));
        case "ack" ->
            new Read.Message(
                new Ack(fields.requiredFeed(), fields.required("position", MAX_POSITION)));
        case "ping" -> new Read.Message(new Ping(fields.text("nonce", MAX_NAME)));
        default ->
            wrong(
                type, fields, ErrorCode.UNKNOWN_TYPE, "\"" + type + "\" is no message of a client");
      };
    } catch (BadFieldException e) {
      return wrong(type, fields, ErrorCode.BAD_REQUEST, String.valueOf(e.getMessage()));
    } catch (BadFilterException e) {
      return wrong(type, fields, ErrorCode.BAD_FILTER, e.reason());
    }
  }

  private static Read wrong(String type, RequestFields fields, ErrorCode code, String reason) {
    return new Read.Wrong(
        type,
        new Refused(
            fields.refIfAny(MAX_NAME), fields.feedIfAny(), code.wire(), reason, code.retryable()));
  }

  private static Hello hello(RequestFields fields) throws BadFieldException {
    return new Hello(
        fields.text("token", Integer.MAX_VALUE),
        fields.text("client", MAX_NAME),
        fields.text("resume", Integer.MAX_VALUE),
        fields.texts("positions"),
        fields.truth("acks", false),
        buffer(fields));
  }

  private static Subscribe subscribe(RequestFields fields) throws BadFieldException {
    OnGap onGap = fields.word("onGap", OnGap.values(), OnGap::wire).orElse(OnGap.SNAPSHOT);
    boolean snapshot = fields.truth("snapshot", true);
    if (!snapshot && onGap != OnGap.CONTINUE) {
      throw new BadFieldException(
          "\"snapshot\" is false, which only goes with \"onGap\":\"continue\"");
    }
    OptionalDouble rate = fields.number("maxRate");
    if (rate.isPresent() && !(rate.getAsDouble() >= MIN_RATE && rate.getAsDouble() <= MAX_RATE)) {
      throw new BadFieldException("\"maxRate\" is from 0.001 to 1,000,000 changes a second");
    }
    Object where = fields.value("where");
    return new Subscribe(
        fields.required("ref", MAX_NAME),
        fields.required("source", MAX_NAME),
        where == null ? Filter.EVERYTHING : WhereReader.read(where),
        fields.distinctTexts("columns", MAX_COLUMNS, MAX_NAME),
        fields.text("after", MAX_POSITION),
        snapshot,
        onGap,
        fields.truth("delta", false),
        buffer(fields),
        rate,
        fields.whole("priority", Shares.LOWEST, Shares.HIGHEST).orElse(Subscribe.DEFAULT_PRIORITY));
  }

  private static Optional<BufferRequest> buffer(RequestFields message) throws BadFieldException {
    Optional<RequestFields> buffer = message.nested("buffer");
    if (buffer.isEmpty()) {
      return Optional.empty();
    }
    RequestFields fields = buffer.get();
    OptionalLong age = fields.wholeLong("maxAgeMs", 1, Long.MAX_VALUE);
    return Optional.of(
        new BufferRequest(
            "auto".equals(fields.value("maxSize"))
                ? OptionalLong.of(Buffer.AUTO)
                : fields.wholeLong("maxSize", 1, Buffer.AUTO - 1),
            fields.word("dropPolicy", DropPolicy.values(), DropPolicy::wire),
            fields.number("warnThreshold"),
            fields.number("disconnectThreshold"),
            age.isPresent() ? Optional.of(Duration.ofMillis(age.getAsLong())) : Optional.empty(),
            fields.whole("sample", 1, Integer.MAX_VALUE)));
  }

  private static Unsubscribe unsubscribe(RequestFields fields) throws BadFieldException {
    Unsubscribe unsubscribe = new Unsubscribe(fields.text("ref", MAX_NAME), fields.feed());
    if (unsubscribe.ref().isEmpty() && unsubscribe.feed().isEmpty()) {
      throw new BadFieldException("\"ref\" or \"feed\" is needed");
    }
    return unsubscribe;
  }
}
