package io.tycostream.app.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.app.demo.Await;
import io.tycostream.app.demo.EmbeddedPostgres;
import io.tycostream.client.TycostreamClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Programs that follow in all ways the SDK has, with listeners that are slow, block and throw, live
 * through faults between them, two nodes and the database. Each is told each transaction once and
 * in order, or that it is not, and by what it was told alone it ends with what the database has.
 *
 * <p>The seed can be given: {@code -Dchaos.seed=…}.
 */
class SdkChaosTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** What throws on purpose is logged, each time. */
  private final Logger log = Logger.getLogger(TycostreamClient.class.getPackageName());

  @BeforeEach
  void logNothing() {
    log.setLevel(Level.OFF);
  }

  @AfterEach
  void logAgain() {
    log.setLevel(null);
  }

  @Test
  void shouldLeadTwentyProgramsThroughEachFault() throws Exception {
    follow(20, Storm.Fault.values().length, 6, Duration.ofMillis(5), 200);
  }

  @Test
  @Tag("long")
  void shouldLeadFiftyProgramsThroughTwoHundredFaults() throws Exception {
    follow(50, 200, 10, Duration.ofMillis(25), 2_000);
  }

  /**
   * @param pause between transactions
   * @param history row changes that the source with little of it keeps; a listener that it leaves
   *     behind more than three times in five minutes is left alone for a while, by design
   */
  private static void follow(int count, int faults, int betweenCalms, Duration pause, int history)
      throws Exception {
    long seed = Long.getLong("chaos.seed", System.nanoTime());
    String replay = "seed " + seed;
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    Weather weather = new Weather();
    Books books = Crowd.books();
    try (EmbeddedPostgres postgres =
            EmbeddedPostgres.start(EmbeddedPostgres.Options.defaults().withFsync(true));
        Teller teller = new Teller(postgres.jdbcUrl(), random.nextLong(), pause, books);
        Storm storm = new Storm(postgres, teller, random, history);
        Crowd crowd = new Crowd(count, random.nextLong(), books, weather, storm.addresses());
        weather) {
      teller.start();
      settle(weather, crowd, teller, replay);
      Deque<Storm.Fault> coming = new ArrayDeque<>();
      for (int performed = 1; performed <= faults; performed++) {
        if (coming.isEmpty()) {
          List<Storm.Fault> all = new ArrayList<>(List.of(Storm.Fault.values()));
          Collections.shuffle(all, new Random(random.nextLong()));
          coming.addAll(all);
        }
        Storm.Fault fault = coming.remove();
        String where = replay + ", fault " + performed + ": " + fault;
        storm.perform(fault, crowd);
        weather.broke();
        long target = teller.committed() + random.nextInt(1, 30);
        Await.until("the teller goes on, " + where, PATIENCE, () -> teller.committed() >= target);
        crowd.look(where);
        if (performed % betweenCalms == 0) {
          settle(weather, crowd, teller, where);
        }
      }
      // While there is more to tell: behind a gap events end where nobody can say where that is.
      settle(weather, crowd, teller, replay);
      weather.calm(true);
      teller.finish();
      crowd.awaitAtLeast(teller.committed(), replay);
      crowd.equalDatabase(postgres.jdbcUrl(), replay);
      crowd.leaveNothingToObjectTo(replay);
      print(crowd, faults, teller, replay);
    }
  }

  /** Nothing breaks, and everybody catches up. */
  private static void settle(Weather weather, Crowd crowd, Teller teller, String where)
      throws Exception {
    weather.calm(true);
    crowd.awaitAtLeast(teller.committed() + 1, where);
    weather.calm(false);
  }

  private static void print(Crowd crowd, int faults, Teller teller, String replay) {
    long exact = crowd.sum(each -> each.told.exact());
    long thrown = crowd.sum(each -> each.temper.thrown());
    assertTrue(exact > 0 && thrown > 0, replay);
    System.out.print(
        String.format(
            "proof: %d programs on the SDK under %d faults, with listeners that threw %,d times and"
                + " blocked %,d times, during %,d transactions: %,d told one by one, %,d folded or"
                + " resynchronised, %,d snapshots, %,d gaps, all of them told; %,d connections, %,d"
                + " of them resumed their session; each ended with what the database has (%s)%n",
            crowd.size(),
            faults,
            thrown,
            crowd.sum(each -> each.temper.blocked()),
            teller.committed(),
            exact,
            crowd.sum(each -> each.told.folded()),
            crowd.sum(each -> each.told.snapshots()),
            crowd.sum(each -> each.told.gaps()),
            crowd.sum(each -> each.figures().connections()),
            crowd.sum(each -> each.figures().resumes()),
            replay));
  }
}
