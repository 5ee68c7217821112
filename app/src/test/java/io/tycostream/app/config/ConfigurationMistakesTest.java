package io.tycostream.app.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationMistakesTest {

  /** What is put into one database, and the mistake. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "endpoints: [{port: 0}] | databases.main.endpoints[0].port is '0', but has to be a whole"
            + " number from 1 to 65535",
        "endpoints: [{port: 65536}] | databases.main.endpoints[0].port is '65536', but has to be a"
            + " whole number from 1 to 65535",
        "endpoints: [{hots: a}] | databases.main.endpoints[0].hots is not a known key; the nearest"
            + " one is host",
        "endpoints: [a] | databases.main.endpoints[0] is 'a', but has to be a section with keys"
            + " below it",
        "endpoints: [[a]] | databases.main.endpoints[0] is a list, but has to be a section with"
            + " keys below it",
        "endpoints: [] | databases.main.endpoints is empty; name the endpoint, or remove the key"
            + " for localhost",
        "endpoints: [{}, {}] | databases.main.endpoints has localhost:5432/postgres twice; remove"
            + " one",
        "endpoints: [{role: leader}] | databases.main.endpoints[0].role is 'leader', but has to be"
            + " one of primary, replica",
        "endpoints: [{}, {host: b, role: replica}] | databases.main.endpoints[1].role is replica,"
            + " which is not supported for type postgres; remove it: a standby behind the primary"
            + " in the list is followed as soon as it has been promoted",
        "type: mysql | databases.main.type is 'mysql', but has to be one of postgres, materialize,"
            + " risingwave",
        "cluster: a | databases.main.cluster is for type materialize alone, not for postgres;"
            + " remove it",
        "pool: {max-size: 0} | databases.main.pool.max-size is '0', but has to be a whole number"
            + " from 1 to 100",
        "max-slot-wal: 1MiB | databases.main.max-slot-wal is '1MiB', but has to be a size from"
            + " 16MiB to 1048576GiB",
        "endpoints: {host: a} | databases.main.endpoints has keys below it, but has to be a list as"
            + " in [a, b]",
        "endpoints: localhost | databases.main.endpoints is 'localhost', but has to be a list as in"
            + " [a, b]",
        "user: '' | databases.main.user is empty; give it a value or remove it",
        "user: [a] | databases.main.user has to be a single value",
        "ssl-mode: on1 | databases.main.ssl-mode is 'on1', but has to be one of disable, allow,"
            + " prefer, require, verify-ca, verify-full",
        "connect-timeout: 10 | databases.main.connect-timeout is '10', but has to be a duration as"
            + " in 100ms, 30s, 2m or 1h",
        "connect-timeout: 0s | databases.main.connect-timeout is '0s', but has to be a duration"
            + " from 1ms to 500h",
        "query-timeout: 501h | databases.main.query-timeout is '501h', but has to be a duration"
            + " from 1ms to 500h",
        "heartbeat: {interval: 5s, timeout: 5s} | databases.main.heartbeat.timeout is 5s, but has"
            + " to be longer than interval, which is 5s",
        "heartbeat: {interval: 1m} | databases.main.heartbeat.timeout is 15s, but has to be longer"
            + " than interval, which is 1m",
        "heartbeat: 5s | databases.main.heartbeat is '5s', but has to be a section with keys below"
            + " it",
        "retry: {initial-delay: 2h, max-delay: 250ms} | databases.main.retry.max-delay is 250ms,"
            + " but has to be at least initial-delay, which is 2h",
        "retry: {factor: 0.9} | databases.main.retry.factor is '0.9', but has to be a number from 1"
            + " to less than 1000",
        "retry: {jitter: 1} | databases.main.retry.jitter is '1', but has to be a number from 0 to"
            + " less than 1",
        "retry: {jitter: none} | databases.main.retry.jitter is 'none', but has to be a number from"
            + " 0 to less than 1",
        "retry: {max-retries: -1} | databases.main.retry.max-retries is '-1', but has to be"
            + " unlimited or a whole number from 0 to 1000000000",
        "slot: Slot-1 | databases.main.slot is 'Slot-1', but has to be made of 1 to 63 of a-z, 0-9"
            + " and _",
        "publication: ö | databases.main.publication is 'ö', but has to be made of 1 to 63 ASCII"
            + " characters",
        "history-id: a b | databases.main.history-id is 'a b', but has to be made of up to 40"
            + " letters, digits, _ and -",
        "pasword: x | databases.main.pasword is not a known key; the nearest one is password",
        "max-slot-wall: x | databases.main.max-slot-wall is not a known key; the nearest one is"
            + " max-slot-wal",
      })
  void shouldNameAMistakeInADatabase(String yaml, String mistake) {
    assertEquals(
        List.of(mistake),
        Yaml.mistakes("databases: {main: {" + yaml + "}}\nsources: {trades: }\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "database: man | sources.trades.database is 'man', but there is no such database; the"
            + " nearest one is main",
        "relation: public. | sources.trades.relation is 'public.', but has to be written as"
            + " schema.table, without quotes",
        "relation: .t | sources.trades.relation is '.t', but has to be written as schema.table,"
            + " without quotes",
        "relation: 'public.\"T\"' | sources.trades.relation is 'public.\"T\"', but has to be"
            + " written as schema.table, without quotes",
        "key: id | sources.trades.key is 'id', but has to be a list as in [a, b]",
        "subscription: a | sources.trades.subscription is for type risingwave alone; remove it",
        "create: true | sources.trades.create is for type risingwave alone; remove it",
        "create: 1 | sources.trades.create is '1', but has to be one of true, false",
        "key: [id, day, id] | sources.trades.key names the column id twice",
        "key: [id, ''] | sources.trades.key has a column without a name",
        "key: [{a: b}] | sources.trades.key[0] has to be a single value",
        "history: {max-events: 0} | sources.trades.history.max-events is '0', but has to be a whole"
            + " number from 1 to 1000000000",
        "history: {max-events: many} | sources.trades.history.max-events is 'many', but has to be a"
            + " whole number from 1 to 1000000000",
        "history: {max-age: forever} | sources.trades.history.max-age is 'forever', but has to be a"
            + " duration as in 100ms, 30s, 2m or 1h",
        "history: {max-bytes: 256MB} | sources.trades.history.max-bytes is '256MB', but has to be a"
            + " size as in 64KiB, 256MiB or 10GiB",
        "cache: {max-bytes: 1KiB} | sources.trades.cache.max-bytes is '1KiB', but has to be a size"
            + " from 64KiB to 1024GiB",
        "cahce: {} | sources.trades.cahce is not a known key; the nearest one is cache",
      })
  void shouldNameAMistakeInASource(String yaml, String mistake) {
    List<String> mistakes =
        Yaml.mistakes("databases: {main: }\nsources: {spare: , trades: {" + yaml + "}}\n");
    assertEquals(List.of(mistake), mistakes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "server: {port: -1} | server.port is '-1', but has to be a whole number from 0 to 65535",
        "server: {port: 80a} | server.port is '80a', but has to be a whole number from 0 to 65535",
        "server: [a] | server is a list, but has to be a section with keys below it",
        "server: {allowed-origins: ['https://a.org/']} | server.allowed-origins[0] is"
            + " 'https://a.org/', but has to be an origin as in https://example.org:8443",
        "server: {allowed-origins: [a.org]} | server.allowed-origins[0] is 'a.org', but has to be"
            + " an origin as in https://example.org:8443",
        "server: {allowed-origins: ['ht tp:']} | server.allowed-origins[0] is 'ht tp:', but has to"
            + " be an origin as in https://example.org:8443",
        "clients: {max-connections: 0} | clients.max-connections is '0', but has to be a whole"
            + " number from 1 to 1000000",
        "clients: {max-message: 65536} | clients.max-message is '65536', but has to be a size as in"
            + " 64KiB, 256MiB or 10GiB",
        "clients: {socket-send-buffer: 1GiB} | clients.socket-send-buffer is '1GiB', but has to be"
            + " a size from 4KiB to 64MiB",
        "clients: {request-queue: {timout: 1s}} | clients.request-queue.timout is not a known key;"
            + " the nearest one is timeout",
        "node: a b | node is 'a b', but has to be made of 1 to 50 letters, digits, _ and -",
        "sever: {} | sever is not a known key; the nearest one is server",
        "auth: {mod: none} | auth.mod is not a known key; the nearest one is mode",
      })
  void shouldNameAMistakeElsewhere(String yaml, String mistake) {
    assertEquals(List.of(mistake), Yaml.mistakes(Yaml.MINIMAL + yaml + "\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "clients: {session-ttl: 0} | clients.session-ttl is '0', but has to be a duration as in"
            + " 100ms, 30s, 2m or 1h",
        "clients: {requests-per-second: 0} | clients.requests-per-second is '0', but has to be a"
            + " whole number from 1 to 1000000",
        "clients: {buffer: {max-size: 0}} | clients.buffer.max-size is '0', but has to be auto or a"
            + " whole number from 1 on",
        "clients: {buffer: {limit: 10, max-size: 11}} | clients.buffer.max-size is 11, which is"
            + " more than limit, which is 10",
        "clients: {buffer: {warn-threshold: 0.9, disconnect-threshold: 0.8}} |"
            + " clients.buffer.warn-threshold is 0.9, which is more than disconnect-threshold,"
            + " which is 0.8",
        "resume-secret: my secret | resume-secret is too short; it needs at least 16 characters",
      })
  void shouldNameAMistakeAboutClients(String yaml, String mistake) {
    assertEquals(List.of(mistake), Yaml.mistakes(Yaml.MINIMAL + yaml + "\n"));
  }

  @Test
  void shouldAskForTheKeyThatMaterializeDoesNotKnow() {
    assertEquals(
        List.of(
            "sources.trades.key is missing: Materialize knows no primary keys; name the columns"
                + " that identify a row, or write [] when none do"),
        Yaml.mistakes("databases: {main: {type: materialize}}\nsources: {trades: }\n"));
  }

  @ParameterizedTest
  @CsvSource({"slot", "publication", "max-slot-wal"})
  void shouldRefuseOfAnotherDatabaseWhatPostgresAloneHas(String key) {
    assertEquals(
        List.of(
            "databases.main." + key + " is for type postgres alone, not for risingwave; remove it"),
        Yaml.mistakes(
            "databases: {main: {type: risingwave, " + key + ": a}}\nsources: {trades: }\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a: [1~b: 2 | line 2, column 2, is not YAML: expected ',' or ']', but got :",
        "a: 1~\tb: 2 | line 2, column 1, is not YAML: found character '\\t(TAB)' that cannot start"
            + " any token. (Do not use \\t(TAB) for indentation)",
        "a: {b: ${C}} | line 1, column 9, is not YAML: expected ',' or '}', but got {; inside { }"
            + " and [ ], put ${…} in quotes",
        "a: 1~---~b: 2 | line 2, column 1, is not YAML: but found another document",
        "- a | line 1, column 1, is not a key with a value, as in server: …",
        "hello | line 1, column 1, is not a key with a value, as in server: …",
        "? [a]~: 1 | line 1, column 3, has a key that is not a name",
        "a: &a [*a] | line 1, column 4, holds itself, by an alias",
        "a: &a {b: {c: *a}} | line 1, column 11, holds itself, by an alias",
      })
  void shouldSayWhereAFileIsNotYaml(String yaml, String mistake) {
    assertEquals(List.of(mistake), Yaml.mistakes(yaml.replace('~', '\n')));
  }

  @ParameterizedTest
  @ValueSource(strings = {"010", "0x10", "2026-01-01", "yes", "1_000", "12:30", "1.50"})
  void shouldRefuseWhatYamlWouldChange(String value) {
    assertEquals(
        List.of(
            "line 1, column 30, has a value that YAML does not take as it is written (to it, 010 is"
                + " 8 and yes is true); put it in quotes, or write it another way"),
        Yaml.mistakes("databases: {main: {password: " + value + "}}\nsources: {trades: }\n"));
  }

  @Test
  void shouldRefuseKeysThatStandTwiceOrHoldADot() {
    assertEquals(
        List.of(
            "line 6, column 1, has the key node for the second time",
            "line 7, column 1, has a dot in the key server.port; write it as keys below keys"),
        Yaml.mistakes(Yaml.MINIMAL + "node: a\nnode: b\nserver.port: 1\n"));
  }

  @Test
  void shouldWantADatabaseAndASource() {
    assertEquals(
        List.of(
            "databases has no database; at least one is needed",
            "sources has no source; at least one is needed"),
        Yaml.mistakes("{}"));
    assertEquals(
        List.of("databases.b has no source; add one to sources, or remove it"),
        Yaml.mistakes("databases: {a: , b: {slot: other}}\nsources: {t: {database: a}}\n"));
  }

  @Test
  void shouldWantTheDatabaseOfASourceNamedWhereThereAreSeveral() {
    assertEquals(
        List.of("sources.v.database is missing; name one of a, b"),
        Yaml.mistakes(
            """
            databases: {a: , b: {slot: other}}
            sources: {t: {database: a}, u: {database: b}, v: }
            """));
  }

  @Test
  void shouldRefuseTwoConnectionsOnOneSlot() {
    assertEquals(
        List.of(
            "databases.b.slot is tycostream_main on localhost:5432, which databases.a uses already;"
                + " each needs a slot of its own"),
        Yaml.mistakes(
            """
            databases:
              a:
              b: {endpoints: [{database: other}]}
              c: {endpoints: [{port: 5433}]}
            sources: {t: {database: a}, u: {database: b}, v: {database: c}}
            """));
  }

  @Test
  void shouldRefuseNamesThatWouldNotGoIntoPathsAndMetrics() {
    assertEquals(
        List.of(
            "sources.my trades has a name that is not made of 1 to 50 letters, digits, _ and -"),
        Yaml.mistakes("databases: {main: }\nsources: {my trades: }\n"));
  }

  @Test
  void shouldTellOfAllMistakesAtOnce() {
    assertEquals(
        List.of(
            "line 9, column 9, has a value that YAML does not take as it is written (to it, 010 is"
                + " 8 and yes is true); put it in quotes, or write it another way",
            "databases.main.password needs the environment variable DB_PASSWORD, which is not set;"
                + " set it, or give a default as in ${DB_PASSWORD:default}",
            "server.port is 'eighty', but has to be a whole number from 0 to 65535",
            "databases.main.type is 'oracle', but has to be one of postgres, materialize,"
                + " risingwave",
            "databases.main.retry.max-delay is '30', but has to be a duration as in 100ms, 30s, 2m"
                + " or 1h",
            "sources.trades.database is 'mian', but there is no such database; the nearest one is"
                + " main",
            "extra is not a known key; the nearest one is auth"),
        Yaml.mistakes(
            """
            server: {port: eighty}
            databases:
              main:
                type: oracle
                password: ${DB_PASSWORD}
                retry: {max-delay: 30}
            sources:
              trades: {database: mian}
            extra:  0x1
            """,
            Map.of()));
  }
}
