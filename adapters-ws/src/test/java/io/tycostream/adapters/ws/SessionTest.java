package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.HandshakeTest.assertBye;
import static io.tycostream.adapters.ws.RawClient.CLOSE;
import static io.tycostream.adapters.ws.TestGateway.subscribe;
import static io.tycostream.adapters.ws.TestGateway.subscribeWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.Grant;
import io.tycostream.domain.session.ResumeTicket;
import io.tycostream.domain.session.SessionSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What outlives a connection, and who may take it up. */
class SessionTest {

  private final HandFed things = new HandFed("things").load(3);
  private final HandFed others = new HandFed("others").load(3);
  private TestGateway gateway;

  @BeforeEach
  void start() {
    gateway = new TestGateway(TestGateway.LIMITS, SessionTest::principal, things, others);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  /** A token is the name of who has it. */
  private static Authenticator.Verdict principal(Optional<String> token) {
    return new Authenticator.Verdict.Granted(
        new Grant(token.orElse("nobody"), Optional.empty(), Map.of(), false, Optional.empty()));
  }

  @Test
  void aSessionIsTakenUpWithItsSubscriptionsFromThePositionsThatTheClientHas() {
    String resume;
    String session;
    String position;
    try (RawClient client = gateway.client()) {
      JsonNode welcome = hello(client, "");
      assertFalse(welcome.get("resumed").booleanValue());
      assertEquals(120_000, welcome.get("sessionTtlMs").longValue());
      resume = welcome.get("resume").textValue();
      session = welcome.get("session").textValue();
      client.send(subscribe("things"));
      client.await("progress");
      client.send(subscribeWith("all", "others", "`delta`:true"));
      client.await("progress");
      things.put(1, "seen");
      position = client.await("batch").get("position").textValue();
      client.reset();
    }
    awaitDetached(1);
    things.put(2, "missed");
    try (RawClient client = gateway.client()) {
      JsonNode welcome =
          hello(
              client,
              ",\"resume\":\"" + resume + "\",\"positions\":{\"r-things\":\"" + position + "\"}");
      assertTrue(welcome.get("resumed").booleanValue());
      assertEquals(session, welcome.get("session").textValue());
      JsonNode begun = client.message("subscribed");
      assertEquals("r-things", begun.get("ref").textValue());
      assertEquals("replay", begun.get("start").textValue());
      assertEquals(position, begun.get("position").textValue());
      JsonNode again = client.await("subscribed");
      assertEquals("all", again.get("ref").textValue());
      assertEquals("snapshot", again.get("start").textValue(), "it gave no position");
      assertEquals(0, gateway.gateway().detached());
    }
  }

  @Test
  void whatWasEndedOrRefusedIsNotRestored() {
    String resume;
    try (RawClient client = gateway.client()) {
      resume = hello(client, "").get("resume").textValue();
      client.send(subscribe("things"));
      client.await("progress");
      client.send("{\"type\":\"unsubscribe\",\"ref\":\"r-things\"}");
      client.await("unsubscribed");
      client.send(subscribeWith("bad", "others", "`where`:{`nope`:{`_eq`:1}}"));
      assertEquals("unknown-column", client.await("error").get("code").textValue());
      client.reset();
    }
    awaitDetached(1);
    try (RawClient client = gateway.client()) {
      assertTrue(hello(client, ",\"resume\":\"" + resume + "\"").get("resumed").booleanValue());
      client.send("{\"type\":\"ping\"}");
      client.message("pong");
    }
  }

  @Test
  void aPipelinedSubscribeReplacesTheRestoredOne() {
    String resume;
    try (RawClient client = gateway.client()) {
      resume = hello(client, "").get("resume").textValue();
      client.send(subscribeWith("mine", "things", "`delta`:false"));
      client.await("progress");
      client.reset();
    }
    awaitDetached(1);
    try (RawClient client = gateway.client()) {
      client.send("{\"type\":\"hello\",\"resume\":\"" + resume + "\"}");
      client.send(subscribeWith("mine", "others", "`delta`:false"));
      client.message("welcome");
      JsonNode subscribed = client.message("subscribed");
      while (!subscribed.get("source").textValue().equals("others")) { // the restored one began
        assertEquals("mine", subscribed.get("ref").textValue());
        subscribed = client.await("subscribed");
      }
      assertEquals("mine", subscribed.get("ref").textValue());
      assertEquals(
          1, gateway.gateway().clients().getFirst().subscriptions().size(), "in its place");
    }
  }

  @Test
  void eventsWithoutAPositionAreSaidToBeLost() {
    String resume;
    try (RawClient client = gateway.client()) {
      resume = hello(client, "").get("resume").textValue();
      client.send(subscribeWith("e", "things", "`onGap`:`continue`,`snapshot`:false"));
      client.await("progress");
      client.reset();
    }
    awaitDetached(1);
    try (RawClient client = gateway.client()) {
      hello(client, ",\"resume\":\"" + resume + "\"");
      JsonNode subscribed = client.message("subscribed");
      assertEquals("live", subscribed.get("start").textValue());
      JsonNode gap = client.message("gap");
      assertEquals(-1, gap.get("dropped").longValue());
      assertEquals("none", gap.get("recovery").textValue());
      assertEquals(subscribed.get("position"), gap.get("upTo"));
    }
  }

  @Test
  void aNewerConnectionTakesTheSessionOver() {
    try (RawClient older = gateway.client();
        RawClient newer = gateway.client()) {
      String resume = hello(older, "").get("resume").textValue();
      older.send(subscribe("things"));
      older.await("progress");
      assertTrue(hello(newer, ",\"resume\":\"" + resume + "\"").get("resumed").booleanValue());
      JsonNode bye = older.await("bye");
      assertEquals(4409, bye.get("code").intValue());
      assertEquals(CLOSE, older.hear().opcode());
      newer.await("subscribed");
      older.reset();
      TestGateway.await("one is left", () -> gateway.gateway().connected() == 1);
    }
  }

  @Test
  void nobodyTakesUpTheSessionOfAnotherOne() {
    String resume;
    try (RawClient client = gateway.client()) {
      resume = hello(client, "").get("resume").textValue();
      client.send(subscribe("things"));
      client.await("progress");
      client.reset();
    }
    awaitDetached(1);
    try (RawClient thief = gateway.client()) {
      JsonNode welcome = hello(thief, ",\"token\":\"thief\",\"resume\":\"" + resume + "\"");
      assertFalse(welcome.get("resumed").booleanValue());
      thief.send("{\"type\":\"ping\"}");
      thief.message("pong");
    }
    try (RawClient owner = gateway.client()) {
      assertTrue(hello(owner, ",\"resume\":\"" + resume + "\"").get("resumed").booleanValue());
    }
  }

  @Test
  void aTokenThatWasNotSignedHereIsNone() {
    String forged = new ResumeTokens("another secret").sign(ticket());
    for (String token : List.of("x", "a.b.c", forged)) {
      try (RawClient client = gateway.client()) {
        JsonNode welcome = hello(client, ",\"resume\":\"" + token + "\"");
        assertFalse(welcome.get("resumed").booleanValue(), token);
      }
    }
  }

  private static ResumeTicket ticket() {
    return new ResumeTicket("some session", "nobody", Instant.MAX);
  }

  @Test
  void whoLeavesForGoodLeavesNothing() {
    try (RawClient client = gateway.client()) {
      hello(client, "");
      client.sendClose(1000);
      assertEquals(CLOSE, client.hear().opcode());
    }
    gateway.awaitNobody(1);
    assertEquals(0, gateway.gateway().detached());
  }

  @Test
  void aSessionThatNobodyTakesUpIsForgotten() {
    try (TestGateway hasty =
        new TestGateway(
            new TestGateway.Changed()
                .times(
                    new SessionSettings(
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(2),
                        Duration.ofMillis(300)))
                .limits(),
            things)) {
      String resume;
      try (RawClient client = hasty.client()) {
        resume = hello(client, "").get("resume").textValue();
        client.reset();
      }
      TestGateway.await("it is kept", () -> hasty.gateway().detached() == 1);
      TestGateway.await("it is forgotten", () -> hasty.gateway().clients().isEmpty());
      try (RawClient client = hasty.client()) {
        assertFalse(hello(client, ",\"resume\":\"" + resume + "\"").get("resumed").booleanValue());
      }
    }
  }

  @Test
  void whatIsKeptCanBeSeen() {
    try (RawClient client = gateway.client()) {
      hello(client, ",\"client\":\"desk 7\",\"token\":\"anna\"");
      client.send(subscribe("things"));
      client.await("progress");
      TestGateway.await(
          "what it takes is seen", () -> gateway.gateway().clients().getFirst().kept() > 100);
      client.reset();
    }
    awaitDetached(1);
    ConnectedClient kept = gateway.gateway().clients().getFirst();
    assertEquals(ConnectedClient.State.DETACHED, kept.state());
    assertEquals(Optional.of("desk 7"), kept.client());
    assertEquals(Optional.of("anna"), kept.principal());
    assertEquals("r-things", kept.subscriptions().getFirst().ref());
    assertTrue(kept.until().isPresent());
    assertTrue(kept.kept() > 100, "bytes");
  }

  @Test
  void newCredentialsOfSomebodyElseEndTheConnection() {
    try (RawClient client = gateway.client()) {
      hello(client, "");
      client.send("{\"type\":\"hello\",\"token\":\"somebody else\"}");
      assertBye(client, CloseCode.FORBIDDEN.code(), true);
    }
  }

  @Test
  void helloOnAnOpenConnectionIsWelcomedAgainAndChangesNothing() {
    try (RawClient client = gateway.client()) {
      JsonNode first = hello(client, "");
      client.send(subscribe("things"));
      client.await("progress");
      JsonNode second = hello(client, "");
      assertEquals(first.get("session"), second.get("session"));
      things.put(1, "goes on");
      client.message("batch");
    }
  }

  @Test
  void sessionsOfDifferentConnectionsAreDifferent() {
    try (RawClient one = gateway.client();
        RawClient other = gateway.client()) {
      assertNotEquals(hello(one, "").get("session"), hello(other, "").get("session"));
    }
  }

  private static JsonNode hello(RawClient client, String more) {
    client.send("{\"type\":\"hello\"" + more + "}");
    return client.await("welcome");
  }

  private void awaitDetached(int count) {
    TestGateway.await(count + " sessions wait", () -> gateway.gateway().detached() == count);
  }
}
