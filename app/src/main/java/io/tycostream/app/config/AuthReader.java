package io.tycostream.app.config;

import io.tycostream.adapters.ws.auth.JwtSettings;
import io.tycostream.adapters.ws.auth.StaticToken;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.session.Grant;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code auth}. No mistake repeats a token. */
final class AuthReader {

  private static final List<String> MODES = List.of("none", "tokens", "jwt");
  private static final String EVERY_SOURCE = "*";
  private static final Pattern PRINCIPAL = Pattern.compile("[^\\p{Cntrl}]{1,256}");

  private final Set<String> sources;
  private final Path folder;

  /**
   * A reader for tokens that may see some of these sources.
   *
   * @param folder that the path of a file starts from
   */
  AuthReader(Set<String> sources, Path folder) {
    this.sources = Set.copyOf(sources);
    this.folder = folder;
  }

  /** A token as it was read: nothing where it cannot be one. */
  private record Read(Optional<String> text, Grant grant) {}

  Configuration.Auth read(Section auth) {
    String mode = auth.value("mode", "none", Values.oneOf(MODES));
    Optional<List<Read>> tokens = auth.secretSections("tokens", this::token);
    Optional<JwtSettings> jwt =
        auth.section("jwt", section -> mode.equals("jwt") ? jwt(section) : ignore(section));
    if (auth.sound("mode")) {
      refuseUnless("tokens", tokens.filter(list -> !list.isEmpty()).isPresent(), mode, auth);
      refuseUnless("jwt", auth.has("jwt"), mode, auth);
    }
    return switch (mode) {
      case "tokens" -> new Configuration.Auth.Tokens(distinct(auth, tokens.orElse(List.of())));
      case "jwt" -> new Configuration.Auth.Jwt(jwt.orElseThrow());
      default -> new Configuration.Auth.Nobody();
    };
  }

  /** Keys that are for another mode would be without effect, and whoever wrote them thinks not. */
  private static void refuseUnless(String key, boolean given, String mode, Section auth) {
    if (given && !mode.equals(key)) {
      auth.mistake(
          key,
          "is without effect, because auth.mode is %s; write mode: %s, or remove it"
              .formatted(mode, key));
    }
  }

  private static List<StaticToken> distinct(Section auth, List<Read> read) {
    if (read.isEmpty() && auth.sound("tokens")) {
      auth.mistake("tokens", "has no token, so that nobody could connect; at least one is needed");
    }
    List<StaticToken> tokens = new ArrayList<>();
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < read.size(); i++) {
      Grant grant = read.get(i).grant;
      Optional<String> text = read.get(i).text;
      if (text.isPresent()) {
        Integer first = places.putIfAbsent(text.get(), i);
        if (first == null) {
          tokens.add(new StaticToken(text.get(), grant));
        } else {
          auth.mistake("tokens[" + i + "]", "has the same token as tokens[" + first + "]");
        }
      }
    }
    return tokens;
  }

  private Read token(Section token) {
    Optional<String> text = Optional.of(token.textOrNothing("token"));
    if (!token.has("token")) {
      token.mistake("token", "is missing");
    } else if (token.sound("token") && text.get().length() < StaticToken.MIN_LENGTH) {
      token.mistake(
          "token",
          "is too short; it needs at least "
              + StaticToken.MIN_LENGTH
              + " characters, as from openssl rand -hex 32");
    }
    Optional<String> principal =
        token.value(
            "principal",
            Values.matching(PRINCIPAL, "made of 1 to 256 characters that can be seen"));
    if (principal.isEmpty() && token.sound("principal")) {
      token.mistake("principal", "is missing; name who holds the token");
    }
    Optional<Set<String>> allowed = sources(token);
    Grant grant =
        new Grant(
            principal.orElse(""),
            allowed,
            token.section("filters", filters -> filters(filters, allowed)),
            token.value("admin", "false", Values.oneOf(List.of("true", "false"))).equals("true"),
            Optional.empty());
    return new Read(token.sound("token") ? text : Optional.empty(), grant);
  }

  /** Nothing for all of them. */
  private Optional<Set<String>> sources(Section token) {
    Optional<List<String>> given = token.values("sources", Values.text());
    if (given.isEmpty() && token.sound("sources")) {
      token.mistake(
          "sources", "is missing; name the sources that may be seen, or write ['*'] for all");
    }
    List<String> names = given.orElse(List.of());
    if (names.contains(EVERY_SOURCE) && names.size() > 1) {
      token.mistake("sources", "has '*', which is all of them; leave the others out");
    }
    for (String name : names) {
      if (!name.equals(EVERY_SOURCE) && !sources.contains(name)) {
        token.mistake(
            "sources",
            "has '"
                + name
                + "', but there is no such source"
                + NearestName.to(name, sources)
                    .map(nearest -> "; the nearest one is " + nearest)
                    .orElse(""));
      }
    }
    return names.contains(EVERY_SOURCE) ? Optional.empty() : Optional.of(new HashSet<>(names));
  }

  private Map<String, Filter> filters(Section section, Optional<Set<String>> allowed) {
    Map<String, Filter> filters = new HashMap<>();
    for (String source : sources) {
      Optional<Node> where = section.node(source);
      if (where.isPresent()) {
        FilterReader.read(where.get(), section, source)
            .ifPresent(filter -> filters.put(source, filter));
        if (allowed.isPresent() && !allowed.get().contains(source)) {
          section.mistake(source, "is a filter of a source that the token may not see at all");
        }
      }
    }
    return filters;
  }

  private static Optional<JwtSettings> ignore(Section jwt) {
    for (String key :
        List.of("jwks", "issuer", "audience", "sources-claim", "filter-claim", "admin-claim")) {
      jwt.node(key);
    }
    return Optional.empty();
  }

  private Optional<JwtSettings> jwt(Section jwt) {
    return Optional.of(
        new JwtSettings(
            jwks(jwt),
            required(jwt, "issuer", "as it stands in iss of the tokens"),
            required(jwt, "audience", "as it stands in aud of the tokens"),
            jwt.value("sources-claim", JwtSettings.SOURCES_CLAIM, Values.text()),
            jwt.value("filter-claim", JwtSettings.FILTER_CLAIM, Values.text()),
            jwt.value("admin-claim", JwtSettings.ADMIN_CLAIM, Values.text())));
  }

  private static String required(Section jwt, String key, String hint) {
    Optional<String> value = jwt.value(key, Values.text());
    if (value.isEmpty() && jwt.sound(key)) {
      jwt.mistake(key, "is missing; write it " + hint);
    }
    return value.orElse("");
  }

  private URI jwks(Section jwt) {
    String given =
        required(jwt, "jwks", "as the URL of the issuer's key set, or as the path of a file");
    if (given.isEmpty()) {
      return folder.toUri();
    }
    try {
      if (given.matches("(?i)[a-z][a-z0-9+.-]*://.*")) {
        URI url = new URI(given);
        if (!given.matches("https?://.*") || url.getHost() == null) {
          jwt.mistake("jwks", "has to be a URL that begins with https:// or http://, or a file");
        }
        return url;
      }
      Path file = folder.resolve(given);
      if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
        jwt.mistake("jwks", "names the file " + file + ", which is not there or may not be read");
      }
      return file.toUri();
    } catch (URISyntaxException | InvalidPathException e) {
      jwt.mistake("jwks", "is neither a URL nor the path of a file");
      return folder.toUri();
    }
  }
}
