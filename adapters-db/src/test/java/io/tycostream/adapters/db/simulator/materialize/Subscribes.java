package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Outlet;
import io.tycostream.adapters.db.simulator.wire.Report;
import java.util.Optional;
import java.util.OptionalLong;

/** Starts and stops the SUBSCRIBEs of one session, and sends what they have to say. */
final class Subscribes {

  private final Model model;
  private final Variables variables;

  Subscribes(Model model, Variables variables) {
    this.model = model;
    this.variables = variables;
  }

  /** What is wrong shows here, not before: names were looked up when the statement was planned. */
  Subscription start(SubscribeStatement statement, MzObject object, Outlet out) {
    String cluster = variables.get("cluster");
    Subscription[] started = new Subscription[1];
    model.change(() -> {
      if (!model.startFailures.isEmpty()) {
        throw model.startFailures.removeFirst().refusal();
      }
      long asOf = asOf(statement, object, cluster) + model.nextStartLater;
      model.nextStartLater = 0;
      started[0] = new Subscription(model, object, statement, cluster, asOf);
      model.subscriptions.add(started[0]);
    });
    if (statement.upTo().filter(upTo -> upTo == started[0].asOf()).isPresent()) {
      String bound = MzTime.text(started[0].asOf());
      out.notice(
          Report.notice(
              "01000",
              "subscribe as of "
                  + bound
                  + " (inclusive) and up to the same bound "
                  + bound
                  + " (exclusive) is guaranteed to be empty"));
    }
    return started[0];
  }

  Optional<Subscription.Batch> next(Subscription subscription, Outlet out, OptionalLong deadline) {
    return model.await(out, deadline, subscription::poll);
  }

  void stop(Subscription subscription) {
    model.change(() -> model.subscriptions.remove(subscription));
  }

  /** {@code COPY (SUBSCRIBE …) TO STDOUT}: a flush after each batch. No CopyDone on failure. */
  String copy(SubscribeStatement statement, MzObject object, Outlet out) {
    Subscription subscription = start(statement, object, out);
    try {
      out.copyOut(statement.columns(object).size());
      long rows = 0;
      boolean ended = false;
      while (!ended) {
        out.flush();
        Subscription.Batch batch = next(subscription, out, OptionalLong.empty()).orElseThrow();
        for (Output output : batch.rows()) {
          out.copyData(output.copyText(statement.progress()));
          rows++;
        }
        ended = batch.ends();
      }
      out.copyDone();
      return "COPY " + rows;
    } finally {
      stop(subscription);
    }
  }

  /** {@code SUBSCRIBE …} by itself: rows as they come, until it ends. */
  String direct(SubscribeStatement statement, MzObject object, Outlet out) {
    out.stream();
    out.columns(statement.columns(object));
    Subscription subscription = start(statement, object, out);
    try {
      out.notice(
          Report.notice(
              "01000",
              "streaming SUBSCRIBE rows directly requires a client that does not buffer output"));
      long rows = 0;
      boolean ended = false;
      while (!ended) {
        out.flush();
        Subscription.Batch batch = next(subscription, out, OptionalLong.empty()).orElseThrow();
        for (Output output : batch.rows()) {
          out.row(output.values(statement.progress()));
          rows++;
        }
        ended = batch.ends();
      }
      return "SELECT " + rows;
    } finally {
      stop(subscription);
    }
  }

  /** Under the model's lock. */
  private long asOf(SubscribeStatement statement, MzObject object, String cluster) {
    requireCluster(cluster);
    if (model.catalogue.byId(object.id()).isEmpty()) {
      throw MaterializeErrors.dropped(model.generation, "relation", object.fullName()).refusal();
    }
    model.release(object);
    long since = object.sinceOn(cluster);
    long asOf = statement.asOf().orElseGet(() -> readable(object, cluster));
    if (statement.atLeast()) {
      asOf = MzTime.max(asOf, since);
    }
    if (statement.upTo().isPresent() && MzTime.before(statement.upTo().get(), asOf)) {
      throw MaterializeErrors.boundsCrossed(asOf, statement.upTo().get()).refusal();
    }
    if (MzTime.before(asOf, since)) {
      throw MaterializeErrors.historyLost(model.generation, asOf, since, object.inputOn(cluster))
          .refusal();
    }
    return asOf;
  }

  /** What the system picks: the newest time that is complete. */
  static long readable(MzObject object, String cluster) {
    if (object.timeLine().ended()) {
      return MzTime.MAX;
    }
    return MzTime.max(object.sinceOn(cluster), MzTime.justBefore(object.timeLine().upper()));
  }

  void requireCluster(String cluster) {
    Integer replicas = model.clusters.get(cluster);
    if (replicas == null) {
      throw MaterializeErrors.notYetSupported("unknown cluster '" + cluster + "'").refusal();
    }
    if (replicas == 0) {
      throw MaterializeErrors.noReplicas(cluster).refusal();
    }
  }
}
