package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A small model of RFC 6455 and of the protocol's words about it: what a gateway answers to the
 * bytes that a client sends. It knows {@code hello} and {@code ping}; each other type of message is
 * unknown to it.
 */
final class ExpectedAnswers {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final int maxMessage;
  private final List<Answer> answers = new ArrayList<>();
  private ByteBuffer bytes = ByteBuffer.allocate(0);
  private Optional<ByteArrayOutputStream> begun = Optional.empty();
  private boolean greeted;
  private boolean over;
  private boolean closed;

  /** What a client hears. */
  sealed interface Answer {
    record Welcome() implements Answer {}

    record Pong(Optional<String> nonce) implements Answer {}

    record Refused(String code) implements Answer {}

    /** The pong of WebSocket. */
    record PongFrame(String payload) implements Answer {}

    /** The last message and a close frame with the same code. */
    record Bye(int code) implements Answer {}

    /** The answer to a close frame. */
    record Close(int code) implements Answer {}
  }

  private ExpectedAnswers(int maxMessage) {
    this.maxMessage = maxMessage;
  }

  /**
   * What comes of some bytes.
   *
   * @param answers in the order in which they come; the last one is the end where there is one
   * @param closed whether the client has said that it leaves, and nothing more is awaited of it
   * @param heard how many of the bytes are looked at, up to and with a close frame
   */
  record Outcome(List<Answer> answers, boolean closed, int heard) {}

  static Outcome to(byte[] sent, int maxMessage) {
    ExpectedAnswers model = new ExpectedAnswers(maxMessage);
    model.bytes = ByteBuffer.wrap(sent);
    boolean more = true;
    while (more) {
      more = model.frame();
    }
    return new Outcome(
        model.answers, model.closed, model.closed ? model.bytes.position() : sent.length);
  }

  /** Whether another one may follow. */
  private boolean frame() {
    if (bytes.remaining() < 2) {
      return false;
    }
    int first = bytes.get() & 0xFF;
    int second = bytes.get() & 0xFF;
    long length = second & 0x7F;
    int more = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (bytes.remaining() < more) {
      return false;
    }
    if (more > 0) {
      length = more == 2 ? bytes.getShort() & 0xFFFF : bytes.getLong();
    }
    int opcode = first & 0xF;
    boolean last = first >= 0x80;
    boolean data = opcode == 0 || opcode == 1;
    boolean control = opcode == 8 || opcode == 9 || opcode == 10;
    boolean wrong =
        (first & 0x70) != 0
            || second < 0x80
            || length < 0
            || (!data && !control)
            || (control && (!last || length > 125))
            || (data && (opcode == 0) != begun.isPresent());
    boolean large = data && begun.map(ByteArrayOutputStream::size).orElse(0) + length > maxMessage;
    if (!over && (wrong || large)) {
      end(new Answer.Bye(wrong ? 4400 : 1009));
    }
    long rest = second < 0x80 ? length : 4 + length;
    if (rest < 0 || bytes.remaining() < rest) {
      return false;
    }
    if (over && (wrong || opcode != 8)) {
      bytes.position(bytes.position() + (int) rest);
      return true;
    }
    byte[] mask = new byte[4];
    byte[] payload = new byte[(int) length];
    bytes.get(mask).get(payload);
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (payload[i] ^ mask[i & 3]);
    }
    switch (opcode) {
      case 8 -> close(payload);
      case 9 -> answers.add(new Answer.PongFrame(new String(payload, StandardCharsets.ISO_8859_1)));
      case 10 -> {}
      default -> data(payload, last);
    }
    return !closed;
  }

  private void close(byte[] payload) {
    closed = true;
    if (over) {
      return;
    }
    if (payload.length == 0) {
      end(new Answer.Close(1000));
      return;
    }
    byte[] reason = new byte[Math.max(0, payload.length - 2)];
    System.arraycopy(payload, payload.length - reason.length, reason, 0, reason.length);
    if (payload.length == 1 || text(reason).isEmpty()) {
      end(new Answer.Close(1002));
      return;
    }
    int code = ((payload[0] & 0xFF) << 8) | (payload[1] & 0xFF);
    boolean echoed =
        (code >= 1000 && code <= 1003)
            || (code >= 1007 && code <= 1014)
            || (code >= 3000 && code < 5000);
    end(new Answer.Close(echoed ? code : 1000));
  }

  private void data(byte[] payload, boolean last) {
    ByteArrayOutputStream message = begun.orElseGet(ByteArrayOutputStream::new);
    message.writeBytes(payload);
    begun = last ? Optional.empty() : Optional.of(message);
    if (last) {
      text(message.toByteArray())
          .flatMap(ExpectedAnswers::json)
          .filter(json -> json.path("type").isTextual())
          .ifPresentOrElse(this::said, () -> end(new Answer.Bye(4400)));
    }
  }

  private void said(JsonNode json) {
    String type = json.get("type").textValue();
    JsonNode nonce = json.path("nonce");
    if (type.equals("hello")) {
      greeted = true;
      answers.add(new Answer.Welcome());
    } else if (!greeted) {
      end(new Answer.Bye(4400));
    } else if (!type.equals("ping")) {
      answers.add(new Answer.Refused("unknown-type"));
    } else if (nonce.isMissingNode() || nonce.isNull()) {
      answers.add(new Answer.Pong(Optional.empty()));
    } else if (nonce.isTextual()
        && !nonce.textValue().isEmpty()
        && nonce.textValue().length() <= 128) {
      answers.add(new Answer.Pong(Optional.of(nonce.textValue())));
    } else {
      answers.add(new Answer.Refused("bad-request"));
    }
  }

  private void end(Answer answer) {
    answers.add(answer);
    over = true;
  }

  private static Optional<String> text(byte[] bytes) {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private static Optional<JsonNode> json(String text) {
    try {
      return Optional.of(JSON.readTree(text)).filter(JsonNode::isObject);
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
