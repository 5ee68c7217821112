package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.feed.Feed;
import io.tycostream.domain.log.Bell;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One subscription's way through a source.
 *
 * <p><b>Joining.</b> By replay when the log reaches back to its position, else with a snapshot and
 * a word about what was lost; and it waits where neither would be right, because the source has no
 * rows yet or the client comes from a gateway that is further.
 *
 * <p><b>Following.</b> Every batch in order, until more waits than {@link Window} allows: then it
 * folds what was skipped into one merged batch, or, for a subscriber that follows events, says what
 * it skips. What the log has let go of is made good by a snapshot. While the client is busy with a
 * snapshot or a merged batch, what leaves the log is kept for it, merged. Where the source has no
 * room for one more merged batch in readers' hands, it folds less, or waits.
 *
 * <p>Every position that it hands out lies behind those before it.
 *
 * <p>Owned by the courier of its client, which closes it at the end.
 */
public final class Cursor implements AutoCloseable {

  private final Source source;
  private final Terms terms;
  private final Window window;
  private final Bell.Rope sourceRope;
  private final Hold hold;
  private final Script script;
  private final Joining joining;

  /** Nothing until the client has been told where it begins. */
  private @Nullable Following following;

  private boolean ended;

  /**
   * @param patience how long it waits for a source that is not ready
   * @param wake called once after {@link #hangOn} when there may be something; by any thread
   */
  public Cursor(Source source, Terms terms, Instant now, Duration patience, Runnable wake) {
    this(source, terms, false, now, patience, wake);
  }

  private Cursor(
      Source source, Terms terms, boolean anew, Instant now, Duration patience, Runnable wake) {
    this.source = source;
    this.terms = terms;
    this.window = new Window(terms.buffer(), terms.forEvents());
    this.sourceRope = new Bell.Rope(wake);
    this.hold = new Hold(source, wake);
    this.script = new Script(terms.after());
    this.joining = new Joining(source, terms, anew, now.plus(patience), window, hold, script);
  }

  /**
   * The same subscription of something else: a client that has begun is told that it does not hear
   * more of that, and then begins anew. This cursor is closed.
   *
   * @param whole whether all of what was handed out last has been sent; else the client stands
   *     where it stood before that
   * @param patience how long it waits for a source that is not ready
   */
  public Cursor redefined(
      Definition definition, boolean whole, Instant now, Duration patience, Runnable wake) {
    close();
    Terms changed = terms.of(definition, script.stands(whole));
    return new Cursor(source, changed, following != null, now, patience, wake);
  }

  public Source source() {
    return source;
  }

  public Terms terms() {
    return terms;
  }

  /** What the client follows; nothing while it waits. */
  public Optional<Feed> feed() {
    return Optional.ofNullable(following).map(Following::feed);
  }

  /** The last position handed out; nothing before the first. */
  public Optional<Position> position() {
    return script.told();
  }

  /** When {@link #next} has something to say even if the source does not change. */
  public Optional<Instant> deadline() {
    Following current = following;
    if (ended) {
      return Optional.empty();
    }
    return current == null ? Optional.of(joining.giveUpAt()) : current.deadline();
  }

  /** The feed's row changes before the next batch; -1 when nobody knows. */
  public long read() {
    return following == null ? 0 : following.read();
  }

  /** The seq of the batch that comes next; 0 when nothing was begun. */
  public long nextSeq() {
    return following == null ? 0 : following.nextSeq();
  }

  /** Row changes that are there for the client and were not handed out yet. */
  public long behind() {
    return following == null ? 0 : following.behind();
  }

  /** What was merged for this client alone and is not sent yet, in bytes. */
  public long mergedBytes() {
    return hold.portion().bytes();
  }

  /**
   * How many row changes may wait, because other subscriptions of the connection need room; no more
   * than the buffer's own size. Holds until it is said again.
   */
  public void allow(long changes) {
    window.allow(changes);
  }

  /** From now on the owner is woken when there may be something new; look once more after this. */
  public void hangOn() {
    source.bell().hangOn(sourceRope);
    hold.hangOn();
  }

  /** Lets go of what is kept for this subscription. */
  @Override
  public void close() {
    ended = true;
    sourceRope.letGo();
    hold.giveBack();
  }

  /** What comes next for the client. */
  public Delivery next(Instant now) {
    if (ended) {
      return new Delivery.Nothing();
    }
    if (script.isEmpty()) {
      plan(now);
    }
    Delivery delivery = script.tell();
    if (delivery instanceof Delivery.Refused) {
      close();
    }
    return delivery;
  }

  private void plan(Instant now) {
    Following current = following;
    if (current == null) {
      joining.join(now).ifPresent(begun -> following = begun);
      return;
    }
    Generation present = source.generation().orElse(current.generation());
    if (present != current.generation()) {
      current.end();
      joining.restart(present, now).ifPresent(begun -> following = begun);
      return;
    }
    script.status(source.state());
    if (script.isEmpty()) {
      current.plan(now);
    }
  }
}
