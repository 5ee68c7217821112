package io.tycostream.client.micrometer;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.tycostream.client.ClientFigures;
import io.tycostream.client.ConnectionState;
import io.tycostream.client.TycostreamClient;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;

/**
 * The {@linkplain TycostreamClient#figures figures} of a client and the state of its connection as
 * meters of Micrometer. They are read whenever the registry is, and cost nothing in between.
 *
 * <pre>{@code
 * TycostreamClientMetrics metrics = new TycostreamClientMetrics(client, "warehouse");
 * metrics.bindTo(registry);
 * // as long as the client is there
 * metrics.close();
 * client.close();
 * }</pre>
 *
 * <p>Each has the tag {@code client}, so that several clients can share a registry:
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><th scope="col">name</th><th scope="col">type</th><th scope="col">what it says</th></tr>
 *   <tr><td>{@code tycostream.client.connection.state}</td><td>gauge</td>
 *     <td>1 for the state that the connection has, 0 for the others; the tag {@code state} is
 *     {@code connecting}, {@code open}, {@code waiting}, {@code unauthorized} or {@code
 *     closed}</td></tr>
 *   <tr><td>{@code tycostream.client.connections}</td><td>counter</td>
 *     <td>connections that were opened and welcomed</td></tr>
 *   <tr><td>{@code tycostream.client.resumes}</td><td>counter</td>
 *     <td>those of them that took an earlier session up again</td></tr>
 *   <tr><td>{@code tycostream.client.snapshots}</td><td>counter</td>
 *     <td>snapshots that came for listeners</td></tr>
 *   <tr><td>{@code tycostream.client.batches}</td><td>counter</td>
 *     <td>batches that came for listeners</td></tr>
 *   <tr><td>{@code tycostream.client.changes}</td><td>counter</td>
 *     <td>changes of rows in them</td></tr>
 *   <tr><td>{@code tycostream.client.gaps}</td><td>counter</td>
 *     <td>gaps that came for listeners</td></tr>
 *   <tr><td>{@code tycostream.client.dropped}</td><td>counter</td>
 *     <td>changes of rows in those gaps, where their number is known</td></tr>
 *   <tr><td>{@code tycostream.client.listener.failures}</td><td>counter</td>
 *     <td>calls of listeners that threw</td></tr>
 *   <tr><td>{@code tycostream.client.received}</td><td>counter, bytes</td>
 *     <td>messages of the gateway</td></tr>
 *   <tr><td>{@code tycostream.client.waiting}</td><td>gauge, bytes</td>
 *     <td>messages that listeners are not done with</td></tr>
 *   <tr><td>{@code tycostream.client.behind}</td><td>time gauge</td>
 *     <td>for how long the oldest of those waits, or is in the hands of its listener</td></tr>
 * </table>
 *
 * <p>The registry keeps the client until {@link #close}. Safe from any thread.
 */
public final class TycostreamClientMetrics implements MeterBinder, AutoCloseable {

  private static final List<String> STATES =
      List.of("connecting", "open", "waiting", "unauthorized", "closed");

  private final TycostreamClient client;
  private final Tags tags;

  private final Queue<Bound> bound = new ConcurrentLinkedQueue<>();

  private record Bound(MeterRegistry registry, Meter meter) {}

  /**
   * @param name the value of the tag {@code client}: unique among the clients whose meters are in
   *     one registry at the same time, and the same whenever the program is started
   */
  public TycostreamClientMetrics(TycostreamClient client, String name) {
    this(client, name, List.of());
  }

  /**
   * The same with more tags on each meter.
   *
   * @param more beside {@code client} and, at the connection's state, {@code state}
   */
  public TycostreamClientMetrics(TycostreamClient client, String name, Iterable<Tag> more) {
    this.client = Objects.requireNonNull(client, "client");
    this.tags = Tags.of(more).and("client", name);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (String state : STATES) {
      keep(
          registry,
          Gauge.builder(
                  "tycostream.client.connection.state",
                  () -> name(client.connectionState()).equals(state) ? 1 : 0)
              .description("1 for the state that the connection has")
              .tags(tags.and("state", state))
              .register(registry));
    }
    count(registry, "connections", "connections opened and welcomed", ClientFigures::connections);
    count(registry, "resumes", "connections that resumed a session", ClientFigures::resumes);
    count(registry, "snapshots", "snapshots that came", ClientFigures::snapshots);
    count(registry, "batches", "batches that came", ClientFigures::batches);
    count(registry, "changes", "changes of rows that came", ClientFigures::changes);
    count(registry, "gaps", "gaps that came", ClientFigures::gaps);
    count(registry, "dropped", "changes of rows in gaps", ClientFigures::dropped);
    count(registry, "listener.failures", "listeners that threw", ClientFigures::failures);
    keep(
        registry,
        counter("received", "messages received", ClientFigures::receivedBytes)
            .baseUnit(BaseUnits.BYTES)
            .register(registry));
    keep(
        registry,
        Gauge.builder("tycostream.client.waiting", () -> client.figures().waitingBytes())
            .description("messages that listeners are not done with")
            .baseUnit(BaseUnits.BYTES)
            .tags(tags)
            .register(registry));
    keep(
        registry,
        TimeGauge.builder(
                "tycostream.client.behind",
                () -> client.figures().behind().toNanos(),
                TimeUnit.NANOSECONDS)
            .description("how far the slowest listener is behind")
            .tags(tags)
            .register(registry));
  }

  private void count(
      MeterRegistry registry, String name, String what, ToLongFunction<ClientFigures> figure) {
    keep(registry, counter(name, what, figure).register(registry));
  }

  /** Its function holds the client, which Micrometer itself does not. */
  private FunctionCounter.Builder<TycostreamClient> counter(
      String name, String what, ToLongFunction<ClientFigures> figure) {
    return FunctionCounter.builder(
            "tycostream.client." + name, client, any -> figure.applyAsLong(client.figures()))
        .description(what)
        .tags(tags);
  }

  private void keep(MeterRegistry registry, Meter meter) {
    bound.add(new Bound(registry, meter));
  }

  private static String name(ConnectionState state) {
    return switch (state) {
      case ConnectionState.Connecting connecting -> "connecting";
      case ConnectionState.Open open -> "open";
      case ConnectionState.Waiting waiting -> "waiting";
      case ConnectionState.Unauthorized unauthorized -> "unauthorized";
      case ConnectionState.Closed closed -> "closed";
    };
  }

  /** Takes the meters out of each registry again. The client goes on. */
  @Override
  public void close() {
    for (Bound each = bound.poll(); each != null; each = bound.poll()) {
      each.registry().remove(each.meter());
    }
  }
}
