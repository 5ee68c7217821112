package io.tycostream.app.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.staticcontent.StaticContentService;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tycostream.adapters.ws.AsyncApi;
import io.tycostream.adapters.ws.Authenticator;
import io.tycostream.adapters.ws.Gateway;
import io.tycostream.app.upstream.FollowedSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** All that is answered over plain HTTP. */
public final class Pages {

  private static final String CONTENT_SECURITY_POLICY =
      "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'";

  private Pages() {}

  /**
   * Routes for everything but the WebSocket.
   *
   * @param authenticator knows who may see what
   * @param demo what the page may do to the database, in the demo
   */
  public static HttpRouting.Builder routing(
      List<FollowedSource> sources,
      Gateway gateway,
      PrometheusRegistry metrics,
      InstantSource clock,
      Authenticator authenticator,
      Optional<DemoControls> demo) {
    StatusReport report = new StatusReport(sources, gateway, clock);
    Entrance entrance = new Entrance(authenticator);
    HttpRouting.Builder routing =
        HttpRouting.builder()
            .addFilter((chain, request, response) -> {
              protect(response);
              chain.proceed();
            })
            .addFilter(entrance);
    route(routing, report, metrics, entrance, demo);
    return routing;
  }

  /** Says to the rules what is answered; {@code openapi.yaml} describes it. */
  static void route(
      HttpRules rules,
      StatusReport report,
      PrometheusRegistry metrics,
      Entrance entrance,
      Optional<DemoControls> demo) {
    rules
        .get(
            "/v1/sources",
            (request, response) -> Json.send(response, report.sources(Entrance.grant(request))))
        .get(
            "/v1/clients",
            Entrance.administrators((request, response) ->
                Json.send(response, report.clients(ClientQuery.of(request.query())))))
        .get("/health/live", (request, response) -> Json.send(response, report.live()))
        .get(
            "/health/ready",
            (request, response) -> {
              StatusReport.Health health = report.ready(entrance.look(request));
              response.status(health.isUp() ? Status.OK_200 : Status.SERVICE_UNAVAILABLE_503);
              Json.send(response, health);
            })
        .get(
            "/metrics",
            Entrance.administrators((request, response) -> {
              response.header(HeaderNames.CONTENT_TYPE, PrometheusTextFormatWriter.CONTENT_TYPE);
              response.send(scrape(metrics));
            }))
        .get("/openapi", (request, response) -> yaml(response, OpenApi.yaml()))
        .get("/asyncapi.yaml", (request, response) -> yaml(response, AsyncApi.yaml()));
    demo.ifPresent(controls -> rules.register("/demo", new DemoPages(controls)));
    rules.register(
        "/", StaticContentService.builder(Entrance.PAGE).welcomeFileName("index.html").build());
  }

  private static void yaml(ServerResponse response, byte[] document) {
    response.header(HeaderNames.CONTENT_TYPE, "application/yaml");
    response.send(document);
  }

  private static void protect(RoutingResponse response) {
    response.header(HeaderNames.create("Content-Security-Policy"), CONTENT_SECURITY_POLICY);
    response.header(HeaderNames.create("X-Content-Type-Options"), "nosniff");
    response.header(HeaderNames.create("Referrer-Policy"), "no-referrer");
    response.header(HeaderNames.CACHE_CONTROL, "no-cache");
  }

  private static byte[] scrape(PrometheusRegistry registry) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(text, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return text.toByteArray();
  }
}
