package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.app.demo.Await;
import io.tycostream.client.PositionStore;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TycostreamClient;
import io.tycostream.client.Where;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Programs of all kinds and tempers at the same two addresses. */
final class Crowd implements AutoCloseable {

  /** The accounts once more, with so little history that whoever stays away is left behind. */
  static final String BRIEF = "brief";

  private static final int FEW_BYTES = 16 << 10;
  private static final long USUAL_BYTES = 8 << 20;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final Where STAMP = Where.column("id").is(Books.STAMP_ID);

  /** What is shown of a table, to us and to the gateway. */
  private record Part(Books.Slice slice, UnaryOperator<TableQuery> query) {}

  private static final List<Part> OF_ACCOUNTS =
      List.of(
          new Part(
              new Books.Slice("all accounts", Teller.ACCOUNTS, row -> true, List.of(0, 1, 2, 3)),
              query -> query),
          new Part(
              new Books.Slice("balances", Teller.ACCOUNTS, row -> true, List.of(0, 2, 3)),
              query -> query.columns("note", "balance")),
          new Part(
              new Books.Slice(
                  "rich accounts",
                  Teller.ACCOUNTS,
                  row -> isStamp(row) || Long.parseLong(row.get(2)) > 33_000,
                  List.of(0, 1, 2, 3)),
              query -> query.where(Where.any(STAMP, Where.column("balance").isAbove(33_000)))),
          new Part(
              new Books.Slice(
                  "old customers",
                  Teller.ACCOUNTS,
                  row -> isStamp(row) || row.get(1).startsWith("o"),
                  List.of(0, 3)),
              query ->
                  query
                      .where(Where.any(STAMP, Where.column("owner").isLike("o%")))
                      .columns("note")));

  private static final List<Part> OF_JOURNAL =
      List.of(
          new Part(
              new Books.Slice("whole journal", Teller.JOURNAL, row -> true, List.of(0, 1)),
              query -> query),
          new Part(
              new Books.Slice(
                  "moves",
                  Teller.JOURNAL,
                  row -> isStamp(row) || row.get(1).startsWith("moved"),
                  List.of(0, 1)),
              query -> query.where(Where.any(STAMP, Where.column("entry").isLike("moved%")))));

  private static boolean isStamp(List<String> row) {
    return row.getFirst().equals(Long.toString(Books.STAMP_ID));
  }

  /** How a program follows. */
  private enum Way {
    LISTENER,
    CONFLATED_LISTENER,
    TABLE,
    DURABLE,
    PUBLISHER,
    EVENTS,
    DURABLE_EVENTS,
    EVENTS_PUBLISHER,
    HESITANT_LISTENER,
    HESITANT_EVENTS
  }

  private final List<Program> programs = new ArrayList<>();
  private final SplittableRandom random;
  private final Books books;
  private final Weather weather;
  private final String[] addresses;

  /** The books that these programs are compared with. */
  static Books books() {
    return new Books(
        Stream.concat(OF_ACCOUNTS.stream(), OF_JOURNAL.stream())
            .map(Part::slice)
            .toArray(Books.Slice[]::new));
  }

  /** So many, of each way about as many. */
  Crowd(int count, long seed, Books books, Weather weather, List<String> addresses) {
    this.random = new SplittableRandom(seed);
    this.books = books;
    this.weather = weather;
    this.addresses = addresses.toArray(new String[0]);
    Way[] ways = Way.values();
    for (int i = 0; i < count; i++) {
      programs.add(program(i, ways[i % ways.length]));
    }
  }

  private Program program(int number, Way way) {
    return switch (way) {
      case LISTENER -> listener(number, way, usual(), any(Temper.Kind.values()), query -> query);
      case CONFLATED_LISTENER ->
          listener(number, way, usual(), Temper.Kind.SLOW, TableQuery::conflated);
      case HESITANT_LISTENER -> listener(number, way, BRIEF, Temper.Kind.BLOCKING, query -> query);
      case EVENTS ->
          listener(
              number,
              way,
              usual(),
              any(Temper.Kind.SLOW, Temper.Kind.THROWING),
              TableQuery::events);
      case HESITANT_EVENTS ->
          listener(number, way, BRIEF, Temper.Kind.BLOCKING, TableQuery::events);
      case TABLE -> {
        String source = usual();
        Part part = part(source);
        yield new Program.Tabular(
            told(number, way, part, false),
            temper(any(Temper.Kind.values())),
            connecting(number, USUAL_BYTES, PositionStore.inMemory()),
            part.query().apply(TableQuery.of(source)));
      }
      case DURABLE, DURABLE_EVENTS -> {
        String source = usual();
        Part part = part(source);
        TableQuery query = part.query().apply(TableQuery.of(source)).durable("program " + number);
        yield new Program.Durable(
            told(number, way, part, way == Way.DURABLE_EVENTS),
            temper(any(Temper.Kind.SLOW, Temper.Kind.THROWING)),
            connecting(number, USUAL_BYTES, PositionStore.inMemory()),
            way == Way.DURABLE_EVENTS ? query.events() : query);
      }
      case PUBLISHER, EVENTS_PUBLISHER -> {
        String source = usual();
        Part part = part(source);
        TableQuery query = part.query().apply(TableQuery.of(source));
        yield new Program.Subscribing(
            told(number, way, part, way == Way.EVENTS_PUBLISHER),
            temper(any(Temper.Kind.QUICK, Temper.Kind.SLOW, Temper.Kind.BLOCKING)),
            connecting(number, USUAL_BYTES, PositionStore.inMemory()),
            way == Way.EVENTS_PUBLISHER ? query.events() : query);
      }
    };
  }

  private Program listener(
      int number, Way way, String source, Temper.Kind kind, UnaryOperator<TableQuery> more) {
    Part part = part(source);
    TableQuery query = more.apply(part.query().apply(TableQuery.of(source)));
    boolean events = way == Way.EVENTS || way == Way.HESITANT_EVENTS;
    return new Program.Listening(
        told(number, way, part, events),
        temper(kind),
        connecting(
            number, source.equals(BRIEF) ? FEW_BYTES : USUAL_BYTES, PositionStore.inMemory()),
        query,
        !events);
  }

  private Told told(int number, Way way, Part part, boolean events) {
    String name = "program " + number + " (" + way + ", " + part.slice().name() + ")";
    return new Told(name, books, part.slice(), events);
  }

  private Temper temper(Temper.Kind kind) {
    return new Temper(kind, random.nextLong(), weather);
  }

  private Supplier<TycostreamClient> connecting(int number, long bytes, PositionStore positions) {
    int first = number % addresses.length;
    return () ->
        TycostreamClient.builder(addresses[first], addresses[(first + 1) % addresses.length])
            .clientId("program-" + number)
            .backoff(Duration.ofMillis(10), Duration.ofMillis(300))
            .connectTimeout(Duration.ofSeconds(2))
            .maxWaitingBytes(bytes)
            .positionStore(positions)
            .connect();
  }

  private String usual() {
    return random.nextInt(3) == 0 ? Teller.JOURNAL : Teller.ACCOUNTS;
  }

  private Part part(String source) {
    List<Part> parts = source.equals(Teller.JOURNAL) ? OF_JOURNAL : OF_ACCOUNTS;
    return parts.get(random.nextInt(parts.size()));
  }

  private Temper.Kind any(Temper.Kind... kinds) {
    return kinds[random.nextInt(kinds.length)];
  }

  /** Stops one of those that keep their place and starts it again. */
  void restartOne(int chance) {
    List<Program.Durable> durable =
        programs.stream()
            .filter(Program.Durable.class::isInstance)
            .map(Program.Durable.class::cast)
            .toList();
    durable.get(chance % durable.size()).restart();
  }

  /** What clients hold, seen from outside, while they are told more. */
  void look(String where) {
    programs.forEach(Program::look);
    leaveNothingToObjectTo(where);
  }

  void awaitAtLeast(long transaction, String where) throws Exception {
    try {
      Await.until(
          "all at transaction " + transaction + ", " + where,
          PATIENCE,
          () ->
              programs.stream()
                  .allMatch(
                      each -> each.told.at() >= transaction || !each.told.objections().isEmpty()));
    } catch (AssertionError late) {
      List<String> behind =
          programs.stream()
              .filter(each -> each.told.at() < transaction)
              .map(each -> each.told + " " + each.client().connectionState() + " " + each.figures())
              .toList();
      throw new AssertionError(late.getMessage() + "; behind are " + behind, late);
    }
    leaveNothingToObjectTo(where);
  }

  void leaveNothingToObjectTo(String where) {
    assertEquals(
        List.of(),
        programs.stream().flatMap(each -> each.told.objections().stream()).toList(),
        where);
  }

  /** At rest: what they made of what they were told, what their clients hold, what these count. */
  void equalDatabase(String jdbcUrl, String where) throws Exception {
    Map<String, List<List<String>>> tables =
        Map.of(
            Teller.ACCOUNTS, Teller.rows(jdbcUrl, Teller.ACCOUNTS),
            Teller.JOURNAL, Teller.rows(jdbcUrl, Teller.JOURNAL));
    for (Program program : programs) {
      Told told = program.told;
      Books.Slice slice = told.slice();
      Map<String, List<String>> expected = new TreeMap<>();
      tables
          .get(slice.table())
          .forEach(row -> slice.of(row).ifPresent(shown -> expected.put(row.getFirst(), shown)));
      told.rows().ifPresent(rows -> assertEquals(expected, rows, told + ", " + where));
      program.held().ifPresent(rows -> assertEquals(expected, rows, told + " holds, " + where));
      assertEquals(program.temper.thrown(), program.failures(), "thrown by " + told + ", " + where);
      Await.until(
          "nothing waits for " + told + ", " + where,
          PATIENCE,
          () -> program.figures().waitingBytes() == 0);
    }
  }

  /** Of all programs together. */
  long sum(ToLongFunction<Program> count) {
    return programs.stream().mapToLong(count).sum();
  }

  int size() {
    return programs.size();
  }

  @Override
  public void close() {
    programs.forEach(Program::close);
  }
}
