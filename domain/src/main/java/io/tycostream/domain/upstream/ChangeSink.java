package io.tycostream.domain.upstream;

import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.change.RowEvent;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Takes what a {@link ChangeStream} tells.
 *
 * <p>A database tells whole moments, one after the other, in one of two ways. Times are its own, 64
 * bits without a sign.
 *
 * <ul>
 *   <li><b>Transactions</b> (PostgreSQL): some {@link #row(String, RowEvent)}s, then {@link
 *       #commit}; between transactions {@link #progress}.
 *   <li><b>Timestamps</b> (Materialize, RisingWave): {@link #row(String, long, RowEvent)}s, each
 *       with its time, which never goes back. A moment is complete when a later time is told, or
 *       {@link #closed} or {@link #completed}.
 * </ul>
 *
 * <p>A fresh stream begins with all rows: {@link #snapshotStarted}, then either {@link #loaded} for
 * each relation, or {@link #loading} for each and their rows as the first moment. A resumed stream
 * goes on behind {@link #complete}; what it tells again is dropped. What was told of a moment that
 * did not end is forgotten when the stream breaks.
 *
 * <p>All that throw a {@link StreamException} do so with {@link FailureKind#HISTORY_LOST}: time
 * went backwards within the stream, something was left out, or a moment does not fit the rows there
 * are. The stream is to be given up then.
 */
public interface ChangeSink {

  /**
   * Everything up to here is applied. Nothing before the first snapshot, and none when a relation
   * is out of step, so that nothing can be resumed.
   */
  Optional<Checkpoint> complete();

  /**
   * What may still be needed of the past: a database that keeps changes for us may let go of those
   * up to here. Never after {@link #complete}, which it is for a sink that keeps no history.
   */
  default Optional<Checkpoint> needed() {
    return complete();
  }

  /**
   * Whether a fresh stream may begin with the rows of an earlier moment, and go on from there; not
   * when there were more of them than a source may have: only the present ones may be fewer.
   */
  default boolean wantsPast() {
    return true;
  }

  /** The definition that a source has had so far; nothing before its first snapshot. */
  Optional<Relation> relation(String source);

  /** All rows are going to be read. */
  void snapshotStarted();

  /** More rows were read, or another step of the snapshot is done; told often. */
  void snapshotProgressed();

  /** All rows of one relation, as they are at a moment. The same moment for all relations. */
  void loaded(String source, Relation relation, Checkpoint at, List<Row> rows);

  /**
   * Which keys of a relation were changed in the time before the snapshot that {@link #loaded}
   * tells next; so that a gateway that was started again can help clients from before. Of use to a
   * source that has no rows yet; told for all or some of them, or not at all.
   *
   * @param from the changes of this time and earlier are not among them; of the snapshot's history
   */
  default void touched(String source, Checkpoint from, Set<Key> keys) {}

  /**
   * All rows of one relation are going to be told as {@link RowEvent}s with the time of this
   * moment, from none on; they are complete when the moment is. The same moment for all relations,
   * each before the first row. For Materialize it is the first progress row, the {@code AS OF}; for
   * RisingWave the epoch at which the cursor is pinned, which its rows do not tell.
   */
  void loading(String source, Relation relation, Checkpoint at);

  /**
   * Where a resumed stream knows it, before anything else: it tells all that is later than this
   * time, and nothing that is not. For Materialize the first progress row, the {@code AS OF}.
   *
   * @throws StreamException when what lies between {@link #complete} and there would be missing
   */
  void resumed(long behind) throws StreamException;

  /** One source cannot be followed although the stream can: the others go on without it. */
  void failed(String source, Failure failure);

  /**
   * The rows of one source that failed alone are going to be read beside the stream: what the
   * stream tells of it from now on is kept for {@link #joined}. It is left out again when it {@link
   * #failed} once more, and when another stream is opened.
   */
  default void joining(String source) {}

  /**
   * All rows of one source that is {@link #joining}, as they are at a moment; what was kept of
   * later ones follows by itself. Ignored when it is not joining any more.
   *
   * @param at not before everything that was told when it began to join, not after {@link
   *     #complete}
   */
  default void joined(String source, Relation relation, Checkpoint at, List<Row> rows) {}

  /** Something happened to a row in the transaction that is being told. */
  void row(String source, RowEvent event);

  /**
   * Something happened to a row at this time, so that everything earlier is complete. Ignored when
   * it is not after {@link #complete}: it is told again.
   *
   * @throws StreamException when this stream said before that nothing more comes at this time, or
   *     what this completes cannot be applied to the rows there are
   */
  void row(String source, long time, RowEvent event) throws StreamException;

  /**
   * The transaction that was being told is complete; ignored when it is not after {@link
   * #complete}: it is told again.
   *
   * @throws StreamException when it is not after what this very stream told before, or it cannot be
   *     applied to the rows there are
   */
  void commit(long time) throws StreamException;

  /**
   * Between two transactions: nothing else happened up to and including this time. Ignored when it
   * is behind, and within a transaction.
   */
  void progress(long time);

  /**
   * Everything earlier than this time is complete; more may come at this time. For Materialize a
   * progress row; for RisingWave, when a {@code FETCH} with a timeout came back empty, one more
   * than the time of the last row. The first of a stream may lie behind {@link #complete}: it says
   * from where the stream tells, and is ignored.
   *
   * @throws StreamException when the stream goes back with it, or what this completes cannot be
   *     applied to the rows there are
   */
  void closed(long before) throws StreamException;

  /**
   * The stream came to its end as it should: the rows will never change again, and everything is
   * complete through the last time there is.
   *
   * @throws StreamException when what this completes cannot be applied to the rows there are
   */
  void completed() throws StreamException;
}
