package io.tycostream.client;

import io.tycostream.domain.protocol.ServerMessage.Gap;
import io.tycostream.domain.protocol.ServerMessage.Refused;
import io.tycostream.domain.protocol.ServerMessage.SourceStatus;
import io.tycostream.domain.protocol.ServerMessage.Welcome;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Writes down what listeners are told, as lines to be expected one after the other. */
final class Recorder implements SubscriptionListener, ConnectionListener {

  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final List<String> taken = new ArrayList<>();

  /** The next lines are these. */
  void expect(String... expected) {
    for (String each : expected) {
      String line = next();
      if (!line.equals(each)) {
        throw new AssertionError("expected \"" + each + "\", was told \"" + line + "\"");
      }
    }
  }

  /** The next line that begins like this, whatever comes before it. */
  String await(String prefix) {
    String line = next();
    while (!line.startsWith(prefix)) {
      line = next();
    }
    return line;
  }

  private String next() {
    try {
      String line = lines.poll(10, TimeUnit.SECONDS);
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
  public void onSourceState(Subscription subscription, SourceStatus status) {
    lines.add("source " + status.state());
  }

  @Override
  public void onError(Subscription subscription, Refused error) {
    lines.add("error " + error.code());
  }

  @Override
  public void onEnded(Subscription subscription, String reason) {
    lines.add("ended " + reason);
  }

  @Override
  public void onConnecting(URI endpoint, int failures) {
    lines.add("connecting " + failures);
  }

  @Override
  public void onOpen(URI endpoint, Welcome welcome) {
    lines.add("open " + welcome.node());
  }

  @Override
  public void onWaiting(Instant until, String reason) {
    lines.add("waiting " + reason);
  }

  @Override
  public void onClosed(int code, String reason) {
    lines.add("closed " + code + " " + reason);
  }
}
