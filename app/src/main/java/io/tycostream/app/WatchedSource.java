package io.tycostream.app;

import io.tycostream.client.ConnectionState;
import io.tycostream.client.Gap;
import io.tycostream.client.Pressure;
import io.tycostream.client.Refusal;
import io.tycostream.client.SourceState;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableState;
import io.tycostream.domain.protocol.CloseCode;
import io.tycostream.domain.protocol.ErrorCode;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;

/** What happens to the source and the connection, put into words, until there is an exit code. */
final class WatchedSource implements SubscriptionListener {

  private static final int DONE = 0;
  private static final int FAILED = 1;

  private final WatchReport report;
  private final BooleanSupplier readerGone;
  private final CompletableFuture<Integer> end = new CompletableFuture<>();

  /**
   * Told until there is nobody who reads it.
   *
   * @param readerGone whether what is reported cannot be written any more, as behind {@code | head}
   */
  WatchedSource(WatchReport report, BooleanSupplier readerGone) {
    this.report = report;
    this.readerGone = readerGone;
  }

  /** Blocks until the watching has ended; the exit code. */
  int awaitEnd() throws InterruptedException {
    try {
      return end.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("it never ends this way", e);
    }
  }

  @Override
  public void onSnapshot(Subscription subscription, TableState state) {
    report.snapshot(state);
    endIfNobodyReads();
  }

  @Override
  public void onBatch(Subscription subscription, TableBatch batch) {
    report.batch(batch);
    endIfNobodyReads();
  }

  private void endIfNobodyReads() {
    if (readerGone.getAsBoolean()) {
      end.complete(DONE);
    }
  }

  @Override
  public void onGap(Subscription subscription, Gap gap) {
    report.gap(gap);
  }

  @Override
  public void onSourceState(Subscription subscription, SourceState status) {
    String attempt = status.attempt().isPresent() ? ", attempt " + status.attempt().getAsInt() : "";
    String reason = status.reason().map(why -> ": " + why).orElse("");
    report.state(
        "source",
        status.state(),
        "the gateway's database connection is "
            + status.state()
            + " since "
            + status.since()
            + attempt
            + reason);
  }

  @Override
  public void onPressure(Subscription subscription, Pressure pressure) {
    report.state(
        "pressure",
        pressure.level(),
        "%d row changes wait at the gateway, of %d that may: %s"
            .formatted(pressure.buffered(), pressure.capacity(), pressure.level()));
  }

  @Override
  public void onError(Subscription subscription, Refusal error) {
    if (error.retryable()) {
      report.state("source", "refused", error.message() + "; trying again");
    } else if (error.code().equals(ErrorCode.UNKNOWN_SOURCE.wire())) {
      end("unknown-source", "the gateway says: " + error.message());
    } else {
      end("refused", "the gateway refuses " + subscription.source() + ": " + error.message());
    }
  }

  @Override
  public void onEnded(Subscription subscription, String reason) {
    end("ended", subscription.source() + " has ended: " + reason);
  }

  @Override
  public void onConnectionState(Subscription subscription, ConnectionState state) {
    switch (state) {
      case ConnectionState.Connecting(URI endpoint, int failures) ->
          report.state("connection", "connecting", "connecting to " + endpoint);
      case ConnectionState.Open(URI endpoint, String node, boolean resumed) ->
          report.state(
              "connection",
              "open",
              "connected to " + endpoint + (resumed ? ", and the session goes on" : ""));
      case ConnectionState.Waiting(Instant until, String reason) -> {
        long millis = Math.max(0, Duration.between(Instant.now(), until).toMillis());
        report.state(
            "connection",
            "waiting",
            "no connection: " + reason + "; next try in " + millis + " ms");
      }
      case ConnectionState.Unauthorized(int code, String reason) ->
          report.state("connection", "unauthorized", "not let in: " + reason);
      case ConnectionState.Closed(int code, String reason) -> {
        if (code == CloseCode.NORMAL.code()) {
          end.complete(DONE); // we left
        } else {
          end("closed", "the gateway does not want us back: " + reason + " (" + code + ")");
        }
      }
    }
  }

  private void end(String state, String text) {
    if (!end.isDone()) {
      report.state("source", state, text);
      end.complete(FAILED);
    }
  }
}
