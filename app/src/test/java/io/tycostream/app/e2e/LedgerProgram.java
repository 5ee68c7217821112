package io.tycostream.app.e2e;

import io.tycostream.client.Gap;
import io.tycostream.client.PositionStore;
import io.tycostream.client.Refusal;
import io.tycostream.client.Subscription;
import io.tycostream.client.SubscriptionListener;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableChange;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TableState;
import io.tycostream.client.TycostreamClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A program that writes down what it is told, a line each, on the disk before its listener returns,
 * and goes on where it was when it is started again. Told to end it closes its client.
 */
final class LedgerProgram {

  static final String SOURCE = "ledger";
  static final String ROWS = "rows";
  static final String EXACT = "exact";
  static final String FOLDED = "folded";

  private LedgerProgram() {}

  /**
   * Follows until it is told to end.
   *
   * @param arguments the gateway's address, the folder of the positions, and the file to write
   */
  public static void main(String[] arguments) throws Exception {
    FileChannel file =
        FileChannel.open(
            Path.of(arguments[2]), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    TycostreamClient client =
        TycostreamClient.builder(arguments[0])
            .backoff(Duration.ofMillis(10), Duration.ofMillis(200))
            .positionStore(PositionStore.inDirectory(Path.of(arguments[1])))
            .connect();
    Runtime.getRuntime().addShutdownHook(new Thread(client::close));
    client.subscribe(TableQuery.of(SOURCE).durable("the ledger of it all"), new Writing(file));
    new CountDownLatch(1).await();
  }

  /**
   * What it is told, a line each: the word for it, the position and the ids, which are of rows that
   * only come.
   */
  private record Writing(FileChannel file) implements SubscriptionListener {

    @Override
    public void onSnapshot(Subscription subscription, TableState state) {
      write(
          ROWS,
          state.position().orElse("nowhere"),
          state.rows().stream().map(row -> row.text("id")));
    }

    @Override
    public void onBatch(Subscription subscription, TableBatch batch) {
      write(
          batch.exact() ? EXACT : FOLDED,
          batch.position(),
          batch.changes().stream().map(Writing::id));
    }

    private static String id(TableChange change) {
      return change instanceof TableChange.Inserted(var row) ? row.text("id") : change.toString();
    }

    @Override
    public void onGap(Subscription subscription, Gap gap) {
      write("gap", gap.upTo(), Stream.of(gap.reason()));
    }

    @Override
    public void onError(Subscription subscription, Refusal refusal) {
      write("refusal", refusal.code(), Stream.of());
    }

    @Override
    public void onEnded(Subscription subscription, String reason) {
      write("end", reason, Stream.of());
    }

    private void write(String word, String position, Stream<String> ids) {
      String line = word + "\t" + position + "\t" + ids.collect(Collectors.joining(" ")) + "\n";
      try {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(line);
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        file.force(false);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
