package io.tycostream.domain.upstream;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether what we have can be gone on with at an endpoint. The decision is made here and nowhere
 * else, whatever the database; times are compared as unsigned numbers.
 *
 * <p>Never does it lead backwards: neither a stream nor a snapshot is taken from an endpoint that
 * is behind us in the same history.
 */
public sealed interface Resumption {

  /** Go on exactly behind this. */
  record Resume(Checkpoint at) implements Resumption {}

  /**
   * All rows have to be read anew.
   *
   * @param reason without a full stop, for people
   */
  record HistoryLost(String reason) implements Resumption {}

  /**
   * The endpoint copies another one and is not yet where we are.
   *
   * @param lag by so much database time; unsigned, more than zero
   */
  record Behind(long lag) implements Resumption {}

  /** The endpoint is the origin of its history, and is not where we were: it was set back. */
  record SetBack(Checkpoint ours, long present) implements Resumption {}

  /**
   * What we have.
   *
   * @param complete everything up to here is applied; nothing before the first snapshot
   * @param known the print of each source's relation as it is held; a source that is not here holds
   *     nothing that could be missed
   * @param carried how the changes of each source have come to us without a break
   */
  record Held(
      Optional<Checkpoint> complete, Map<String, String> known, Map<String, Followed> carried) {
    public Held {
      known = Map.copyOf(known);
      carried = Map.copyOf(carried);
    }
  }

  /**
   * A relation whose changes reach us.
   *
   * @param print of the relation, another one when it is another relation or has another shape
   * @param carriage everything else that must not change for the stream to have no holes
   */
  record Followed(String print, String carriage) {}

  /**
   * What an endpoint shows.
   *
   * @param epoch of its history
   * @param present how far it is; unsigned
   * @param replica whether it copies another server, and so may lag
   * @param retained how far back its changes are there
   * @param followed by the name of the source
   */
  record Shown(
      String epoch,
      long present,
      boolean replica,
      Retained retained,
      Map<String, Followed> followed) {
    public Shown {
      followed = Map.copyOf(followed);
    }
  }

  /** How far back the changes of an endpoint are there. */
  sealed interface Retained {

    /** All changes later than this; unsigned. */
    record After(long time) implements Retained {}

    /**
     * None that would be of use.
     *
     * @param reason without a full stop, for people
     */
    record Nothing(String reason) implements Retained {}
  }

  /** Whether the stream can go on. */
  static Resumption decide(Held held, Shown shown) {
    if (held.complete().isEmpty()) {
      return new HistoryLost("nothing was read before");
    }
    Checkpoint complete = held.complete().get();
    Optional<Resumption> backwards = backwards(complete, shown);
    if (backwards.isPresent()) {
      return backwards.get();
    }
    if (!complete.epoch().equals(shown.epoch())) {
      return new HistoryLost(
          "this is another history: " + shown.epoch() + " instead of " + complete.epoch());
    }
    return switch (shown.retained()) {
      case Retained.Nothing nothing -> new HistoryLost(nothing.reason());
      case Retained.After after ->
          Long.compareUnsigned(after.time(), complete.time()) > 0
              ? new HistoryLost("the changes behind what is complete are not kept any more")
              : changed(held, shown)
                  .<Resumption>map(source ->
                      new HistoryLost(source + " is not as it was, or was not followed before"))
                  .orElse(new Resume(complete));
    };
  }

  /**
   * What forbids to read all rows at an endpoint: nothing, or {@link Behind} or {@link SetBack}.
   *
   * @param complete everything up to here is applied
   */
  static Optional<Resumption> backwards(Checkpoint complete, Shown shown) {
    boolean behind =
        complete.epoch().equals(shown.epoch())
            && Long.compareUnsigned(shown.present(), complete.time()) < 0;
    if (!behind) {
      return Optional.empty();
    }
    return Optional.of(
        shown.replica()
            ? new Behind(complete.time() - shown.present())
            : new SetBack(complete, shown.present()));
  }

  private static Optional<String> changed(Held held, Shown shown) {
    return shown.followed().entrySet().stream()
        .filter(entry -> {
          String source = entry.getKey();
          Followed followed = entry.getValue();
          String known = held.known().getOrDefault(source, followed.print());
          return !known.equals(followed.print())
              || !Objects.equals(held.carried().get(source), followed);
        })
        .map(Map.Entry::getKey)
        .sorted()
        .findFirst();
  }
}
