package com.example;

import io.tycostream.client.ConnectionState;
import io.tycostream.client.Gap;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableState;
import io.tycostream.client.TycostreamClient;
import java.io.IOException;

/** The whole of a small program: prints what happens to a table until Enter is pressed. */
public final class PlainMain implements SubscriptionListener {

  /** Takes the gateway's address, for example {@code http://localhost:8080}. */
  public static void main(String[] args) throws IOException {
    try (TycostreamClient client =
        TycostreamClient.builder(args[0]).clientId("plain-main").connect()) {
      client.subscribe("trades", new PlainMain());
      System.in.read();
    }
  }

  @Override
  public void onSnapshot(Subscription trades, TableState state) {
    System.out.println(state.rows().size() + " trades");
  }

  @Override
  public void onBatch(Subscription trades, TableBatch batch) {
    batch.changes().forEach(System.out::println); // + inserted, ~ updated, - deleted
  }

  @Override
  public void onGap(Subscription trades, Gap gap) {
    System.out.println("not told one by one: " + gap);
  }

  @Override
  public void onConnectionState(Subscription trades, ConnectionState state) {
    System.out.println(state);
  }
}
