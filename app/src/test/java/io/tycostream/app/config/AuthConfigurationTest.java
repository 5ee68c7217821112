package io.tycostream.app.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.adapters.ws.auth.JwtSettings;
import io.tycostream.adapters.ws.auth.StaticToken;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Filter.And;
import io.tycostream.domain.feed.Filter.Compared;
import io.tycostream.domain.feed.Filter.Comparison;
import io.tycostream.domain.feed.Filter.IsNull;
import io.tycostream.domain.feed.Filter.OneOf;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.session.Grant;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthConfigurationTest {

  /** In every test a token that must never be seen again. */
  private static final String TOKEN = "s3cr3t-0123456789";

  private static final String BASE = "databases: {main: }\nsources: {trades: , books: }\n";

  private static Configuration.Auth read(String auth) {
    return Yaml.read(BASE + auth).auth();
  }

  private static List<String> mistakes(String auth) {
    List<String> mistakes = Yaml.mistakes(BASE + auth + "\n");
    assertFalse(String.join("\n", mistakes).contains("s3cr3t"), mistakes::toString);
    return mistakes;
  }

  @Test
  void shouldAskNobodyByDefault() {
    assertEquals(new Configuration.Auth.Nobody(), read(""));
    assertEquals(new Configuration.Auth.Nobody(), read("auth: {mode: none, tokens: []}\n"));
  }

  @Test
  void shouldReadTokensWithWhatTheyAllow() {
    assertEquals(
        new Configuration.Auth.Tokens(
            List.of(
                new StaticToken(
                    TOKEN,
                    new Grant(
                        "desk",
                        Optional.of(Set.of("trades")),
                        Map.of(
                            "trades",
                            new And(
                                List.of(
                                    new OneOf(
                                        "desk",
                                        List.of(new Literal.Text("fx"), new Literal.Text("eq")),
                                        false),
                                    new IsNull("gone", true),
                                    new Compared("id", Comparison.GT, new Literal.Text("7"))))),
                        false,
                        Optional.empty())),
                new StaticToken(
                    "another-012345678",
                    new Grant("ops", Optional.empty(), Map.of(), true, Optional.empty())),
                new StaticToken(
                    "scraper-012345678",
                    new Grant("ops", Optional.of(Set.of()), Map.of(), true, Optional.empty())))),
        read(
            """
            auth:
              mode: tokens
              tokens:
                - token: s3cr3t-0123456789
                  principal: desk
                  sources: [trades]
                  filters:
                    trades: {id: {_gt: 7}, desk: {_in: [fx, eq]}, gone: {_is_null: true}}
                - {token: another-012345678, principal: ops, sources: ['*'], admin: true}
                - {token: scraper-012345678, principal: ops, sources: [], admin: true}
            """));
  }

  /** Also as the environment has it, which is how tokens should be written. */
  @Test
  void shouldTakeATokenFromTheEnvironment() throws ConfigurationException {
    Configuration configuration =
        Yaml.read(
            BASE + "auth: {mode: tokens, tokens: [{token: \"${T}\", principal: p, sources: []}]}\n",
            Map.of("T", TOKEN));
    Configuration.Auth.Tokens tokens = (Configuration.Auth.Tokens) configuration.auth();
    assertEquals(TOKEN, tokens.tokens().getFirst().token());
    assertFalse(configuration.toString().contains("s3cr3t"), configuration::toString);
  }

  @Test
  void shouldReadWhoseTokensAreAccepted(@TempDir Path folder) throws Exception {
    assertEquals(
        new Configuration.Auth.Jwt(
            new JwtSettings(
                URI.create("https://id.example/keys"),
                "https://id.example/",
                "tyco",
                "sources",
                "filters",
                "admin")),
        read(
            "auth: {mode: jwt, jwt: {jwks: 'https://id.example/keys', issuer:"
                + " 'https://id.example/', audience: tyco}}\n"));

    Path keys = Files.writeString(folder.resolve("keys.json"), "{\"keys\":[]}");
    Path file =
        Files.writeString(
            folder.resolve("tycostream.yaml"),
            BASE
                + "auth: {mode: jwt, jwt: {jwks: keys.json, issuer: i, audience: a, sources-claim:"
                + " s, filter-claim: f, admin-claim: r}}\n");
    assertEquals(
        new Configuration.Auth.Jwt(new JwtSettings(keys.toUri(), "i", "a", "s", "f", "r")),
        ConfigurationReader.read(file, Map.of()).auth());
  }

  /** What is in one token beside its text and its principal. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "admin: false | auth.tokens[0].sources is missing; name the sources that may be seen, or"
            + " write ['*'] for all",
        "sources: trades | auth.tokens[0].sources is 'trades', but has to be a list as in [a, b]",
        "sources: [trade] | auth.tokens[0].sources has 'trade', but there is no such source; the"
            + " nearest one is trades",
        "sources: ['*', trades] | auth.tokens[0].sources has '*', which is all of them; leave the"
            + " others out",
        "sources: [], admin: maybe | auth.tokens[0].admin is 'maybe', but has to be one of true,"
            + " false",
        "sources: [], admn: true | auth.tokens[0].admn is not a known key; the nearest one is"
            + " admin",
        "sources: ['*'], filters: {trade: {}} | auth.tokens[0].filters.trade is not a known key;"
            + " the nearest one is trades",
        "sources: ['*'], filters: {'*': {}} | auth.tokens[0].filters.* is not a known key; the"
            + " nearest one is books",
        "sources: [books], filters: {trades: {a: {_eq: 1}}} | auth.tokens[0].filters.trades is a"
            + " filter of a source that the token may not see at all",
        "sources: ['*'], filters: {trades: {a: 1}} | auth.tokens[0].filters.trades is no filter:"
            + " where.a is a text, not an object of operators such as {\"_eq\":1}",
        "sources: ['*'], filters: {trades: {a: {_equ: 1}}} | auth.tokens[0].filters.trades is no"
            + " filter: where.a._equ is no operator, perhaps _eq is meant; there are _eq, _neq,"
            + " _gt, _gte, _lt, _lte, _in, _nin, _is_null, _like, _ilike",
        "sources: ['*'], filters: {trades: {a: {_is_null: yes1}}} | auth.tokens[0].filters.trades"
            + " is no filter: where.a._is_null is a text, not true or false",
        "sources: ['*'], filters: {trades: {a: {_neq: }}} | auth.tokens[0].filters.trades has a"
            + " condition without a value; give it one, or remove it",
        "sources: ['*'], filters: {trades: {a: {_in: [b, '']}}} | auth.tokens[0].filters.trades has"
            + " a condition without a value; give it one, or remove it",
        "sources: ['*'], filters: {trades: } | auth.tokens[0].filters.trades has a condition"
            + " without a value; give it one, or remove it",
        "sources: ['*'], filters: {trades: [a]} | auth.tokens[0].filters.trades is no filter: where"
            + " is an array, not an object such as {\"price\":{\"_gt\":100}}",
        "sources: ['*'], filters: {trades: {a: {_eq: '${NOT_SET}'}}} |"
            + " auth.tokens[0].filters.trades.a._eq needs the environment variable NOT_SET, which"
            + " is not set; set it, or give a default as in ${NOT_SET:default}",
      })
  void shouldNameAMistakeInAToken(String yaml, String mistake) {
    assertEquals(
        List.of(mistake),
        mistakes(
            "auth: {mode: tokens, tokens: [{token: " + TOKEN + ", principal: p, " + yaml + "}]}"));
  }

  @Test
  void shouldLetAFilterThatLetsEverythingThrough() {
    Configuration.Auth.Tokens tokens =
        (Configuration.Auth.Tokens)
            read(
                "auth: {mode: tokens, tokens: [{token: s3cr3t-0123456789, principal: p, sources:"
                    + " ['*'], filters: {trades: {}}}]}\n");
    assertEquals(Map.of("trades", Filter.EVERYTHING), tokens.tokens().getFirst().grant().filters());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | auth.tokens[0].token is missing",
        "{token: } | auth.tokens[0].token is too short; it needs at least 16 characters, as from"
            + " openssl rand -hex 32",
        "{token: s3cr3t-01234567} | auth.tokens[0].token is too short; it needs at least 16"
            + " characters, as from openssl rand -hex 32",
        "{token: [s3cr3t-0123456789]} | auth.tokens[0].token has to be a single value",
        "s3cr3t-0123456789 | auth.tokens[0] has to be a section with keys below it",
        "[s3cr3t-0123456789] | auth.tokens[0] is a list, but has to be a section with keys below"
            + " it",
      })
  void shouldNeverRepeatATokenThatIsWrittenWrongly(String item, String mistake) {
    List<String> mistakes = mistakes("auth: {mode: tokens, tokens: [" + item + "]}");
    assertEquals(mistake, mistakes.getFirst());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{mode: token} | auth.mode is 'token', but has to be one of none, tokens, jwt",
        "{mode: tokens} | auth.tokens has no token, so that nobody could connect; at least one is"
            + " needed",
        "{mode: tokens, tokens: []} | auth.tokens has no token, so that nobody could connect; at"
            + " least one is needed",
        "{mode: tokens, tokens: s3cr3t-0123456789} | auth.tokens has to be a list as in [a, b]",
        "{tokens: [{token: s3cr3t-0123456789, principal: p, sources: []}]} | auth.tokens is without"
            + " effect, because auth.mode is none; write mode: tokens, or remove it",
        "{jwt: {jwks: 'https://a/b', issuer: i, audience: a}} | auth.jwt is without effect, because"
            + " auth.mode is none; write mode: jwt, or remove it",
        "{mode: tokens, jwt: {}, tokens: [{token: s3cr3t-0123456789, principal: p, sources: []}]} |"
            + " auth.jwt is without effect, because auth.mode is tokens; write mode: jwt, or remove"
            + " it",
        "{mode: tokens, tokens: [{token: s3cr3t-0123456789, principal: p, sources: []}, {token:"
            + " s3cr3t-0123456789, principal: q, sources: []}]} | auth.tokens[1] has the same token"
            + " as tokens[0]",
        "{mode: tokens, tokens: [{token: s3cr3t-0123456789, sources: []}]} |"
            + " auth.tokens[0].principal is missing; name who holds the token",
        "{mode: jwt, jwt: {jwks: 'ftp://a/b', issuer: i, audience: a}} | auth.jwt.jwks has to be a"
            + " URL that begins with https:// or http://, or a file",
        "{mode: jwt, jwt: {jwks: 'https:///b', issuer: i, audience: a}} | auth.jwt.jwks has to be a"
            + " URL that begins with https:// or http://, or a file",
        "{mode: jwt, jwt: {jwks: /no/where.json, issuer: i, audience: a}} | auth.jwt.jwks names the"
            + " file /no/where.json, which is not there or may not be read",
        "{mode: jwt, jwt: {jwks: 'https://a/b', issuer: i, audience: a, source-claim: s}} |"
            + " auth.jwt.source-claim is not a known key; the nearest one is sources-claim",
      })
  void shouldNameAMistakeInAuth(String yaml, String mistake) {
    assertEquals(List.of(mistake), mistakes("auth: " + yaml));
  }

  @Test
  void shouldNameEverythingThatIsMissingAtOnce() {
    assertEquals(
        List.of(
            "auth.jwt.jwks is missing; write it as the URL of the issuer's key set, or as the path"
                + " of a file",
            "auth.jwt.issuer is missing; write it as it stands in iss of the tokens",
            "auth.jwt.audience is missing; write it as it stands in aud of the tokens"),
        mistakes("auth: {mode: jwt}"));
  }

  /** A mistake in one place of the file never makes a token appear in another's. */
  @ParameterizedTest
  @ValueSource(strings = {"server: {port: x}", "nod: a", "a: [1", "a: &a [*a]"})
  void shouldNotShowATokenForAMistakeElsewhere(String other) {
    assertTrue(
        !mistakes(
                "auth: {mode: tokens, tokens: [{token: s3cr3t-0123456789, principal: p, sources:"
                    + " []}]}\n"
                    + other)
            .isEmpty());
  }
}
