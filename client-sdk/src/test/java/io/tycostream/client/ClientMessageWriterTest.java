package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.protocol.ClientMessage;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class ClientMessageWriterTest {

  @Test
  void writesEveryMessage() {
    assertWrites(
        "{'type':'hello'}",
        new ClientMessage.Hello(
            Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), false));
    assertWrites(
        "{'type':'hello','token':'t','client':'c','resume':'r','positions':{'a':'p'},'acks':true}",
        new ClientMessage.Hello(
            Optional.of("t"), Optional.of("c"), Optional.of("r"), Map.of("a", "p"), true));
    assertWrites(
        "{'type':'subscribe','ref':'a','source':'s'}",
        new ClientMessage.Subscribe("a", "s", Optional.empty()));
    assertWrites(
        "{'type':'subscribe','ref':'a','source':'s','after':'p'}",
        new ClientMessage.Subscribe("a", "s", Optional.of("p")));
    assertWrites(
        "{'type':'unsubscribe','ref':'a'}",
        new ClientMessage.Unsubscribe(Optional.of("a"), OptionalInt.empty()));
    assertWrites(
        "{'type':'unsubscribe','feed':4}",
        new ClientMessage.Unsubscribe(Optional.empty(), OptionalInt.of(4)));
    assertWrites("{'type':'ack','feed':4,'position':'p'}", new ClientMessage.Ack(4, "p"));
    assertWrites("{'type':'ping','nonce':'n'}", new ClientMessage.Ping(Optional.of("n")));
  }

  private static void assertWrites(String expected, ClientMessage message) {
    assertEquals(expected.replace('\'', '"'), ClientMessageWriter.write(message));
  }
}
