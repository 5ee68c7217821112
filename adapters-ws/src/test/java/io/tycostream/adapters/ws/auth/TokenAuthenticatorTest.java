package io.tycostream.adapters.ws.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.tycostream.adapters.ws.Authenticator.Verdict;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.Grant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenAuthenticatorTest {

  private static final String FIRST = "first-0123456789";
  private static final String SECOND = "second-ÄÖÜ-56789";

  private final TokenAuthenticator authenticator =
      new TokenAuthenticator(
          List.of(
              new StaticToken(FIRST, grant("one")),
              new StaticToken(SECOND, grant("two")),
              new StaticToken("third-0123456789", grant("three"))));

  private static Grant grant(String principal) {
    return new Grant(principal, Optional.of(Set.of("trades")), Map.of(), false, Optional.empty());
  }

  private static String principal(Verdict verdict) {
    return verdict instanceof Verdict.Granted granted ? granted.grant().principal() : "nobody";
  }

  @Test
  void shouldGrantWhatBelongsToAToken() {
    assertEquals(new Verdict.Granted(grant("one")), authenticator.check(Optional.of(FIRST)));
    assertEquals("two", principal(authenticator.check(Optional.of(SECOND))));
    assertEquals("three", principal(authenticator.check(Optional.of("third-0123456789"))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "first-012345678",
        "first-01234567890",
        "First-0123456789",
        "first-0123456789 ",
        "first-0123456788",
        "second-???-56789",
        "Bearer first-0123456789",
        "fourth-0123456789",
      })
  void shouldDenyWhatIsNotExactlyAToken(String token) {
    Verdict verdict = authenticator.check(Optional.of(token));
    assertEquals(
        new Verdict.Denied(CloseCode.UNAUTHENTICATED, "the token is not known here"), verdict);
  }

  @Test
  void shouldAskForATokenWhereNoneIsShown() {
    assertEquals(
        new Verdict.Denied(CloseCode.UNAUTHENTICATED, "a token is needed"),
        authenticator.check(Optional.empty()));
  }

  @Test
  void shouldKnowNobodyWithoutTokens() {
    assertEquals("nobody", principal(new TokenAuthenticator(List.of()).check(Optional.of(FIRST))));
  }

  /** Of any count the first, the last and one in between is found. */
  @Test
  void shouldFindATokenWhereverItStands() {
    for (int count = 1; count <= 40; count++) {
      List<StaticToken> tokens = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        tokens.add(new StaticToken("0123456789-token-" + i, grant("p" + i)));
      }
      TokenAuthenticator many = new TokenAuthenticator(tokens);
      for (int i = 0; i < count; i++) {
        assertEquals("p" + i, principal(many.check(Optional.of("0123456789-token-" + i))));
      }
      assertEquals("nobody", principal(many.check(Optional.of("0123456789-token-" + count))));
    }
  }

  @Test
  void shouldRefuseTokensThatAreShortOrTheSame() {
    assertThrows(
        IllegalArgumentException.class, () -> new StaticToken("x".repeat(15), grant("one")));
    List<StaticToken> twice =
        List.of(new StaticToken(FIRST, grant("one")), new StaticToken(FIRST, grant("two")));
    assertThrows(IllegalArgumentException.class, () -> new TokenAuthenticator(twice));
  }

  @Test
  void shouldNotShowAToken() {
    assertFalse(new StaticToken(FIRST, grant("one")).toString().contains("first"));
    assertFalse(authenticator.check(Optional.of(FIRST)).toString().contains("first"));
  }
}
