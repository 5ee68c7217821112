package io.tycostream.client;

import static java.util.Comparator.naturalOrder;

import io.tycostream.domain.backoff.Backoff;
import io.tycostream.domain.replica.ReplicaSettings;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.net.ssl.SSLContext;

/**
 * A connection to a gateway that comes back by itself and goes on where it was.
 *
 * <p>All methods are safe from any thread, also from listeners, and none of them waits for the
 * gateway. Its threads are virtual: they do not keep a JVM alive.
 *
 * <p>A connection that dies without a word is noticed by its silence. The gateway says in its
 * welcome how often it is heard (its configuration, 15 s by default); after twice that time the
 * client asks it, and after twice more it connects anew.
 *
 * <p>Rows are read anew only when nothing less makes them right. A subscription that needs that
 * three times within five minutes, or three times in a row without a batch between, is left alone
 * for 5 s, later up to a minute, so that it does not go round in circles: its rows stay as they
 * are, and the log has a warning.
 */
public final class TycostreamClient implements AutoCloseable {

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final Mailbox mailbox;
  private final ClientLoop loop;
  private final Thread thread;
  private final Optional<PositionStore> positions;
  private final Counters counters = new Counters();
  private final Set<Lane> lanes = ConcurrentHashMap.newKeySet();
  private final Set<QueryPublisher.Subscribed> subscribers = ConcurrentHashMap.newKeySet();

  /** The names of durable subscriptions, each until its last call has returned. */
  private final Set<String> kept = ConcurrentHashMap.newKeySet();

  /** Held while somebody begins to follow something, or nobody is to begin any more. */
  private final ReentrantLock ending = new ReentrantLock();

  private boolean closed;
  private final AtomicInteger refs = new AtomicInteger();

  private TycostreamClient(ClientSettings settings) {
    positions = settings.positions();
    mailbox = new Mailbox(settings.mailboxBytes());
    loop = new ClientLoop(settings, mailbox, counters);
    lanes.add(loop.connection());
    thread = Thread.ofVirtual().name("tycostream-client").start(loop);
  }

  /**
   * A client of the gateway at these addresses, {@code http://host:port} or {@code
   * ws://host:port/v1/stream}; of several, the next one is tried whenever a connection has ended.
   *
   * @throws IllegalArgumentException when one of them is no such address
   */
  public static Builder builder(String address, String... more) {
    return new Builder(address, more);
  }

  /**
   * Follows a source from now on, with a snapshot first. Returns at once; the listener is told what
   * comes of it.
   *
   * @param source as the gateway's configuration names it; one subscription of it per client
   * @throws IllegalStateException when this client has ended
   */
  public Subscription subscribe(String source, SubscriptionListener listener) {
    return subscribe(TableQuery.of(source), listener);
  }

  /**
   * Follows a part of a source from now on, with a snapshot first. Returns at once; the listener is
   * told what comes of it.
   *
   * @param query one subscription of each per client; of a {@linkplain TableQuery#durable durable}
   *     one the position is loaded first, which may block
   * @throws IllegalArgumentException when its condition is nested too deeply
   * @throws IllegalStateException when this client has ended, or the place of a durable
   *     subscription cannot be told, or is kept for another one that has not ended
   */
  public Subscription subscribe(TableQuery query, SubscriptionListener listener) {
    return follow(query, listener, () -> {});
  }

  /**
   * @param over told when nothing comes any more
   */
  private LiveSubscription follow(TableQuery query, SubscriptionListener listener, Runnable over) {
    Objects.requireNonNull(query, "query");
    Objects.requireNonNull(listener, "listener");
    query.check();
    query.durable().ifPresent(this::keep);
    LiveSubscription subscription;
    try {
      subscription =
          new LiveSubscription(
              "s" + refs.incrementAndGet(),
              query,
              listener,
              query.durable().map(this::place),
              counters,
              loop.lock(),
              this::remove,
              receipt -> mailbox.put(new Input.Request(() -> loop.processed(receipt))),
              lane -> {
                lanes.remove(lane);
                query.durable().ifPresent(kept::remove);
                over.run();
              });
    } catch (RuntimeException e) {
      query.durable().ifPresent(kept::remove);
      throw e;
    }
    if (!begin(subscription)) {
      subscription.lane().end();
      throw new IllegalStateException("this client has ended; build a new one");
    }
    return subscription;
  }

  /** Else two listeners would overwrite each other's place. */
  private void keep(String name) {
    if (!kept.add(name)) {
      throw new IllegalStateException(
          "this client keeps the place " + name + " for a subscription that has not ended yet");
    }
  }

  /** Whether there is still somebody to begin it. */
  private boolean begin(LiveSubscription subscription) {
    ending.lock();
    try {
      if (closed) {
        return false;
      }
      lanes.add(subscription.lane());
      return mailbox.put(new Input.Request(() -> loop.add(subscription)));
    } finally {
      ending.unlock();
    }
  }

  private Place place(String name) {
    return new Place(
        positions.orElseThrow(() ->
            new IllegalStateException(
                "the place of " + name + " cannot be kept: give the client a positionStore")),
        name);
  }

  /**
   * What a query shows, for programs that ask for it piece by piece. A subscriber is told all rows
   * first and then what changes, by one thread, and no more than it requests: what it does not
   * request waits, as what a slow listener leaves. A client follows a query once, so the publisher
   * serves one subscriber at a time; for several put a {@link
   * java.util.concurrent.SubmissionPublisher} between, or take a client for each. Of a {@linkplain
   * TableQuery#durable durable} query the place is kept behind what the subscriber has taken.
   *
   * <p>It completes when the client is closed, and fails with an {@link IllegalStateException} when
   * the gateway ends the subscription, or the client has ended before.
   */
  public Flow.Publisher<TableEvent> publisher(TableQuery query) {
    return new QueryPublisher(query, this::subscribe, subscribers);
  }

  /**
   * Follows a part of a source as objects of the program. Returns at once; {@link
   * LiveTable#awaitRows} waits for the first rows.
   *
   * @param value makes an object of a row, each time the same of the same
   * @param key of such an object, unique among them
   * @throws IllegalArgumentException when the query is durable or of events, which have no rows
   *     here
   * @throws IllegalStateException when this client has ended
   */
  public <K, V> LiveTable<K, V> table(
      TableQuery query, Function<TableRow, V> value, Function<V, K> key) {
    if (query.durable().isPresent() || query.isOfEvents()) {
      throw new IllegalArgumentException("a table needs its rows, and " + query.whyNotKept());
    }
    LiveTable<K, V> table = new LiveTable<>(value, key, counters.failures);
    table.follow(follow(query, table.listener(), table::over));
    return table;
  }

  /**
   * Follows a part of a source as records. Their components are columns of the same names, or of
   * their names with underscores ({@code marketValue} is {@code market_value}).
   *
   * @param type components may be {@code String}, {@code int}, {@code long}, {@code double}, {@code
   *     boolean} and their boxes, {@code BigDecimal}, {@code Instant}, {@code LocalDate}, {@code
   *     LocalTime}, {@code LocalDateTime}, {@code UUID}, an enum, and {@code Optional} of any of
   *     them. NULL is an empty {@code Optional}, {@code null} where there is none, and ends the
   *     table where the component is of a primitive type; so does a value that the type has not,
   *     such as {@code infinity} for an {@code Instant}. The record may be private; a program that
   *     is a module opens its package to {@code io.tycostream.client}
   * @param key of such a record, unique among them
   * @throws IllegalArgumentException when a component has another type, or the query is durable or
   *     of events, which have no rows here
   * @throws IllegalStateException when this client has ended
   */
  public <K, V extends Record> LiveTable<K, V> table(
      TableQuery query, Class<V> type, Function<V, K> key) {
    return table(query, new RecordReader<>(type), key);
  }

  private void remove(LiveSubscription subscription) {
    mailbox.put(new Input.Request(() -> loop.remove(subscription)));
  }

  /** Whether it is still connected or trying to be. */
  public boolean isAlive() {
    return thread.isAlive();
  }

  /** How the connection stands. */
  public ConnectionState connectionState() {
    return loop.state();
  }

  /** What it has done, and how far behind its listeners are; of this moment, roughly. */
  public ClientFigures figures() {
    Duration behind = lanes.stream().map(Lane::behind).max(naturalOrder()).orElse(Duration.ZERO);
    return counters.figures(mailbox.waitingBytes(), behind);
  }

  /**
   * Leaves the gateway and ends. What waits undelivered is dropped, and was not saved as processed.
   * Returns when the calls of listeners in progress have returned, after five seconds at the
   * latest; for the call of a listener that closes it does not wait.
   */
  @Override
  public void close() {
    ending.lock();
    try {
      closed = true;
    } finally {
      ending.unlock();
    }
    // A call that closes the client is not waited for, by whomever.
    lanes.forEach(Lane::leave);
    lanes.stream().filter(lane -> lane != loop.connection()).forEach(Lane::end);
    Lane completing = new Lane("tycostream-completion", lane -> {});
    subscribers.forEach(each -> completing.put(each::complete));
    mailbox.put(new Input.Request(loop::close));
    long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
    try {
      thread.join(CLOSE_TIMEOUT);
      for (Lane lane : lanes) {
        lane.awaitQuiet(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
      }
      completing.awaitQuiet(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What a client is told before it connects. */
  public static final class Builder {

    private static final long MAILBOX_BYTES = 8 << 20;
    private static final Duration LONGEST = Duration.ofDays(1);

    private final List<URI> endpoints = new ArrayList<>();
    private Optional<String> clientId = Optional.empty();
    private Optional<String> token = Optional.empty();
    private Optional<TokenProvider> tokens = Optional.empty();
    private Backoff backoff = ReplicaSettings.DEFAULT.backoff();
    private Duration connectTimeout = ReplicaSettings.DEFAULT.connectTimeout();
    private ConnectionListener listener = state -> {};
    private Optional<PositionStore> positions = Optional.empty();
    private Optional<ClientBuffer> buffer = Optional.empty();
    private long mailboxBytes = MAILBOX_BYTES;
    private Optional<SSLContext> trust = Optional.empty();

    private Builder(String address, String... more) {
      endpoints.add(GatewayUri.of(address));
      for (String each : more) {
        endpoints.add(GatewayUri.of(each));
      }
    }

    /** The program's own name, shown by the gateway; at most 128 characters, default none. */
    public Builder clientId(String id) {
      if (id.length() > 128) {
        throw new IllegalArgumentException("a client id has at most 128 characters: " + id);
      }
      clientId = Optional.of(id);
      return this;
    }

    /**
     * Credentials that are always good, default none. A gateway that refuses them, or asks for some
     * where there are none, ends the client: {@link ConnectionState.Unauthorized}, then {@link
     * ConnectionState.Closed}.
     */
    public Builder token(String credentials) {
      token = Optional.of(credentials);
      tokens = Optional.empty();
      return this;
    }

    /**
     * Who has the credentials, in place of {@link #token}: for those that expire. It is asked again
     * whenever the gateway refuses what it gave.
     */
    public Builder tokenProvider(TokenProvider provider) {
      tokens = Optional.of(provider);
      token = Optional.empty();
      return this;
    }

    /**
     * How long to wait before a new attempt, also before the first one after a cut: a random time
     * between {@code min} and the end of a window, which is {@code 2 · min} at first, doubles from
     * attempt to attempt up to {@code max}, and is reset by a connection that lasted longer than
     * the wait before it. Default 500 ms to 20 s. A time that the gateway asks for is kept instead.
     *
     * @throws IllegalArgumentException unless 0 &lt; min ≤ max ≤ 1 day
     */
    public Builder backoff(Duration min, Duration max) {
      if (max.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException("a wait is at most a day: " + max);
      }
      backoff = Backoff.fullJitter(min, max);
      return this;
    }

    /** How long a connection, and then its welcome, may take; default 10 s, at most a day. */
    public Builder connectTimeout(Duration timeout) {
      if (!timeout.isPositive() || timeout.compareTo(LONGEST) > 0) {
        throw new IllegalArgumentException(
            "a connect timeout is more than zero and at most a day: " + timeout);
      }
      connectTimeout = timeout;
      return this;
    }

    /** Who is told about the connection, default nobody. */
    public Builder connectionListener(ConnectionListener connectionListener) {
      listener = Objects.requireNonNull(connectionListener, "connectionListener");
      return this;
    }

    /** Where {@linkplain TableQuery#durable durable} subscriptions keep their place. */
    public Builder positionStore(PositionStore store) {
      positions = Optional.of(store);
      return this;
    }

    /**
     * How much may wait at the gateway for all that the client follows, and what is then dropped;
     * default the gateway's own.
     */
    public Builder buffer(ClientBuffer wanted) {
      buffer = Optional.of(wanted);
      return this;
    }

    /**
     * How many bytes of messages may wait for the listeners before the socket is not read any more;
     * default 8 MiB. One message may exceed it.
     */
    public Builder maxWaitingBytes(long bytes) {
      if (bytes < 1) {
        throw new IllegalArgumentException("at least one byte must be allowed to wait: " + bytes);
      }
      mailboxBytes = bytes;
      return this;
    }

    /**
     * Whom to trust for {@code wss} and {@code https}, and what to show when the gateway's proxy
     * asks for a certificate; default what the JVM trusts. The gateway's certificate has to be for
     * the host of its address in any case.
     */
    public Builder sslContext(SSLContext context) {
      trust = Optional.of(context);
      return this;
    }

    /** Starts a client, which begins to connect at once. */
    public TycostreamClient connect() {
      return new TycostreamClient(
          new ClientSettings(
              endpoints,
              clientId,
              token,
              tokens,
              new ReplicaSettings(backoff, connectTimeout),
              trust,
              listener,
              positions,
              buffer.map(ClientBuffer::request),
              mailboxBytes));
    }
  }
}
