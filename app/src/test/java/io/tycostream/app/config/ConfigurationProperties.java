package io.tycostream.app.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Each key stands for itself: given, it counts; removed, its default does, whatever others say. */
class ConfigurationProperties {

  /** A key with a value that is not the default, and what both come to. */
  record Key(
      String path,
      String value,
      Object given,
      Object otherwise,
      Function<Configuration, Object> read) {}

  private static final List<Key> KEYS =
      List.of(
          new Key("node", "n2", "n2", "main", Configuration::node),
          new Key("server.host", "0.0.0.0", "0.0.0.0", "127.0.0.1", c -> c.server().host()),
          new Key("server.port", "1", 1, 8080, c -> c.server().port()),
          new Key(
              "server.allowed-origins",
              "['http://a']",
              Set.of("http://a"),
              Set.of(),
              c -> c.server().allowedOrigins()),
          database(
              "endpoints", "[{host: h}]", "h", "localhost", d -> d.endpoints().getFirst().host()),
          database("user", "u", "u", "postgres", d -> d.user()),
          database("password", "p", "p", "", d -> d.password()),
          database("ssl-mode", "require", "require", "prefer", d -> d.sslMode()),
          database("connect-timeout", "1s", seconds(1), seconds(10), d -> d.connectTimeout()),
          database("query-timeout", "2s", seconds(2), seconds(30), d -> d.queryTimeout()),
          database("heartbeat.interval", "3s", seconds(3), seconds(1), d -> d.heartbeat()),
          database(
              "heartbeat.timeout", "9s", seconds(9), seconds(15), d -> d.upstream().silenceLimit()),
          database(
              "retry.initial-delay",
              "2s",
              seconds(2),
              Duration.ofMillis(100),
              d -> rounded(d.upstream().backoff().delay(0, 0.5))),
          database(
              "retry.max-delay",
              "9s",
              seconds(9),
              seconds(30),
              d -> d.upstream().backoff().delay(99, 0.9)),
          database(
              "retry.max-retries",
              "3",
              OptionalInt.of(3),
              OptionalInt.empty(),
              d -> d.upstream().maxRetries()),
          database("alert-after", "5s", seconds(5), seconds(60), d -> d.upstream().alertAfter()),
          database("publication", "p", "p", "tycostream", d -> postgres(d).publication()),
          database(
              "max-slot-wal",
              "1GiB",
              OptionalLong.of(1L << 30),
              OptionalLong.of(10L << 30),
              d -> postgres(d).maxSlotWal()),
          database("pool.max-size", "9", 9, 4, d -> d.poolSize()),
          database("history-id", "h", "h", "", d -> d.historyId()),
          source("relation", "a.b", "a.b", "public.trades", s -> s.relation()),
          source("key", "[k]", Optional.of(List.of("k")), Optional.empty(), s -> s.key()),
          source("history.max-events", "7", 7L, 1_000_000L, s -> s.limits().history().maxEvents()),
          source(
              "history.max-age",
              "7s",
              seconds(7),
              seconds(600),
              s -> s.limits().history().maxAge()),
          source(
              "history.max-bytes",
              "1MiB",
              1L << 20,
              256L << 20,
              s -> s.limits().history().maxBytes()),
          source("cache.max-rows", "8", 8L, 1_000_000L, s -> s.limits().maxRows()),
          source("cache.max-bytes", "2MiB", 2L << 20, 512L << 20, s -> s.limits().maxBytes()),
          clients("max-connections", "4", 4, 10_000, c -> c.limits().maxConnections()),
          clients("max-subscriptions", "5", 5, 100, c -> c.limits().maxSubscriptions()),
          clients("max-message", "1KiB", 1 << 10, 64 << 10, c -> c.limits().maxRequest()),
          clients("socket-send-buffer", "8KiB", 8 << 10, 64 << 10, c -> c.socketSendBuffer()),
          clients(
              "hello-timeout",
              "6s",
              seconds(6),
              seconds(10),
              c -> c.limits().times().helloTimeout()),
          clients("heartbeat", "7s", seconds(7), seconds(15), c -> c.limits().times().heartbeat()),
          clients("requests-per-second", "3", 3, 50, c -> c.limits().requestsPerSecond()),
          clients("session-ttl", "0s", seconds(0), seconds(120), c -> c.limits().times().ttl()),
          clients("buffer.max-size", "9", 9L, 16_600L, c -> buffer(c).maxSize()),
          clients(
              "buffer.limit", "20000", 20_000L, 1_000_000L, c -> c.limits().buffers().maxSize()),
          clients(
              "buffer.drop-policy",
              "conflate",
              DropPolicy.CONFLATE,
              DropPolicy.DROP_OLDEST,
              c -> buffer(c).policy()),
          clients("buffer.warn-threshold", "0.7", 0.7, 0.8, c -> buffer(c).warnAt()),
          clients("buffer.disconnect-threshold", "1", 1.0, 0.95, c -> buffer(c).disconnectAt()),
          clients(
              "buffer.sustained-for",
              "9s",
              seconds(9),
              seconds(30),
              c -> c.limits().sustainedFor()),
          clients("request-queue.max-size", "9", 9, 1_000, c -> c.limits().maxWaiting()),
          clients(
              "request-queue.timeout",
              "8s",
              seconds(8),
              seconds(30),
              c -> c.limits().requestPatience()));

  private static Buffer buffer(Configuration.Clients clients) {
    return clients.limits().buffers().standard();
  }

  private static Configuration.Product.Postgres postgres(Configuration.Database database) {
    return (Configuration.Product.Postgres) database.product();
  }

  @Property(tries = 150)
  void shouldFallBackToTheDefaultOfEachKeyThatIsRemoved(@ForAll("subsets") Set<Key> present) {
    Configuration configuration = Yaml.read(write(present));
    for (Key key : KEYS) {
      Object expected = present.contains(key) ? key.given : key.otherwise;
      assertEquals(expected, key.read.apply(configuration), key.path);
    }
  }

  @Provide
  Arbitrary<Set<Key>> subsets() {
    return Arbitraries.of(KEYS).set().ofMaxSize(KEYS.size());
  }

  /** As YAML, in braces all the way down. */
  private static String write(Set<Key> keys) {
    Map<String, Object> tree = new TreeMap<>();
    List<List<String>> paths = new ArrayList<>();
    paths.add(List.of("databases", "main"));
    paths.add(List.of("sources", "trades"));
    keys.forEach(key -> paths.add(Arrays.asList(key.path.split("\\."))));
    for (List<String> path : paths) {
      below(tree, path);
    }
    keys.forEach(key -> {
      List<String> path = Arrays.asList(key.path.split("\\."));
      below(tree, path.subList(0, path.size() - 1)).put(path.getLast(), key.value);
    });
    return tree.toString().replace("=", ": ");
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> below(Map<String, Object> tree, List<String> path) {
    Map<String, Object> at = tree;
    for (String name : path) {
      at = (Map<String, Object>) at.computeIfAbsent(name, absent -> new TreeMap<String, Object>());
    }
    return at;
  }

  private static Key database(
      String path,
      String value,
      Object given,
      Object otherwise,
      Function<Configuration.Database, Object> read) {
    return new Key(
        "databases.main." + path,
        value,
        given,
        otherwise,
        c -> read.apply(c.databases().getFirst()));
  }

  private static Key source(
      String path,
      String value,
      Object given,
      Object otherwise,
      Function<Configuration.StreamedTable, Object> read) {
    return new Key(
        "sources.trades." + path, value, given, otherwise, c -> read.apply(c.sources().getFirst()));
  }

  private static Key clients(
      String path,
      String value,
      Object given,
      Object otherwise,
      Function<Configuration.Clients, Object> read) {
    return new Key("clients." + path, value, given, otherwise, c -> read.apply(c.clients()));
  }

  private static Duration seconds(long count) {
    return Duration.ofSeconds(count);
  }

  /** The middle of the jitter is computed in doubles. */
  private static Duration rounded(Duration duration) {
    return Duration.ofMillis(Math.round(duration.toNanos() / 1e6));
  }
}
