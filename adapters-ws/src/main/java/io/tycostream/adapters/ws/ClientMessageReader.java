package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tycostream.adapters.ws.MessageFields.BadFieldException;
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
import io.tycostream.domain.session.Shares;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Reads what a client says. Unknown fields are ignored. */
final class ClientMessageReader {

  /** The longest text that a client may choose itself: ids, refs, nonces. */
  private static final int MAX_NAME = 128;

  private static final int MAX_POSITION = 256;

  /** One change in a quarter of an hour; nobody who wants less stays connected for it. */
  private static final double MIN_RATE = 0.001;

  /** What no client takes: above it a limit is none. */
  private static final double MAX_RATE = 1_000_000;

  /** PostgreSQL's limit, which no database that is followed here exceeds. */
  private static final int MAX_COLUMNS = 1_600;

  private static final ObjectMapper JSON =
      JsonMapper.builder(JsonFactory.builder().recyclerPool(JsonBuffers.SHARED).build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS) // for the digits of filters
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
    } catch (NumberFormatException e) { // Jackson lets it through
      return new Read.Garbage("a number with an exponent that nobody can reckon with");
    }
    if (!json.isObject() || !json.path("type").isTextual()) {
      return new Read.Garbage("not an object with a text \"type\"");
    }
    MessageFields fields = new MessageFields(json);
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
            refused(
                fields,
                ErrorCode.UNKNOWN_TYPE,
                "\"" + shortened(json.get("type").textValue()) + "\" is no message of a client");
      };
    } catch (BadFieldException e) {
      return refused(fields, ErrorCode.BAD_REQUEST, e.reason());
    } catch (BadFilterException e) {
      return refused(fields, ErrorCode.BAD_FILTER, e.reason());
    }
  }

  private static Read refused(MessageFields fields, ErrorCode code, String reason) {
    return new Read.Refused(
        fields.type(), fields.refIfAny(MAX_NAME), fields.feedIfAny(), code, reason);
  }

  private static int column(JacksonException e) {
    return e.getLocation() == null ? 1 : e.getLocation().getColumnNr();
  }

  private static Hello hello(MessageFields fields) throws BadFieldException {
    return new Hello(
        fields.text("token", Integer.MAX_VALUE),
        fields.text("client", MAX_NAME),
        fields.text("resume", Integer.MAX_VALUE),
        fields.texts("positions"),
        fields.truth("acks", false),
        buffer(fields));
  }

  private static Subscribe subscribe(MessageFields fields) throws BadFieldException {
    OnGap onGap = fields.word("onGap", OnGap.values(), OnGap::wire).orElse(OnGap.SNAPSHOT);
    boolean snapshot = fields.truth("snapshot", true);
    if (!snapshot && onGap != OnGap.CONTINUE) {
      throw new BadFieldException(
          "\"snapshot\" is false, which only goes with \"onGap\":\"continue\"");
    }
    OptionalDouble maxRate = fields.number("maxRate");
    if (maxRate.isPresent()
        && !(maxRate.getAsDouble() >= MIN_RATE && maxRate.getAsDouble() <= MAX_RATE)) {
      throw new BadFieldException("\"maxRate\" is from 0.001 to 1,000,000 changes a second");
    }
    return new Subscribe(
        fields.required("ref", MAX_NAME),
        fields.required("source", MAX_NAME),
        fields.value("where").map(WhereReader::read).orElse(Filter.EVERYTHING),
        fields.distinctTexts("columns", MAX_COLUMNS, MAX_NAME),
        fields.text("after", MAX_POSITION),
        snapshot,
        onGap,
        fields.truth("delta", false),
        buffer(fields),
        maxRate,
        fields.whole("priority", Shares.LOWEST, Shares.HIGHEST).orElse(Subscribe.DEFAULT_PRIORITY));
  }

  private static Optional<BufferRequest> buffer(MessageFields message) throws BadFieldException {
    Optional<MessageFields> buffer = message.nested("buffer");
    if (buffer.isEmpty()) {
      return Optional.empty();
    }
    MessageFields fields = buffer.get();
    OptionalLong age = fields.wholeLong("maxAgeMs", 1, Long.MAX_VALUE);
    return Optional.of(
        new BufferRequest(
            fields.isText("maxSize", "auto")
                ? OptionalLong.of(Buffer.AUTO)
                : fields.wholeLong("maxSize", 1, Buffer.AUTO - 1, ", or \"auto\""),
            fields.word("dropPolicy", DropPolicy.values(), DropPolicy::wire),
            fields.number("warnThreshold"),
            fields.number("disconnectThreshold"),
            age.isPresent() ? Optional.of(Duration.ofMillis(age.getAsLong())) : Optional.empty(),
            fields.whole("sample", 1, Integer.MAX_VALUE)));
  }

  private static Unsubscribe unsubscribe(MessageFields fields) throws BadFieldException {
    Unsubscribe unsubscribe = new Unsubscribe(fields.text("ref", MAX_NAME), fields.feed());
    if (unsubscribe.ref().isEmpty() && unsubscribe.feed().isEmpty()) {
      throw new BadFieldException("\"ref\" or \"feed\" is needed");
    }
    return unsubscribe;
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
