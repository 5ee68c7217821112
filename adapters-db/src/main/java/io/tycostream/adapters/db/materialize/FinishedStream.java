package io.tycostream.adapters.db.materialize;

import io.tycostream.adapters.db.connection.Connections;
import io.tycostream.adapters.db.materialize.Catalogue.Definition;
import io.tycostream.domain.upstream.ChangeSink;
import io.tycostream.domain.upstream.ChangeStream;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A stream that the server has ended because the relation never changes again: a constant view, or
 * one that is refreshed once. Everything is complete then, through the last time there is.
 *
 * <p>There is nothing to hear from a stream any more, so what it lives from is that the environment
 * says so again and again: the relation is still the same one, and has no frontier.
 */
final class FinishedStream implements ChangeStream {

  private static final long WAIT_NANOS = 5_000_000;

  private final Connections connections;
  private final Catalogue catalogue;
  private final MaterializeRelation relation;
  private final Definition definition;
  private final long lookEveryNanos;
  private final AtomicBoolean looking = new AtomicBoolean();

  private volatile @Nullable Look found;

  private long lookedAt;
  private boolean told;

  /**
   * What was seen.
   *
   * @param wrong nothing when all is as it was
   */
  private record Look(Optional<StreamException> wrong) {}

  FinishedStream(
      Connections connections,
      Catalogue catalogue,
      MaterializeRelation relation,
      Definition definition) {
    this.connections = connections;
    this.catalogue = catalogue;
    this.relation = relation;
    this.definition = definition;
    this.lookEveryNanos = connections.settings().heartbeatInterval().toNanos();
    this.lookedAt = System.nanoTime() - lookEveryNanos;
  }

  @Override
  public boolean poll(ChangeSink sink) throws StreamException {
    long now = System.nanoTime();
    if (now - lookedAt >= lookEveryNanos && looking.compareAndSet(false, true)) {
      lookedAt = now;
      Thread.ofVirtual().name("finished-" + relation.source()).start(this::look);
    }
    Look look = found;
    if (look == null) {
      LockSupport.parkNanos(WAIT_NANOS);
      return false;
    }
    found = null;
    if (look.wrong().isPresent()) {
      throw look.wrong().get();
    }
    if (!told) {
      told = true;
      sink.completed();
    }
    return true;
  }

  /** Whether everything was told. */
  @Override
  public boolean stands() {
    return told;
  }

  private void look() {
    try {
      found = new Look(wrong());
    } catch (StreamException e) {
      found = new Look(Optional.of(e));
    } finally {
      looking.set(false);
    }
  }

  private Optional<StreamException> wrong() throws StreamException {
    try {
      if (!catalogue.definition(relation).sameAs(definition)) {
        return Optional.of(
            connections.failure(
                FailureKind.HISTORY_LOST,
                relation.relation() + " was made again; all rows are read anew"));
      }
    } catch (UnusableRelationException e) {
      return Optional.of(connections.failure(FailureKind.QUERY, e.reason()));
    }
    return catalogue
        .frontiers(definition.id())
        .upper()
        .map(goesOn ->
            connections.failure(
                FailureKind.NETWORK, "the server ended the stream although the relation goes on"));
  }

  @Override
  public void close() {
    connections.abort();
  }
}
