package io.tycostream.adapters.ws.auth;

import java.net.URI;

/**
 * Whose tokens are accepted, and where they say what their holder may see.
 *
 * @param jwks the issuer's public keys, a JSON Web Key Set: {@code file}, {@code https} or {@code
 *     http}
 * @param issuer what {@code iss} has to be, letter for letter
 * @param audience what {@code aud} has to be or to contain, letter for letter
 * @param sourcesClaim an array of sources, or {@code ["*"]} for all; without it there is none
 * @param filterClaim an object: by source a {@code where} that its rows have to meet; may be absent
 * @param adminClaim {@code true} for who may see figures about others; may be absent
 */
public record JwtSettings(
    URI jwks,
    String issuer,
    String audience,
    String sourcesClaim,
    String filterClaim,
    String adminClaim) {

  public static final String SOURCES_CLAIM = "sources";
  public static final String FILTER_CLAIM = "filters";
  public static final String ADMIN_CLAIM = "admin";
}
