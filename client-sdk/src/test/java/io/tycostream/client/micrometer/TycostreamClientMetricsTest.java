package io.tycostream.client.micrometer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tycostream.client.ConnectionState;
import io.tycostream.client.LiveTable;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TycostreamClient;
import io.tycostream.client.testing.TestGateway;
import io.tycostream.client.testing.TestSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TycostreamClientMetricsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String PREFIX = "tycostream.client.";

  private record Item(long id, String name) {}

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final BlockingQueue<ConnectionState> states = new LinkedBlockingQueue<>();
  private TestGateway gateway;
  private TestSource items;
  private TycostreamClient client;

  @BeforeEach
  void begin() {
    gateway = TestGateway.start();
    items = gateway.source("items").column("id", "int8").column("name", "text").key("id").create();
    items.put(item(1, "one"));
    client =
        TycostreamClient.builder(gateway.address())
            .backoff(Duration.ofMillis(5), Duration.ofMillis(20))
            .connectionListener(states::add)
            .connect();
  }

  @AfterEach
  void end() {
    client.close();
    gateway.close();
    registry.close();
  }

  private static Map<String, Object> item(long id, String name) {
    return Map.of("id", id, "name", name);
  }

  @Test
  void countsWhatTheClientCounts() throws Exception {
    bind("warehouse");
    LiveTable<Long, Item> table = client.table(TableQuery.of("items"), Item.class, Item::id);
    assertTrue(table.awaitRows(PATIENCE));
    assertEquals(1, counted("connections"));
    assertEquals(0, counted("resumes"));
    assertEquals(1, counted("snapshots"));
    assertEquals(0, counted("changes"));

    gateway.dropConnections();
    assertTrue(
        table.awaitPosition(
            items.transaction(t -> t.put(item(2, "two")).put(item(3, "three"))), PATIENCE));
    assertEquals(2, counted("connections"));
    assertEquals(1, counted("resumes"));
    assertEquals(1, counted("snapshots"));
    assertEquals(2, counted("changes"));
    assertEquals(0, counted("gaps"));
    assertEquals(0, counted("dropped"));
    assertEquals(0, counted("listener.failures"));
    assertTrue(counted("batches") >= 1);
    assertEquals(client.figures().receivedBytes(), counted("received"));
    assertEquals("bytes", meter("received").getId().getBaseUnit());

    assertTrue(
        table.awaitPosition(
            items.gapWithFold(
                t -> t.put(item(4, "four")), t -> t.put(item(4, "FOUR")), t -> t.delete(2)),
            PATIENCE));
    assertEquals(1, counted("gaps"));
    assertEquals(client.figures().dropped(), counted("dropped"));
    assertTrue(counted("dropped") > 0);
  }

  @Test
  void saysHowFarListenersAreBehind() throws Exception {
    bind("warehouse");
    CountDownLatch release = new CountDownLatch(1);
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    client.subscribe(
        TableQuery.of("items").eventsFromNow(),
        new SubscriptionListener() {
          @Override
          public void onBatch(Subscription from, TableBatch batch) {
            told.add(batch.position());
            try {
              release.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("on purpose");
          }
        });
    items.awaitSubscriptions(1);
    items.put(item(2, "two"));
    assertNotNull(told.poll(10, TimeUnit.SECONDS));
    assertTrue(value("waiting") > 0);
    double behind = registry.get(PREFIX + "behind").timeGauge().value(TimeUnit.NANOSECONDS);
    assertTrue(behind > 0);
    assertTrue(behind < Duration.ofMinutes(1).toNanos());
    release.countDown();
    items.put(item(3, "three"));
    assertNotNull(told.poll(10, TimeUnit.SECONDS));
    assertTrue(counted("listener.failures") >= 1);
  }

  @Test
  void showsTheStateOfTheConnection() throws Exception {
    bind("warehouse");
    gateway.awaitConnections(1);
    awaitState(ConnectionState.Open.class);
    assertEquals(Map.of("open", 1.0), shown());
    gateway.refuseConnections();
    gateway.dropConnections();
    while (!(client.connectionState() instanceof ConnectionState.Waiting)) {
      states.poll(1, TimeUnit.MILLISECONDS);
    }
    assertEquals(Set.of(), intersection(shown().keySet(), Set.of("open", "closed")));
    client.close();
    awaitState(ConnectionState.Closed.class);
    assertEquals(Map.of("closed", 1.0), shown());
  }

  @Test
  void clientsShareARegistryAndLeaveIt() {
    TycostreamClientMetrics first = bind("first");
    int each = registry.getMeters().size();
    try (TycostreamClient other = TycostreamClient.builder(gateway.address()).connect()) {
      TycostreamClientMetrics second =
          new TycostreamClientMetrics(other, "second", Tags.of("region", "eu"));
      second.bindTo(registry);
      gateway.awaitConnections(2);
      assertEquals(2 * each, registry.getMeters().size());
      assertEquals(
          Set.of(Tag.of("client", "second"), Tag.of("region", "eu")),
          Set.copyOf(
              registry
                  .get(PREFIX + "connections")
                  .tag("client", "second")
                  .meter()
                  .getId()
                  .getTags()));
      second.close();
      second.close();
      assertEquals(each, registry.getMeters().size());
      second.bindTo(registry);
      second.close();
    }
    first.close();
    assertEquals(List.of(), registry.getMeters());
  }

  /** The table in the Javadoc is what people make their dashboards from. */
  @Test
  void theJavadocNamesEachMeter() throws IOException {
    bind("warehouse");
    Set<String> meters =
        registry.getMeters().stream()
            .map(meter -> meter.getId().getName())
            .collect(Collectors.toCollection(TreeSet::new));
    String source =
        Files.readString(
            Path.of("src/main/java")
                .resolve(TycostreamClientMetrics.class.getName().replace('.', '/') + ".java"));
    Set<String> told =
        Pattern.compile("<tr><td>\\{@code ([a-z.]+)}")
            .matcher(source)
            .results()
            .map((MatchResult row) -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(meters, told);
  }

  private TycostreamClientMetrics bind(String name) {
    TycostreamClientMetrics metrics = new TycostreamClientMetrics(client, name);
    metrics.bindTo(registry);
    return metrics;
  }

  private Meter meter(String name) {
    return registry.get(PREFIX + name).tag("client", "warehouse").meter();
  }

  private long counted(String name) {
    return (long) registry.get(PREFIX + name).tag("client", "warehouse").functionCounter().count();
  }

  private double value(String name) {
    return registry.get(PREFIX + name).tag("client", "warehouse").gauge().value();
  }

  /** The states that are not shown with 0. */
  private Map<String, Double> shown() {
    return registry.get(PREFIX + "connection.state").gauges().stream()
        .filter(gauge -> gauge.value() != 0)
        .collect(Collectors.toMap(gauge -> gauge.getId().getTag("state"), gauge -> gauge.value()));
  }

  private static Set<String> intersection(Set<String> one, Set<String> other) {
    Set<String> both = new TreeSet<>(one);
    both.retainAll(other);
    return both;
  }

  private void awaitState(Class<? extends ConnectionState> wanted) throws InterruptedException {
    ConnectionState told;
    do {
      told = states.poll(10, TimeUnit.SECONDS);
    } while (told != null && !wanted.isInstance(told));
    assertTrue(wanted.isInstance(told), () -> "never " + wanted.getSimpleName());
  }
}
