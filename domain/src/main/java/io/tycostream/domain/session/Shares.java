package io.tycostream.domain.session;

import io.tycostream.domain.log.DropPolicy;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;

/**
 * Whose turn it is among the subscriptions of one connection, and which of them gives way.
 *
 * <p>Each subscription has a running account: what it sent, divided by its priority. The one with
 * the smallest account is next and sends at least one frame, however large. So of two that always
 * have something, what they sent is as their priorities, up to one turn of each; none that is ready
 * waits for ever; and one that was idle has saved up nothing: it joins where the others are. A
 * choice costs the logarithm of their number.
 *
 * <p>Owned by one thread at a time.
 */
public final class Shares {

  /** The lowest and the highest priority. */
  public static final int LOWEST = 1;

  public static final int HIGHEST = 9;

  /** The smallest number that every priority divides, so that accounts are never rounded. */
  private static final long PARTS = 2_520;

  /** The most that one turn may send; any frame is smaller. */
  private static final long MAX_TURN = 1L << 40;

  /** Where accounts are counted anew, far from the end of numbers. */
  private static final long COUNT_ANEW = 1L << 60;

  private final Map<Integer, Account> accounts = new HashMap<>();
  private final TreeSet<Account> ready = new TreeSet<>(Account.SMALLEST);

  /** Where those who are ready are. */
  private long now;

  private static final class Account {
    static final Comparator<Account> SMALLEST =
        Comparator.<Account>comparingLong(account -> account.used)
            .thenComparingInt(account -> account.subscription);

    private final int subscription;
    private final int priority;
    private long used;

    Account(int subscription, int priority, long used) {
      this.subscription = subscription;
      this.priority = priority;
      this.used = used;
    }
  }

  /**
   * A subscription with something to send.
   *
   * @param priority from {@link #LOWEST} to {@link #HIGHEST}, a weight; one that is known keeps the
   *     priority that it came with
   * @throws IllegalArgumentException when the priority is out of its bounds
   */
  public void ready(int subscription, int priority) {
    if (priority < LOWEST || priority > HIGHEST) {
      throw new IllegalArgumentException("there is no priority " + priority);
    }
    Account account = accounts.computeIfAbsent(subscription, id -> new Account(id, priority, now));
    if (!ready.contains(account)) {
      account.used = Math.max(account.used, now);
      ready.add(account);
    }
  }

  /** A subscription has nothing to send for now. */
  public void idle(int subscription) {
    Account account = accounts.get(subscription);
    if (account != null) {
      ready.remove(account);
    }
  }

  /** A subscription is over. */
  public void ended(int subscription) {
    idle(subscription);
    accounts.remove(subscription);
  }

  /** Whose turn it is; nothing when none is ready. Asking changes nothing. */
  public OptionalInt next() {
    return ready.isEmpty() ? OptionalInt.empty() : OptionalInt.of(ready.getFirst().subscription);
  }

  /**
   * A subscription had its turn.
   *
   * @param bytes that it sent
   * @throws IllegalArgumentException when they are negative or more than 2⁴⁰
   */
  public void spent(int subscription, long bytes) {
    if (bytes < 0 || bytes > MAX_TURN) {
      throw new IllegalArgumentException("a turn of " + bytes + " bytes");
    }
    Account account = accounts.get(subscription);
    if (account == null) {
      return;
    }
    if (!ready.isEmpty()) {
      now = Math.max(now, ready.getFirst().used);
    }
    boolean wasReady = ready.remove(account);
    account.used += bytes * PARTS / account.priority;
    if (wasReady) {
      ready.add(account);
    }
    if (now > COUNT_ANEW) {
      countAnew();
    }
  }

  /** The order of those who are ready stays: all of them are at {@link #now} or behind it. */
  private void countAnew() {
    accounts.values().forEach(account -> account.used = Math.max(0, account.used - now));
    now = 0;
  }

  /** What waits for a subscription, in changes. */
  public record Load(int subscription, int priority, long buffered) {}

  /**
   * Which subscription gives way when all together have more waiting than the connection's buffer
   * holds: the fullest, or by priority the lowest first, among equals the fullest. Nothing when
   * nothing waits for any.
   *
   * @param policy of the connection
   */
  public static OptionalInt givesWay(Collection<Load> loads, DropPolicy policy) {
    Comparator<Load> fullest =
        Comparator.comparingLong(Load::buffered).reversed().thenComparingInt(Load::subscription);
    Comparator<Load> first =
        switch (policy) {
          case BY_PRIORITY -> Comparator.comparingInt(Load::priority).thenComparing(fullest);
          case DROP_OLDEST, DROP_NEWEST, CONFLATE, BY_AGE, SAMPLE -> fullest;
        };
    return loads.stream()
        .filter(load -> load.buffered() > 0)
        .min(first)
        .map(load -> OptionalInt.of(load.subscription()))
        .orElse(OptionalInt.empty());
  }
}
