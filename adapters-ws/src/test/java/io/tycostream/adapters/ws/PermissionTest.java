package io.tycostream.adapters.ws;

import static io.tycostream.adapters.ws.HandshakeTest.assertBye;
import static io.tycostream.adapters.ws.TestGateway.subscribe;
import static io.tycostream.adapters.ws.TestGateway.subscribeWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.Grant;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who may see what. */
class PermissionTest {

  private static final Filter FIRST =
      new Filter.Compared("id", Filter.Comparison.EQ, new Literal.Number("1"));

  private final Map<String, Grant> grants = new ConcurrentHashMap<>();
  private final HandFed things = new HandFed("things").load(3);
  private final HandFed others = new HandFed("others").load(3);
  private TestGateway gateway;

  @BeforeEach
  void start() {
    grants.put("all", grant(Optional.empty(), Map.of()));
    grants.put("things", grant(Optional.of(Set.of("things")), Map.of()));
    grants.put("first", grant(Optional.empty(), Map.of("things", FIRST)));
    gateway = new TestGateway(TestGateway.LIMITS, this::check, things, others);
  }

  @AfterEach
  void stop() {
    gateway.close();
  }

  private Authenticator.Verdict check(Optional<String> token) {
    Grant known = token.map(grants::get).orElse(null);
    return known == null
        ? new Authenticator.Verdict.Denied(CloseCode.UNAUTHENTICATED, "who are you?")
        : new Authenticator.Verdict.Granted(known);
  }

  private static Grant grant(Optional<Set<String>> sources, Map<String, Filter> filters) {
    return new Grant("somebody", sources, filters, false, Optional.empty());
  }

  @Test
  void missingAndWrongCredentialsAreToldOnTheOpenSocket() {
    try (RawClient client = gateway.client()) {
      client.send("{\"type\":\"hello\"}");
      client.send(subscribe("things"));
      assertEquals("who are you?", assertBye(client, 4401, true).get("reason").textValue());
    }
    try (RawClient client = gateway.client()) {
      client.send("{\"type\":\"hello\",\"token\":\"wrong\"}");
      assertBye(client, 4401, true);
    }
  }

  @Test
  void credentialsMayComeWithTheUpgrade() {
    try (RawClient client = RawClient.connect(gateway.port())) {
      client.upgrade("Authorization: Bearer things");
      client.send("{\"type\":\"hello\"}");
      client.message("welcome");
      client.send(subscribe("things"));
      client.await("snapshot");
    }
  }

  @Test
  void aSourceThatIsNotAllowedIsForbidden() {
    try (RawClient client = hello("things")) {
      client.send(subscribe("others"));
      assertEquals("forbidden", client.message("error").get("code").textValue());
      client.send(subscribe("things"));
      client.await("snapshot");
    }
  }

  @Test
  void onlyPermittedRowsAreEverSeen() {
    try (RawClient client = hello("first")) {
      client.send(
          subscribeWith("r", "things", "`where`:{`_or`:[{`id`:{`_gt`:0}},{`id`:{`_lt`:9}}]}"));
      assertEquals(
          "[{\"id\":1,\"note\":\"note 1\"}]", client.await("snapshot").get("rows").toString());
      client.await("progress");
      things.put(2, "not for you");
      things.put(1, "for you");
      assertEquals(
          "[{\"op\":\"update\",\"row\":{\"id\":1,\"note\":\"for you\"}}]",
          client.await("batch").get("changes").toString());
    }
  }

  @Test
  void aPositionOfOtherPermissionsIsAnsweredByASnapshot() {
    String position;
    try (RawClient client = hello("all")) {
      client.send(subscribe("things"));
      position = client.await("progress").get("position").textValue();
    }
    try (RawClient client = hello("first")) {
      client.send(subscribe("things", position));
      assertEquals("snapshot", client.message("subscribed").get("start").textValue());
      JsonNode gap = client.message("gap");
      assertEquals("definition-changed", gap.get("reason").textValue());
      assertEquals(position, gap.get("after").textValue());
      assertEquals(1, client.message("snapshot").get("rows").size());
    }
  }

  @Test
  void newCredentialsOnAnOpenConnectionChangeWhatIsSeen() {
    try (RawClient client = hello("all")) {
      client.send(subscribe("things"));
      String position = client.await("progress").get("position").textValue();
      client.send(subscribe("others"));
      client.await("progress");
      client.send("{\"type\":\"hello\",\"token\":\"first\"}");
      client.message("welcome");
      JsonNode gap = client.message("gap");
      assertEquals("definition-changed", gap.get("reason").textValue());
      assertEquals("snapshot", gap.get("recovery").textValue());
      assertEquals(position, gap.get("after").textValue());
      assertEquals("r-things", client.message("subscribed").get("ref").textValue());
      assertEquals(1, client.message("snapshot").get("rows").size());
      client.send("{\"type\":\"hello\",\"token\":\"things\"}");
      JsonNode ended = client.await("error");
      assertEquals("forbidden", ended.get("code").textValue());
      assertEquals("r-others", ended.get("ref").textValue());
      assertEquals(3, client.await("snapshot").get("rows").size());
    }
  }

  /** It may not have heard of that, and would wait for ever for what the session does not have. */
  @Test
  void whatBecameForbiddenIsRefusedAgainToWhoComesBackForIt() {
    String resume;
    String position;
    try (RawClient client = hello("all")) {
      client.send(subscribe("others"));
      position = client.await("progress").get("position").textValue();
      client.send("{\"type\":\"hello\",\"token\":\"things\"}");
      resume = client.message("welcome").get("resume").textValue();
      assertEquals("forbidden", client.await("error").get("code").textValue());
      client.reset();
    }
    String back = "{\"type\":\"hello\",\"token\":\"things\",\"resume\":\"" + resume + "\"";
    try (RawClient client = gateway.client()) {
      client.send(back + ",\"positions\":{\"r-others\":\"" + position + "\"}}");
      assertTrue(client.message("welcome").get("resumed").booleanValue());
      JsonNode again = client.message("error");
      assertEquals("forbidden", again.get("code").textValue());
      assertEquals("r-others", again.get("ref").textValue());
      client.reset();
    }
    try (RawClient client = gateway.client()) { // who knows that it is over is not told again
      client.send(back + "}");
      assertTrue(client.message("welcome").get("resumed").booleanValue());
      client.send("{\"type\":\"ping\"}");
      client.message("pong");
    }
  }

  @Test
  void credentialsThatExpireEndTheConnectionUnlessTheyAreRenewed() {
    Instant soon = Instant.now().plus(Duration.ofSeconds(2));
    grants.put(
        "brief", new Grant("somebody", Optional.empty(), Map.of(), false, Optional.of(soon)));
    try (RawClient renewed = hello("brief");
        RawClient forgetful = hello("brief")) {
      renewed.send("{\"type\":\"hello\",\"token\":\"all\"}");
      renewed.message("welcome");
      JsonNode bye = assertBye(forgetful, 4401, true);
      assertFalse(Instant.now().isBefore(soon), "not before its time: " + bye);
      renewed.send("{\"type\":\"ping\"}");
      renewed.message("pong");
    }
  }

  @Test
  void nothingThatAClientShowsIsToldAgain() {
    try (RawClient client = gateway.client()) {
      client.send("{\"type\":\"hello\",\"token\":\"very secret\"}");
      JsonNode bye = assertBye(client, 4401, true);
      assertTrue(!bye.toString().contains("very secret"), bye.toString());
    }
  }

  private RawClient hello(String token) {
    RawClient client = gateway.client();
    client.send("{\"type\":\"hello\",\"token\":\"" + token + "\"}");
    client.message("welcome");
    return client;
  }
}
