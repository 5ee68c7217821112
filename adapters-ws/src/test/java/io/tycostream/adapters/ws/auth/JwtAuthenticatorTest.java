package io.tycostream.adapters.ws.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.PlainHeader;
import com.nimbusds.jose.PlainObject;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import io.tycostream.adapters.ws.Authenticator.Verdict;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Filter.Compared;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.Grant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JwtAuthenticatorTest {

  private static final RSAKey RSA = Issuer.rsa("rsa");
  private static final RSAKey STRANGER = Issuer.rsa("rsa");
  private static final ECKey EC = Issuer.ec(Curve.P_256, "ec");
  private static final ECKey EC384 = Issuer.ec(Curve.P_384, "ec384");
  private static final ECKey EC521 = Issuer.ec(Curve.P_521, "ec521");

  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final long SECOND = NOW.getEpochSecond();

  @TempDir private Path folder;
  private Instant now = NOW;
  private JwtAuthenticator authenticator;

  @BeforeEach
  void publish() throws IOException {
    authenticator = trusting(RSA, EC, EC384, EC521);
  }

  private JwtAuthenticator trusting(JWK... keys) throws IOException {
    Path file = Files.writeString(folder.resolve("keys.json"), Issuer.published(keys));
    return new JwtAuthenticator(
        new JwtSettings(file.toUri(), "https://id.example", "tyco", "sources", "filters", "admin"),
        () -> now);
  }

  /** Claims that do, with further ones in place of theirs, and with ` for quotes. */
  private static String claims(String... more) {
    Map<String, String> claims =
        new LinkedHashMap<>(
            Map.of(
                "iss", "`https://id.example`",
                "aud", "`tyco`",
                "sub", "`ann`",
                "exp", String.valueOf(SECOND + 600)));
    for (String each : more) {
      int colon = each.indexOf(':');
      claims.put(each.substring(0, colon), each.substring(colon + 1));
    }
    claims.values().removeIf("-"::equals);
    StringBuilder json = new StringBuilder();
    claims.forEach((name, value) ->
        json.append(json.isEmpty() ? "{" : ",").append("`%s`:%s".formatted(name, value)));
    return json.append('}').toString().replace('`', '"');
  }

  private Verdict check(String token) {
    Verdict verdict = authenticator.check(Optional.of(token));
    if (verdict instanceof Verdict.Denied denied) {
      for (String part : token.split("\\.", -1)) {
        assertFalse(
            part.length() > 3 && denied.reason().contains(part), "the reason repeats the token");
      }
    }
    return verdict;
  }

  private Verdict checkSigned(String... claims) {
    return check(Issuer.sign(RSA, JWSAlgorithm.RS256, claims(claims)));
  }

  private Grant granted(String... claims) {
    Verdict verdict = checkSigned(claims);
    if (verdict instanceof Verdict.Granted granted) {
      return granted.grant();
    }
    throw new AssertionError(verdict);
  }

  private static Verdict denied(String reason) {
    return new Verdict.Denied(CloseCode.UNAUTHENTICATED, reason);
  }

  private static final Verdict WRONG_KEY =
      denied("the token is not signed with a key of the issuer that counts here");

  @Test
  void shouldGrantWhatTheClaimsSay() {
    assertEquals(
        new Grant(
            "ann",
            Optional.of(Set.of("trades", "books")),
            Map.of(
                "trades",
                new Compared("desk", Comparison.EQ, new Literal.Text("fx")),
                "books",
                new Compared(
                    "price", Comparison.GT, new Literal.Number("98765432109876543.12345678901"))),
            true,
            Optional.of(NOW.plusSeconds(600))),
        granted(
            "sources:[`trades`,`books`]",
            "filters:{`trades`:{`desk`:{`_eq`:`fx`}},`books`:{`price`:{`_gt`:98765432109876543.12345678901}}}",
            "admin:true"));
  }

  @Test
  void shouldAllowNothingThatIsNotClaimed() {
    assertEquals(
        new Grant("ann", Optional.of(Set.of()), Map.of(), false, Optional.of(NOW.plusSeconds(600))),
        granted());
    assertEquals(granted(), granted("sources:null", "filters:null", "admin:null"));
  }

  @Test
  void shouldAllowAllSourcesToAStar() {
    assertEquals(Optional.empty(), granted("sources:[`*`]").sources());
    assertEquals(Optional.empty(), granted("sources:[`trades`,`*`]").sources());
    assertEquals(Optional.of(Set.of("a*")), granted("sources:[`a*`]").sources());
  }

  @Test
  void shouldReadTheClaimsThatAreConfigured() throws IOException {
    Path file = Files.writeString(folder.resolve("other.json"), Issuer.published(RSA));
    authenticator =
        new JwtAuthenticator(
            new JwtSettings(
                file.toUri(), "https://id.example", "tyco", "urn/may", "urn/rows", "urn/root"),
            () -> now);
    assertEquals(
        new Grant(
            "ann",
            Optional.of(Set.of("a")),
            Map.of("a", Filter.EVERYTHING),
            true,
            Optional.of(NOW.plusSeconds(600))),
        granted("urn/may:[`a`]", "urn/rows:{`a`:{}}", "urn/root:true", "sources:[`*`]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
  void shouldAcceptEverySignatureOfAnRsaKey(String algorithm) {
    String token = Issuer.sign(RSA, JWSAlgorithm.parse(algorithm), claims());
    assertTrue(check(token) instanceof Verdict.Granted);
  }

  @Test
  void shouldAcceptTheSignaturesOfEllipticCurves() {
    for (String token :
        List.of(
            Issuer.sign(EC, JWSAlgorithm.ES256, claims()),
            Issuer.sign(EC384, JWSAlgorithm.ES384, claims()),
            Issuer.sign(EC521, JWSAlgorithm.ES512, claims()))) {
      assertTrue(check(token) instanceof Verdict.Granted);
    }
  }

  @Test
  void shouldAcceptTheTypesThatTokensHave() {
    for (String type : List.of("JWT", "at+jwt")) {
      JWSHeader.Builder header =
          new JWSHeader.Builder(JWSAlgorithm.RS256).type(new JOSEObjectType(type));
      assertTrue(check(Issuer.signTyped(RSA, header, claims())) instanceof Verdict.Granted, type);
    }
    JWSHeader.Builder other =
        new JWSHeader.Builder(JWSAlgorithm.RS256).type(new JOSEObjectType("logout+jwt"));
    assertEquals(WRONG_KEY, check(Issuer.signTyped(RSA, other, claims())));
  }

  @Test
  void shouldDenyASignatureOfAnotherKey() {
    assertEquals(WRONG_KEY, check(Issuer.sign(STRANGER, JWSAlgorithm.RS256, claims())));
    RSAKey unknown = Issuer.rsa("unknown");
    assertEquals(WRONG_KEY, check(Issuer.sign(unknown, JWSAlgorithm.RS256, claims())));
  }

  @Test
  void shouldDenyClaimsThatWereChangedAfterwards() {
    String[] mine = Issuer.sign(RSA, JWSAlgorithm.RS256, claims()).split("\\.", -1);
    String[] other =
        Issuer.sign(STRANGER, JWSAlgorithm.RS256, claims("admin:true")).split("\\.", -1);
    assertEquals(WRONG_KEY, check(mine[0] + "." + other[1] + "." + mine[2]));
  }

  @Test
  void shouldDenyTokensThatNobodySigned() {
    String none = new PlainObject(new PlainHeader(), new Payload(claims())).serialize();
    assertEquals(denied("the token is no signed JSON Web Token"), check(none));
    String[] signed = Issuer.sign(RSA, JWSAlgorithm.RS256, claims()).split("\\.", -1);
    assertFalse(check(signed[0] + "." + signed[1] + ".") instanceof Verdict.Granted);
    assertFalse(
        check(none.split("\\.", -1)[0] + "." + signed[1] + "." + signed[2])
            instanceof Verdict.Granted);
  }

  /** The classic confusion: the public key, which everybody has, used as the secret of an HMAC. */
  @ParameterizedTest
  @ValueSource(strings = {"HS256", "HS384", "HS512"})
  void shouldDenyAnHmacWithThePublicKey(String algorithm) throws JOSEException {
    for (byte[] secret :
        List.of(
            RSA.toRSAPublicKey().getEncoded(),
            RSA.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8))) {
      JWSObject token =
          new JWSObject(
              new JWSHeader.Builder(JWSAlgorithm.parse(algorithm)).keyID("rsa").build(),
              new Payload(claims("admin:true")));
      token.sign(new MACSigner(secret));
      assertEquals(WRONG_KEY, check(token.serialize()));
    }
  }

  /** A key set with a secret in it is a mistake of somebody, and opens nothing. */
  @Test
  void shouldDenyAnHmacEvenWithASecretOfTheKeySet() throws Exception {
    byte[] secret = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);
    OctetSequenceKey key = new OctetSequenceKey.Builder(secret).keyID("oct").build();
    Path file =
        Files.writeString(folder.resolve("secret.json"), "{\"keys\":[" + key.toJSONString() + "]}");
    authenticator =
        new JwtAuthenticator(
            new JwtSettings(
                file.toUri(), "https://id.example", "tyco", "sources", "filters", "admin"),
            () -> now);
    JWSObject token =
        new JWSObject(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("oct").build(), new Payload(claims()));
    token.sign(new MACSigner(secret));
    assertEquals(WRONG_KEY, check(token.serialize()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "iss:`https://id.example/` | the token is of another issuer",
        "iss:- | the token is of another issuer",
        "iss:[`https://id.example`] | ",
        "aud:`tyco2` | the token is for another audience",
        "aud:`TYCO` | the token is for another audience",
        "aud:[`a`,`b`] | the token is for another audience",
        "aud:[] | the token is for another audience",
        "aud:- | the token is for another audience",
        "exp:- | the token has no exp, and so no end",
        "exp:`soon` | ",
        "sub:- | the token has no sub of 1 to 256 characters",
        "sub:`` | the token has no sub of 1 to 256 characters",
        "sub:` ` | the token has no sub of 1 to 256 characters",
        "sub:`a\\nb` | the token has no sub of 1 to 256 characters",
      })
  void shouldDenyClaimsThatDoNotDo(String claim, String reason) {
    Verdict verdict = checkSigned(claim);
    if (reason == null) {
      assertTrue(
          verdict instanceof Verdict.Denied refused && refused.code() == CloseCode.UNAUTHENTICATED,
          verdict::toString);
    } else {
      assertEquals(denied(reason), verdict);
    }
  }

  @Test
  void shouldDenyAPrincipalThatIsTooLong() {
    assertEquals("x".repeat(256), granted("sub:`" + "x".repeat(256) + "`").principal());
    assertEquals(
        denied("the token has no sub of 1 to 256 characters"),
        checkSigned("sub:`" + "x".repeat(257) + "`"));
  }

  @Test
  void shouldAcceptOneAudienceOfSeveral() {
    assertEquals("ann", granted("aud:[`other`,`tyco`]").principal());
  }

  @Test
  void shouldEndWithTheTokenWithinTheSkewOfClocks() {
    String claim = "exp:" + SECOND;
    now = NOW.minusMillis(1);
    assertEquals(Optional.of(NOW), granted(claim).until());
    now = NOW;
    assertEquals(Optional.of(NOW.plus(JwtAuthenticator.SKEW)), granted(claim).until());
    now = NOW.plus(JwtAuthenticator.SKEW).minusMillis(1);
    assertEquals(Optional.of(NOW.plus(JwtAuthenticator.SKEW)), granted(claim).until());
    now = NOW.plus(JwtAuthenticator.SKEW);
    assertEquals(denied("the token has expired"), checkSigned(claim));
  }

  @Test
  void shouldNotBeginBeforeTheTokenDoesWithinTheSkewOfClocks() {
    String claim = "nbf:" + SECOND;
    now = NOW.minus(JwtAuthenticator.SKEW);
    assertEquals("ann", granted(claim).principal());
    now = NOW.minus(JwtAuthenticator.SKEW).minusMillis(1);
    assertEquals(denied("the token does not count yet"), checkSigned(claim));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "filters:{`trades`:{`desk`:`fx`}}",
        "filters:{`trades`:{`desk`:{`_equals`:`fx`}}}",
        "filters:{`trades`:{`desk`:{`_eq`:null}}}",
        "filters:{`trades`:null}",
        "filters:{`trades`:[]}",
        "filters:{`trades`:`desk = 'fx'`}",
        "filters:{`fine`:{},`trades`:7}",
        "filters:{`*`:{`desk`:{`_eq`:`fx`}}}",
        "filters:{`trades`:{},`trades`:{}}",
        "filters:[]",
        "filters:`{}`",
        "filters:false",
        "sources:`trades`",
        "sources:{`trades`:true}",
        "sources:[`trades`,7]",
        "sources:[[`*`]]",
      })
  void shouldForbidEverythingToWhomAPermissionCannotBeReadOf(String claim) {
    Verdict verdict = checkSigned("sources:[`*`]", claim);
    assertTrue(
        verdict instanceof Verdict.Denied refused && refused.code() == CloseCode.FORBIDDEN,
        verdict::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"`true`", "1", "[true]", "{}", "false", "null"})
  void shouldTakeNothingButTrueForAnAdministrator(String value) {
    assertFalse(granted("admin:" + value).admin());
  }

  @Test
  void shouldDenyGarbage() {
    String signed = Issuer.sign(RSA, JWSAlgorithm.RS256, claims());
    for (String garbage :
        List.of(
            "",
            ".",
            "..",
            "...",
            "a.b.c",
            "e30.e30.e30",
            signed + ".",
            signed.substring(1),
            signed.replace('.', ' '),
            "Bearer " + signed,
            "ey".repeat(8_000),
            "[".repeat(12_000),
            "\u0000",
            "€.€.€")) {
      assertTrue(check(garbage) instanceof Verdict.Denied, garbage);
    }
    assertEquals(
        denied("the token has more than 16384 characters"), check(signed + "A".repeat(16_384)));
    assertEquals(denied("a token is needed"), authenticator.check(Optional.empty()));
  }

  /** Whatever letter of a token is another one, it is denied, and nothing is thrown. */
  @Test
  void shouldDenyATokenWithAnyLetterChanged() {
    String signed = Issuer.sign(EC, JWSAlgorithm.ES256, claims());
    // The last letter of a signature of 64 bytes has two bits that stand for nothing.
    for (int i = 0; i < signed.length() - 1; i++) {
      char[] letters = signed.toCharArray();
      letters[i] = letters[i] == 'A' ? 'B' : 'A';
      String changed = new String(letters);
      assertTrue(
          check(changed) instanceof Verdict.Denied, () -> changed + " " + Arrays.toString(letters));
    }
  }
}
