package io.tycostream.app.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * The buttons of the demo's page.
 *
 * <p>They are there in the demo alone, which listens on loopback. A page of somebody else in the
 * same browser cannot press them: it cannot set the header without being asked by the browser
 * first, and nobody answers that.
 */
final class DemoPages implements HttpService {

  private static final HeaderName GUARD = HeaderNames.create("X-Tycostream-Demo");

  private final DemoControls controls;

  DemoPages(DemoControls controls) {
    this.controls = controls;
  }

  private record State(String database) {}

  @Override
  public void routing(HttpRules rules) {
    rules
        .get(
            "/",
            Entrance.administrators((request, response) ->
                Json.send(response, new State(controls.isRunning() ? "running" : "stopped"))))
        .post("/cut-replication", performing(true, controls::cutReplication))
        .post("/stop-database", performing(true, controls::stopDatabase))
        .post("/start-database", performing(false, controls::startDatabase));
  }

  private Handler performing(boolean whileRunning, Runnable action) {
    return Entrance.administrators(
        (request, response) -> perform(request, response, whileRunning, action));
  }

  private void perform(
      ServerRequest request, ServerResponse response, boolean whileRunning, Runnable action) {
    if (!request.headers().contains(GUARD)) {
      Json.refuse(response, Status.FORBIDDEN_403, "the header X-Tycostream-Demo is missing");
    } else if (controls.isRunning() != whileRunning) {
      Json.refuse(
          response,
          Status.CONFLICT_409,
          "the database is " + (controls.isRunning() ? "running" : "stopped") + " already");
    } else {
      action.run();
      response.status(Status.NO_CONTENT_204).send();
    }
  }
}
