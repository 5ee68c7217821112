package com.example;

import io.tycostream.client.Gap;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableChange;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TableRow;
import io.tycostream.client.TycostreamClient;
import io.tycostream.client.Where;
import java.io.IOException;
import java.util.function.Consumer;

/** Says each large trade from now on, and when it may have missed some. Keeps no rows. */
public final class Alerts implements SubscriptionListener {

  static final TableQuery LARGE_TRADES =
      TableQuery.of("trades").where(Where.column("quantity").isAbove(500)).eventsFromNow();

  private final Consumer<String> saying;
  private boolean watching;

  Alerts(Consumer<String> saying) {
    this.saying = saying;
  }

  /** Takes the gateway's address. */
  public static void main(String[] args) throws IOException {
    try (TycostreamClient client = TycostreamClient.builder(args[0]).clientId("alerts").connect()) {
      client.subscribe(LARGE_TRADES, new Alerts(System.out::println));
      System.in.read();
    }
  }

  /** It has caught up, at first with the moment from which on it is told. */
  @Override
  public void onProgress(Subscription trades, String position) {
    if (!watching) {
      watching = true;
      saying.accept("watching");
    }
  }

  @Override
  public void onBatch(Subscription trades, TableBatch batch) {
    for (TableChange change : batch.changes()) {
      if (change instanceof TableChange.Inserted(TableRow trade)) {
        saying.accept("large trade: " + trade.text("quantity") + " " + trade.text("symbol"));
      }
    }
  }

  @Override
  public void onGap(Subscription trades, Gap gap) {
    saying.accept(
        "missed "
            + (gap.dropped().isPresent() ? gap.dropped().getAsLong() : "some")
            + " changes: "
            + gap.reason());
  }

  @Override
  public void onEnded(Subscription trades, String reason) {
    saying.accept("no alerts any more: " + reason);
  }
}
