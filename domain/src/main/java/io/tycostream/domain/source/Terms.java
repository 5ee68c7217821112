package io.tycostream.domain.source;

import io.tycostream.domain.change.Position;
import io.tycostream.domain.feed.Definition;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import java.util.Optional;

/**
 * What a subscriber wants of a source.
 *
 * @param after what it has
 * @param snapshot whether it begins with all rows where there is no {@code after}
 * @param onGap what follows when changes cannot be delivered one by one
 * @param buffer how much may wait for it
 * @param lost whether it had something before and cannot say where it was: what came since is lost
 *     to it, and that is said
 */
public record Terms(
    Definition definition,
    Optional<Position> after,
    boolean snapshot,
    OnGap onGap,
    Buffer buffer,
    boolean lost) {

  /** Of a subscriber that knows where it is, or begins. */
  public Terms(
      Definition definition,
      Optional<Position> after,
      boolean snapshot,
      OnGap onGap,
      Buffer buffer) {
    this(definition, after, snapshot, onGap, buffer, false);
  }

  /** All rows and columns as they are, with the default buffer. */
  public static Terms whole(Optional<Position> after) {
    return new Terms(Definition.WHOLE, after, true, OnGap.SNAPSHOT, Buffer.DEFAULT);
  }

  /** The same of something else, from another position on. */
  Terms of(Definition other, Optional<Position> position) {
    return new Terms(other, position, snapshot, onGap, buffer, lost);
  }

  /** Whether the subscriber follows changes rather than rows. */
  public boolean forEvents() {
    return onGap == OnGap.CONTINUE;
  }
}
