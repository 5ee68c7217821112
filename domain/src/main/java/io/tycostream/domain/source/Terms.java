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
 */
public record Terms(
    Definition definition, Optional<Position> after, boolean snapshot, OnGap onGap, Buffer buffer) {

  /** All rows and columns as they are, with the default buffer. */
  public static Terms whole(Optional<Position> after) {
    return new Terms(Definition.WHOLE, after, true, OnGap.SNAPSHOT, Buffer.DEFAULT);
  }

  /** Whether the subscriber follows changes rather than rows. */
  public boolean forEvents() {
    return onGap == OnGap.CONTINUE;
  }
}
