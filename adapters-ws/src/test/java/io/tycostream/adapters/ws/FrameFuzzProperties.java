package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.RawClient.BINARY;
import static io.tycostream.adapters.ws.RawClient.CLOSE;
import static io.tycostream.adapters.ws.RawClient.CONTINUATION;
import static io.tycostream.adapters.ws.RawClient.END;
import static io.tycostream.adapters.ws.RawClient.PING;
import static io.tycostream.adapters.ws.RawClient.PONG;
import static io.tycostream.adapters.ws.RawClient.TEXT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.tycostream.adapters.ws.ExpectedAnswers.Answer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Frames of every kind, right and wrong, in pieces of any size: each is answered as {@link
 * ExpectedAnswers} reads the documents, in order, and the last one is the last.
 */
class FrameFuzzProperties {

  private static final int MAX_MESSAGE = TestGateway.LIMITS.maxRequest();
  private static final byte[] HELLO =
      RawClient.frame(TEXT, true, "{\"type\":\"hello\"}".getBytes(StandardCharsets.UTF_8));

  /** Ends every connection, if nothing did before. */
  private static final byte[] GOODBYE = RawClient.frame(CLOSE, true, new byte[] {3, (byte) 0xE8});

  private static FuzzedGateway gateway;

  @BeforeContainer
  static void start() {
    gateway = new FuzzedGateway();
  }

  @AfterContainer
  static void stop() {
    gateway.close();
  }

  @AfterProperty
  void nothingIsLeft() {
    gateway.check();
  }

  /** Bytes, and where they are cut into segments, as parts of their length. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Sent(byte[] bytes, List<Integer> cuts) {
    @Override
    public String toString() {
      return HexFormat.of().formatHex(bytes) + " cut at " + cuts;
    }
  }

  /** Of a frame: what in place of what, as parts of its length. */
  record Mutation(int at, int by, boolean cutShort) {}

  @Property(tries = 300, seed = "1")
  void everyFrameIsAnsweredAsItShouldBe(@ForAll("sequences") Sent sent) {
    perform(sent);
  }

  @Property(tries = 5_000, seed = "1001")
  @Tag("long")
  @AddLifecycleHook(ProofLine.class)
  void everyFrameIsAnsweredAsItShouldBeForLong(@ForAll("sequences") Sent sent) {
    perform(sent);
  }

  @Property(tries = 300, seed = "2")
  void everyByteMayBeAnother(@ForAll("mutated") Sent sent) {
    perform(sent);
  }

  @Property(tries = 5_000, seed = "1002")
  @Tag("long")
  @AddLifecycleHook(ProofLine.class)
  void everyByteMayBeAnotherForLong(@ForAll("mutated") Sent sent) {
    perform(sent);
  }

  @Provide
  Arbitrary<Sent> sequences() {
    Arbitrary<byte[]> frames = right().list().ofMaxSize(5).map(FrameFuzzProperties::together);
    Arbitrary<byte[]> all =
        Combinators.combine(frames, wrong().optional(0.7), right().optional(0.5))
            .as((before, wrong, after) ->
                together(
                    List.of(
                        HELLO,
                        before,
                        wrong.orElse(new byte[0]),
                        after.orElse(new byte[0]),
                        GOODBYE)));
    return Combinators.combine(all, cuts()).as(Sent::new);
  }

  @Provide
  Arbitrary<Sent> mutated() {
    Arbitrary<Mutation> mutations =
        Combinators.combine(
                Arbitraries.integers().between(0, 9_999),
                Arbitraries.integers().between(1, 255),
                Arbitraries.of(true, false, false, false, false, false))
            .as(Mutation::new);
    Arbitrary<byte[]> all =
        Combinators.combine(
                right().list().ofMinSize(1).ofMaxSize(3),
                mutations.list().ofMinSize(1).ofMaxSize(3))
            .as((frames, changes) -> {
              byte[] bytes = together(frames);
              for (Mutation each : changes) {
                int at = (int) ((long) each.at() * bytes.length / 10_000);
                if (each.cutShort()) {
                  bytes = Arrays.copyOf(bytes, at + 1);
                } else {
                  bytes[at] ^= (byte) each.by();
                }
              }
              return together(List.of(HELLO, bytes, GOODBYE));
            });
    return Combinators.combine(all, cuts()).as(Sent::new);
  }

  private static Arbitrary<List<Integer>> cuts() {
    return Arbitraries.integers().between(0, 9_999).list().ofMaxSize(4);
  }

  /** Frames that are to be taken, however odd. */
  private static Arbitrary<byte[]> right() {
    return Arbitraries.frequencyOf(
        Tuple.of(3, messages().map(message -> RawClient.frame(TEXT, true, message))),
        Tuple.of(4, fragmented()),
        Tuple.of(2, payloads(125).map(payload -> RawClient.frame(PING, true, payload))),
        Tuple.of(1, payloads(125).map(payload -> RawClient.frame(PONG, true, payload))),
        Tuple.of(1, messages().map(message -> wide(TEXT, message))),
        Tuple.of(
            1,
            Arbitraries.of(-1, 0, 1)
                .map(over -> RawClient.frame(TEXT, true, padded(MAX_MESSAGE + over)))));
  }

  /** A message in pieces that are cut between any two bytes, with pings in between. */
  private static Arbitrary<byte[]> fragmented() {
    return Combinators.combine(
            messages(),
            Arbitraries.integers().between(0, 9_999).list().ofMinSize(1).ofMaxSize(5),
            payloads(5).optional(0.4))
        .as((message, cuts, ping) -> {
          ByteArrayOutputStream frames = new ByteArrayOutputStream();
          List<byte[]> pieces = pieces(message, cuts);
          for (int i = 0; i < pieces.size(); i++) {
            int opcode = i == 0 ? TEXT : CONTINUATION;
            frames.writeBytes(RawClient.frame(opcode, i == pieces.size() - 1, pieces.get(i)));
            if (i == 0) {
              ping.ifPresent(payload -> frames.writeBytes(RawClient.frame(PING, true, payload)));
            }
          }
          return frames.toByteArray();
        });
  }

  /** What ends a connection, in one way or another. */
  private static Arbitrary<byte[]> wrong() {
    Arbitrary<byte[]> frames = messages().map(message -> RawClient.frame(TEXT, true, message));
    return Arbitraries.oneOf(
        List.of(
            Combinators.combine(frames, Arbitraries.integers().between(1, 7))
                .as((frame, bits) -> changed(frame, 0, bits << 4)),
            frames.map(frame -> changed(frame, 1, 0x80)),
            Combinators.combine(
                    Arbitraries.of(3, 4, 5, 6, 7, 11, 12, 13, 14, 15), Arbitraries.of(true, false))
                .as((opcode, last) -> RawClient.frame(opcode, last, new byte[] {1})),
            Arbitraries.of(CLOSE, PING, PONG)
                .map(opcode -> RawClient.frame(opcode, false, new byte[0])),
            Combinators.combine(
                    Arbitraries.of(CLOSE, PING, PONG), Arbitraries.integers().between(126, 300))
                .as((opcode, length) -> RawClient.frame(opcode, true, new byte[length])),
            messages().map(message -> RawClient.frame(CONTINUATION, true, message)),
            messages()
                .map(message ->
                    together(
                        List.of(
                            RawClient.frame(TEXT, false, message),
                            RawClient.frame(TEXT, true, message)))),
            messages().map(message -> RawClient.frame(BINARY, true, message)),
            Combinators.combine(messages(), Arbitraries.integers().between(0x80, 0xFF))
                .as((message, octet) -> {
                  message[message.length / 2] = octet.byteValue();
                  return RawClient.frame(TEXT, true, message);
                }),
            // So long that it never comes.
            Arbitraries.longs()
                .map(length ->
                    together(
                        List.of(
                            new byte[] {(byte) 0x81, (byte) 0xFF},
                            ByteBuffer.allocate(Long.BYTES).putLong(length).array(),
                            new byte[] {0, 0, 0, 0}))),
            Arbitraries.integers()
                .between(1, 20_000)
                .map(over -> RawClient.frame(TEXT, true, padded(MAX_MESSAGE + over))),
            Arbitraries.integers()
                .between(1, 4)
                .map(pieces ->
                    together(
                        List.of(
                            RawClient.frame(TEXT, false, padded(MAX_MESSAGE)),
                            RawClient.frame(CONTINUATION, pieces > 2, new byte[pieces])))),
            closes()));
  }

  private static Arbitrary<byte[]> closes() {
    Arbitrary<Integer> codes =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 65_535),
            Arbitraries.integers().between(998, 1_016),
            Arbitraries.integers().between(2_999, 5_001));
    Arbitrary<byte[]> reasons =
        Arbitraries.oneOf(
            Arbitraries.of("", "bye", "€ and more")
                .map(text -> text.getBytes(StandardCharsets.UTF_8)),
            payloads(20));
    return Arbitraries.oneOf(
        Arbitraries.of(0, 1).map(length -> RawClient.frame(CLOSE, true, new byte[length])),
        Combinators.combine(codes, reasons)
            .as((code, reason) ->
                RawClient.frame(
                    CLOSE,
                    true,
                    together(List.of(new byte[] {(byte) (code >> 8), code.byteValue()}, reason)))));
  }

  private static Arbitrary<byte[]> messages() {
    Arbitrary<String> nonces =
        Arbitraries.strings()
            .withChars("aé€")
            .withCharRange(' ', '!')
            .ofMaxLength(8)
            .map(text -> text + "😀");
    return nonces.map(nonce ->
        ("{\"type\":\"ping\",\"nonce\":\"" + nonce + "\"}").getBytes(StandardCharsets.UTF_8));
  }

  private static Arbitrary<byte[]> payloads(int most) {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(most);
  }

  /** A message of so many bytes. */
  private static byte[] padded(int length) {
    String frame = "{\"type\":\"ping\",\"x\":\"\"}";
    return ("{\"type\":\"ping\",\"x\":\"" + "x".repeat(length - frame.length()) + "\"}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** With its length in eight bytes, where one would do. */
  private static byte[] wide(int opcode, byte[] payload) {
    byte[] frame = RawClient.frame(opcode, true, payload);
    ByteBuffer wide = ByteBuffer.allocate(frame.length + 8);
    wide.put(frame[0]).put((byte) 0xFF).putLong(payload.length);
    int header = payload.length < 126 ? 2 : 4;
    wide.put(frame, header, frame.length - header);
    return Arrays.copyOf(wide.array(), wide.position());
  }

  private static byte[] changed(byte[] frame, int at, int bits) {
    frame[at] ^= (byte) bits;
    return frame;
  }

  private static byte[] together(List<byte[]> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static List<byte[]> pieces(byte[] whole, List<Integer> cuts) {
    int[] ends =
        Stream.concat(
                cuts.stream().map(cut -> (int) ((long) cut * whole.length / 10_000)),
                Stream.of(whole.length))
            .mapToInt(end -> end)
            .sorted()
            .toArray();
    byte[][] pieces = new byte[ends.length][];
    for (int i = 0; i < ends.length; i++) {
      pieces[i] = Arrays.copyOfRange(whole, i == 0 ? 0 : ends[i - 1], ends[i]);
    }
    return List.of(pieces);
  }

  private static void perform(Sent sent) {
    ExpectedAnswers.Outcome expected = ExpectedAnswers.to(sent.bytes(), MAX_MESSAGE);
    try (RawClient client = gateway.client()) {
      // What comes behind a close frame would tear the answer to it away.
      byte[] bytes = Arrays.copyOf(sent.bytes(), expected.heard());
      for (byte[] segment : pieces(bytes, sent.cuts())) {
        client.write(segment);
      }
      for (Answer each : expected.answers()) {
        assertEquals(each, answer(client));
      }
      if (!expected.closed()) {
        client.finish();
      }
      assertEquals(END, client.hear());
    }
  }

  private static Answer answer(RawClient client) {
    RawClient.Heard heard = client.hear();
    return switch (heard.opcode()) {
      case PONG -> new Answer.PongFrame(heard.payload());
      case CLOSE -> new Answer.Close(heard.code());
      case TEXT -> answer(client, heard.json());
      default -> throw new AssertionError("no answer: " + heard);
    };
  }

  private static Answer answer(RawClient client, JsonNode json) {
    return switch (TestGateway.type(json)) {
      case "welcome" -> new Answer.Welcome();
      case "pong" ->
          new Answer.Pong(Optional.ofNullable(json.get("nonce")).map(JsonNode::textValue));
      case "error" -> new Answer.Refused(json.get("code").textValue());
      case "bye" -> {
        int code = json.get("code").intValue();
        RawClient.Heard close = client.hear();
        assertEquals(CLOSE, close.opcode());
        assertEquals(code, close.code());
        yield new Answer.Bye(code);
      }
      default -> throw new AssertionError("no answer: " + json);
    };
  }
}
