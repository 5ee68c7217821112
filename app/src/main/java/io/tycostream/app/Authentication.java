package io.tycostream.app;

import io.tycostream.adapters.ws.Authenticator;
import io.tycostream.adapters.ws.auth.JwtAuthenticator;
import io.tycostream.adapters.ws.auth.TokenAuthenticator;
import io.tycostream.app.config.Configuration;
import java.time.Clock;

/** Whom a gateway asks about credentials. */
final class Authentication {

  private Authentication() {}

  /** As it is configured; one for both WebSocket and HTTP. */
  static Authenticator of(Configuration.Auth auth) {
    return switch (auth) {
      case Configuration.Auth.Nobody nobody -> Authenticator.NOBODY_IS_ASKED;
      case Configuration.Auth.Tokens tokens -> new TokenAuthenticator(tokens.tokens());
      case Configuration.Auth.Jwt jwt -> new JwtAuthenticator(jwt.settings(), Clock.systemUTC());
    };
  }
}
