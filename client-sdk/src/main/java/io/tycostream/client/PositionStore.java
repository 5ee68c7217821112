package io.tycostream.client;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where a program keeps how far it has come, so that it goes on there when it is started again.
 *
 * <p>A position is saved after the listener has returned from what leads to it. A program that is
 * killed in between is told the batch in hand once more. One that must not see it twice saves the
 * position itself, in the transaction in which it stores what the batch says: its store then loads
 * from there, and {@link #save} does nothing.
 *
 * <pre>{@code
 * TycostreamClient.builder("http://localhost:8080")
 *     .positionStore(PositionStore.inDirectory(Path.of("/var/lib/warehouse")))
 * }</pre>
 */
public interface PositionStore {

  /**
   * The position saved last under a name. Called by whoever subscribes; may block.
   *
   * @param name the {@linkplain TableQuery#durable durable} name of a subscription
   * @return nothing when there is none, and the subscription begins with all rows
   * @throws Exception when it cannot be told, and the program cannot subscribe
   */
  Optional<String> load(String name) throws Exception;

  /**
   * The program has come this far. Called by the subscription's own thread after each batch, and
   * about once a second while nothing happens; may block, and the next batch waits for it.
   *
   * @throws Exception when it cannot be saved: this is logged, and the next position is saved again
   */
  void save(String name, String position) throws Exception;

  /** Positions that last as long as this object. */
  static PositionStore inMemory() {
    Map<String, String> positions = new ConcurrentHashMap<>();
    return new PositionStore() {
      @Override
      public Optional<String> load(String name) {
        return Optional.ofNullable(positions.get(name));
      }

      @Override
      public void save(String name, String position) {
        positions.put(name, position);
      }
    };
  }

  /**
   * Positions in files of a directory, one a name, each written anew as a whole. They survive the
   * end of the program, however it comes. It does not wait for the disk: behind a power failure the
   * position may be an earlier one, and what lies behind it is told again; or, on some file
   * systems, the file is empty, and who subscribes is told so.
   *
   * @param directory made when it is not there; of one program at a time
   */
  static PositionStore inDirectory(Path directory) {
    return new PositionFiles(directory);
  }
}
