package io.tycostream.app.config;

import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.upstream.UpstreamSettings;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/** Reads {@code databases.NAME}. */
final class DatabaseReader {

  private static final List<String> SSL_MODES =
      List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");
  private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");
  private static final Pattern HISTORY_ID = Pattern.compile("[A-Za-z0-9_-]{0,40}");

  /** PostgreSQL cuts longer names off. */
  private static final Pattern PUBLICATION = Pattern.compile("[\\p{ASCII}&&[^\\p{Cntrl}]]{1,63}");

  /** Materialize's progress comes about once in each by default, and not on the dot. */
  private static final int STALL_HEARTBEATS = 5;

  private static final List<String> TYPES = List.of("postgres", "materialize", "risingwave");
  private static final List<String> ROLES = List.of("primary", "replica");

  /** What is meant where nothing is said. */
  private record Usual(int port, String database, String user) {

    static Usual of(String type) {
      return switch (type) {
        case "materialize" -> new Usual(6875, "materialize", "materialize");
        case "risingwave" -> new Usual(4566, "dev", "root");
        default -> new Usual(5432, "postgres", "postgres");
      };
    }
  }

  private record Heartbeat(Duration interval, Duration timeout) {}

  private record Retry(Backoff backoff, OptionalInt maxRetries) {}

  private final String node;

  /**
   * A reader for the databases of a node.
   *
   * @param node the default slot is named after it
   */
  DatabaseReader(String node) {
    this.node = node;
  }

  Configuration.Database read(Section database) {
    String type = database.value("type", TYPES.getFirst(), Values.oneOf(TYPES));
    Usual usualServer = Usual.of(type);
    Heartbeat heartbeat = database.section("heartbeat", DatabaseReader::heartbeat);
    Retry retry = database.section("retry", DatabaseReader::retry);
    UpstreamSettings usual = UpstreamSettings.DEFAULT;
    Duration connectTimeout =
        database.value("connect-timeout", Duration.ofSeconds(10), Values.duration());
    Duration queryTimeout =
        database.value("query-timeout", Duration.ofSeconds(30), Values.duration());
    // Longer than each step may take by itself, because a step's own limit says what was too slow.
    Duration step = connectTimeout.plus(queryTimeout);
    UpstreamSettings upstream =
        new UpstreamSettings(
            retry.backoff,
            retry.maxRetries,
            step,
            step,
            heartbeat.timeout,
            stallAfter(heartbeat.interval),
            database.value("alert-after", usual.alertAfter(), Values.duration()),
            usual.slowRetry());
    return new Configuration.Database(
        database.name(),
        product(database, type),
        endpoints(database, usualServer, type),
        database.value("user", usualServer.user, Values.text()),
        database.textOrNothing("password"),
        database.value("ssl-mode", "prefer", Values.oneOf(SSL_MODES)),
        connectTimeout,
        queryTimeout,
        heartbeat.interval,
        database.section("pool", DatabaseReader::poolSize),
        upstream,
        historyId(database));
  }

  private Configuration.Product product(Section database, String type) {
    refuseUnless("postgres", type, database, "slot", "publication", "max-slot-wal");
    refuseUnless("materialize", type, database, "cluster");
    return switch (type) {
      case "materialize" ->
          new Configuration.Product.Materialize(database.value("cluster", Values.text()));
      case "risingwave" -> new Configuration.Product.RisingWave();
      default ->
          new Configuration.Product.Postgres(
              database.value(
                  "slot",
                  defaultSlot(),
                  Values.matching(SLOT, "made of 1 to 63 of a-z, 0-9 and _")),
              database.value(
                  "publication",
                  "tycostream",
                  Values.matching(PUBLICATION, "made of 1 to 63 ASCII characters")),
              database.value(
                  "max-slot-wal",
                  Configuration.Product.Postgres.MAX_SLOT_WAL,
                  Values.sizeOrUnlimited("16MiB", "1048576GiB")));
    };
  }

  private static void refuseUnless(String wanted, String type, Section database, String... keys) {
    if (!type.equals(wanted)) {
      for (String key : keys) {
        if (database.value(key, Values.text()).isPresent()) {
          database.mistake(
              key, "is for type %s alone, not for %s; remove it".formatted(wanted, type));
        }
      }
    }
  }

  private static int poolSize(Section pool) {
    long usual = Configuration.Database.POOL_SIZE;
    return pool.value("max-size", usual, Values.wholeNumber(1, 100)).intValue();
  }

  private String defaultSlot() {
    return "tycostream_" + node.toLowerCase(Locale.ROOT).replace('-', '_');
  }

  private static String historyId(Section database) {
    String id = database.textOrNothing("history-id");
    if (!HISTORY_ID.matcher(id).matches()) {
      database.mistake(
          "history-id", "is '" + id + "', but has to be made of up to 40 letters, digits, _ and -");
    }
    return id;
  }

  private static List<Configuration.Endpoint> endpoints(
      Section database, Usual usual, String type) {
    Configuration.Endpoint here =
        new Configuration.Endpoint("localhost", usual.port, usual.database, false, "");
    List<Configuration.Endpoint> endpoints =
        database
            .listedSections("endpoints", section -> endpoint(section, here, type))
            .orElse(List.of(here));
    if (endpoints.isEmpty()) {
      database.mistake("endpoints", "is empty; name the endpoint, or remove the key for localhost");
      return List.of(here);
    }
    endpoints.stream()
        .filter(each -> endpoints.indexOf(each) != endpoints.lastIndexOf(each))
        .distinct()
        .forEach(each ->
            database.mistake(
                "endpoints",
                "has %s:%d/%s twice; remove one"
                    .formatted(each.host(), each.port(), each.database())));
    return endpoints;
  }

  private static Configuration.Endpoint endpoint(
      Section endpoint, Configuration.Endpoint usual, String type) {
    boolean replica =
        endpoint.value("role", ROLES.getFirst(), Values.oneOf(ROLES)).equals("replica");
    if (replica && type.equals("postgres")) {
      // Its stream goes on over a promotion without a word, under positions of the former timeline.
      endpoint.mistake(
          "role",
          "is replica, which is not supported for type postgres; remove it: a standby behind the"
              + " primary in the list is followed as soon as it has been promoted");
    }
    return new Configuration.Endpoint(
        endpoint.value("host", usual.host(), Values.text()),
        endpoint.value("port", (long) usual.port(), Values.wholeNumber(1, 65_535)).intValue(),
        endpoint.value("database", usual.database(), Values.text()),
        replica,
        endpoint.value("region", "", Values.text()));
  }

  private static Heartbeat heartbeat(Section section) {
    Duration interval = section.value("interval", Duration.ofSeconds(1), Values.duration());
    Duration timeout =
        section.value("timeout", UpstreamSettings.DEFAULT.silenceLimit(), Values.duration());
    if (section.sound("interval", "timeout") && timeout.compareTo(interval) <= 0) {
      section.mistake(
          "timeout",
          "is %s, but has to be longer than interval, which is %s"
              .formatted(Durations.format(timeout), Durations.format(interval)));
    }
    return new Heartbeat(interval, timeout);
  }

  /** Not less than usual, because the database's own beat does not become faster with ours. */
  private static Duration stallAfter(Duration interval) {
    Duration beats = interval.multipliedBy(STALL_HEARTBEATS);
    Duration usual = UpstreamSettings.DEFAULT.stallAfter();
    return beats.compareTo(usual) > 0 ? beats : usual;
  }

  private static Retry retry(Section section) {
    Duration initial = section.value("initial-delay", Duration.ofMillis(100), Values.duration());
    Duration max = section.value("max-delay", Duration.ofSeconds(30), Values.duration());
    double factor = section.value("factor", 2.0, Values.numberBelow("1", "1000"));
    double jitter = section.value("jitter", 0.1, Values.numberBelow("0", "1"));
    OptionalInt maxRetries =
        section.value(
            "max-retries",
            UpstreamSettings.DEFAULT.maxRetries(),
            Values.wholeNumberOrUnlimited(0, 1_000_000_000));
    boolean ordered = initial.compareTo(max) <= 0;
    if (!ordered && section.sound("initial-delay", "max-delay")) {
      section.mistake(
          "max-delay",
          "is %s, but has to be at least initial-delay, which is %s"
              .formatted(Durations.format(max), Durations.format(initial)));
    }
    return new Retry(
        ordered ? Backoff.exponential(initial, max, factor, jitter) : Backoff.DATABASE, maxRetries);
  }
}
