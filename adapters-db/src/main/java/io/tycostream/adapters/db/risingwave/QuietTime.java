package io.tycostream.adapters.db.risingwave;

import java.util.OptionalLong;

/**
 * How far a relation in which nothing changes is complete; a cursor alone never says.
 *
 * <p>The argument. The meta node is asked how far the relation is committed, {@code own}, and how
 * far any table is, {@code newest}; both belong to one version of the storage. The versions are a
 * sequence, each contains what the ones before it do, and the newest commit of any table only grows
 * along it. The frontend that serves the cursor reads from the version that it has been told of,
 * perhaps an older one; but {@code now()} is the newest commit of any table in that very version.
 * So once {@code now()} is <em>more</em> than {@code newest}, the frontend's version is a later one
 * than that which the meta node was asked in, and has all epochs of the relation up to {@code own}.
 * A FETCH that begins after that, waits, and brings nothing has then told all of them.
 *
 * <p>Neither clock alone would do: {@code now()} can be ahead of the relation when another database
 * of the cluster commits sooner, and what the meta node says can be ahead of the frontend.
 *
 * <p>{@code inline_now_proc_time} in RisingWave's scheduler/snapshot.rs and {@code
 * rw_catalog.rw_hummock_snapshot} are what this stands on. Owned by one thread.
 */
final class QuietTime {

  private long own;
  private long newest;
  private boolean asked;
  private OptionalLong proven = OptionalLong.empty();

  /** Whether the meta node is to be asked. */
  boolean wants() {
    return !asked;
  }

  /**
   * What the meta node says, in milliseconds.
   *
   * @param own how far the relation is committed
   * @param newest how far any table is
   */
  void committed(long own, long newest) {
    this.own = own;
    this.newest = newest;
    this.asked = true;
  }

  /**
   * What the frontend says {@code now()} is, in milliseconds. A FETCH begins afterwards.
   *
   * @return up to where everything is told if that FETCH waits and brings nothing; inclusive
   */
  OptionalLong seen(long now) {
    if (asked && now > newest) {
      proven = OptionalLong.of(own);
      asked = false;
    }
    return proven;
  }

  /** The FETCH came back. */
  void fetched() {
    proven = OptionalLong.empty();
  }
}
