package io.tycostream.app.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tycostream.adapters.ws.Authenticator;
import io.tycostream.adapters.ws.Authenticator.Verdict;
import io.tycostream.adapters.ws.BearerToken;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.session.Grant;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Asks for credentials before anything is answered, but for health and the page's own files: the
 * page has to be there to ask for them. A path that nobody has thought of is among what is asked
 * for.
 */
final class Entrance implements Filter {

  /** Where the page's files are among the resources. */
  static final String PAGE = "io/tycostream/app/web";

  private static final System.Logger LOG = System.getLogger(Entrance.class.getName());

  private static final HeaderName CHALLENGE = HeaderNames.create("WWW-Authenticate");
  private static final HeaderName RETRY_AFTER = HeaderNames.create("Retry-After");
  private static final Set<String> OPEN = Set.of("/", "/health/live", "/health/ready");
  private static final Pattern FILE = Pattern.compile("/[a-z-]+\\.[a-z]+");

  private final Authenticator authenticator;

  Entrance(Authenticator authenticator) {
    this.authenticator = authenticator;
  }

  @Override
  public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
    if (isForEverybody(request.path().path())) {
      chain.proceed();
      return;
    }
    Optional<String> token = BearerToken.of(request.headers());
    switch (authenticator.check(token)) {
      case Verdict.Granted(Grant grant) -> {
        request.context().register(grant);
        chain.proceed();
      }
      case Verdict.Denied(CloseCode code, String reason) -> {
        LOG.log(
            System.Logger.Level.DEBUG,
            () -> "refused " + request.remotePeer().host() + ": " + reason);
        deny(response, code, reason, token.isPresent());
      }
    }
  }

  /** What the sender of a request may see; nothing when it does not say who it is. */
  Optional<Grant> look(ServerRequest request) {
    return authenticator.check(BearerToken.of(request.headers()))
            instanceof Verdict.Granted(Grant grant)
        ? Optional.of(grant)
        : Optional.empty();
  }

  /**
   * What the sender of a request that came past here may see.
   *
   * @throws IllegalStateException when it did not
   */
  static Grant grant(ServerRequest request) {
    return request
        .context()
        .get(Grant.class)
        .orElseThrow(() -> new IllegalStateException("nobody has asked for credentials"));
  }

  /** A handler that answers administrators alone. */
  static Handler administrators(Handler handler) {
    return (request, response) -> {
      if (grant(request).admin()) {
        handler.handle(request, response);
      } else {
        Json.refuse(response, Status.FORBIDDEN_403, "this is for administrators alone");
      }
    };
  }

  private static void deny(
      ServerResponse response, CloseCode code, String reason, boolean tokenWasShown) {
    switch (code) {
      case FORBIDDEN -> Json.refuse(response, Status.FORBIDDEN_403, reason);
      case TOO_MANY -> {
        response.header(RETRY_AFTER, "5");
        Json.refuse(response, Status.SERVICE_UNAVAILABLE_503, reason);
      }
      default -> {
        response.header(CHALLENGE, tokenWasShown ? "Bearer error=\"invalid_token\"" : "Bearer");
        Json.refuse(response, Status.UNAUTHORIZED_401, reason);
      }
    }
  }

  private static boolean isForEverybody(String path) {
    return OPEN.contains(path)
        || (FILE.matcher(path).matches()
            && Entrance.class.getClassLoader().getResource(PAGE + path) != null);
  }
}
