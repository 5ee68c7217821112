package com.example;

import io.tycostream.client.Gap;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableEvent;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TableState;
import io.tycostream.client.TycostreamClient;
import io.tycostream.client.Where;
import java.io.IOException;
import java.util.concurrent.Flow;

/**
 * Takes a part of a table piece by piece, and each only when it is done with the one before: what
 * it does not request waits, and behind a bound the gateway is told to wait.
 */
public final class Reactive implements Flow.Subscriber<TableEvent> {

  private Flow.Subscription demand;

  /** Takes the gateway's address. */
  public static void main(String[] args) throws IOException {
    try (TycostreamClient client =
        TycostreamClient.builder(args[0]).clientId("reactive").connect()) {
      Flow.Publisher<TableEvent> marks =
          client.publisher(
              TableQuery.of("trades")
                  .where(Where.column("side").is("buy"))
                  .columns("symbol", "price"));
      marks.subscribe(new Reactive());
      System.in.read();
    }
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    demand = subscription;
    demand.request(1);
  }

  @Override
  public void onNext(TableEvent event) {
    switch (event) {
      case TableState state -> System.out.println(state.rows().size() + " purchases");
      case TableBatch batch -> batch.changes().forEach(System.out::println);
      case Gap gap -> System.out.println("not told one by one: " + gap);
    }
    demand.request(1);
  }

  @Override
  public void onError(Throwable failure) {
    System.out.println("failed: " + failure.getMessage());
  }

  @Override
  public void onComplete() {
    System.out.println("complete");
  }
}
