package io.tycostream.adapters.ws.auth;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tycostream.adapters.ws.WhereReader;
import io.tycostream.domain.feed.BadFilterException;
import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.session.Grant;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the claims of a token that was verified allow. */
final class ClaimedGrant {

  private static final String EVERY_SOURCE = "*";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS) // for the digits of filters
          .build();

  private ClaimedGrant() {}

  /** A claim says what may be seen, but cannot be read: nothing may be seen. */
  static final class BadClaimException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String detail;

    /**
     * @param reason for the client
     * @param detail for the operator's log
     */
    BadClaimException(String reason, String detail) {
      super(reason);
      this.detail = detail;
    }

    String reason() {
      return String.valueOf(getMessage());
    }

    String detail() {
      return detail;
    }
  }

  /**
   * Reads the claims.
   *
   * @param payload the JSON that was signed
   * @throws BadClaimException when one of those that matter here cannot be read
   */
  static Grant read(String payload, JwtSettings settings, String principal, Instant until)
      throws BadClaimException {
    JsonNode claims;
    try {
      claims = JSON.readTree(payload);
    } catch (JacksonException e) {
      throw new BadClaimException(
          "the claims of the token cannot be read", "at column " + e.getLocation().getColumnNr());
    }
    return new Grant(
        principal,
        sources(settings.sourcesClaim(), claims.path(settings.sourcesClaim())),
        filters(settings.filterClaim(), claims.path(settings.filterClaim())),
        claims.path(settings.adminClaim()).asBoolean(false)
            && claims.path(settings.adminClaim()).isBoolean(),
        Optional.of(until));
  }

  private static boolean isAbsent(JsonNode claim) {
    return claim.isMissingNode() || claim.isNull();
  }

  private static Optional<Set<String>> sources(String name, JsonNode claim)
      throws BadClaimException {
    Set<String> sources = new HashSet<>();
    if (isAbsent(claim)) {
      return Optional.of(sources);
    }
    if (!claim.isArray()) {
      throw new BadClaimException(
          "the claim " + name + " of the token is not an array of sources", "it is no array");
    }
    for (JsonNode source : claim) {
      if (!source.isTextual()) {
        throw new BadClaimException(
            "the claim " + name + " of the token is not an array of sources",
            "it has something in it that is no text");
      }
      sources.add(source.textValue());
    }
    return sources.contains(EVERY_SOURCE) ? Optional.empty() : Optional.of(sources);
  }

  private static Map<String, Filter> filters(String name, JsonNode claim) throws BadClaimException {
    Map<String, Filter> filters = new HashMap<>();
    if (isAbsent(claim)) {
      return filters;
    }
    String reason = "the claim " + name + " of the token cannot be read as filters by source";
    if (!claim.isObject()) {
      throw new BadClaimException(reason, "it is no object");
    }
    for (Map.Entry<String, JsonNode> each : claim.properties()) {
      if (each.getKey().equals(EVERY_SOURCE)) {
        throw new BadClaimException(reason, "there are no filters for all sources; name each");
      }
      try {
        filters.put(each.getKey(), WhereReader.read(each.getValue()));
      } catch (BadFilterException e) {
        throw new BadClaimException(reason, "source " + each.getKey() + ": " + e.reason());
      }
    }
    return filters;
  }
}
