package io.tycostream.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Writes down what listeners are told, as lines to be expected one after the other; those of the
 * connection and those of subscriptions come in no order to each other.
 */
final class Recorder implements SubscriptionListener, ConnectionListener {

  private static final Pattern OF_CONNECTION =
      Pattern.compile("(connecting|open|waiting|unauthorized|closed).*");

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> connectionLines = new LinkedBlockingQueue<>();
  private final List<String> taken = new ArrayList<>();

  /** The next lines are these. */
  void expect(String... expected) {
    for (String each : expected) {
      String line = next(each);
      if (!line.equals(each)) {
        throw new AssertionError("expected \"" + each + "\", was told \"" + line + "\"");
      }
    }
  }

  /** The next line that begins like this, whatever comes before it. */
  String await(String prefix) {
    String line = next(prefix);
    while (!line.startsWith(prefix)) {
      line = next(prefix);
    }
    return line;
  }

  private String next(String like) {
    boolean ofConnection = OF_CONNECTION.matcher(like).matches();
    try {
      String line = (ofConnection ? connectionLines : lines).poll(10, TimeUnit.SECONDS);
      if (line == null) {
        throw new AssertionError("nothing more was told after " + taken);
      }
      taken.add(line);
      return line;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void onSnapshot(Subscription subscription, TableState state) {
    lines.add("snapshot " + state.position().orElse("?") + " " + state.rows());
  }

  @Override
  public void onBatch(Subscription subscription, TableBatch batch) {
    lines.add(
        "batch " + batch.position() + " " + batch.changes() + (batch.exact() ? "" : " inexact"));
  }

  @Override
  public void onProgress(Subscription subscription, String position) {
    lines.add("progress " + position);
  }

  @Override
  public void onGap(Subscription subscription, Gap gap) {
    lines.add("gap " + gap.after().orElse("?") + " " + gap.upTo() + " " + gap.reason());
  }

  @Override
  public void onSourceState(Subscription subscription, SourceState state) {
    lines.add("source " + state.state());
  }

  @Override
  public void onError(Subscription subscription, Refusal refusal) {
    lines.add("error " + refusal.code());
  }

  @Override
  public void onEnded(Subscription subscription, String reason) {
    lines.add("ended " + reason);
  }

  @Override
  public void onConnectionState(ConnectionState state) {
    connectionLines.add(
        switch (state) {
          case ConnectionState.Connecting connecting -> "connecting " + connecting.failures();
          case ConnectionState.Open open -> "open " + open.node();
          case ConnectionState.Waiting waiting -> "waiting " + waiting.reason();
          case ConnectionState.Unauthorized unauthorized -> "unauthorized " + unauthorized.code();
          case ConnectionState.Closed closed -> "closed " + closed.code() + " " + closed.reason();
        });
  }
}
