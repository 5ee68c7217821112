package io.tycostream.adapters.ws;

import io.tycostream.domain.protocol.GapReason;
import io.tycostream.domain.protocol.ServerMessage.Start;
import io.tycostream.domain.session.Resumption;
import java.time.Duration;

/** Sees what happens to clients: metrics hang here. Called by many threads; must be quick. */
public interface ClientObserver {

  /** Frames went to a socket in one write. */
  void written(int frames, long bytes);

  /** The newest batch of a write, from the moment the gateway had it to the end of the write. */
  void delivered(Duration latency);

  /** A subscription began. */
  void began(Start start, boolean resumed);

  /** Changes were not delivered one by one. */
  void gap(GapReason reason, long dropped);

  /** A session could not be taken up, for this reason; the client begins a new one. */
  void notResumed(Resumption reason);

  /** A connection ended; 1006 when without a close frame. */
  void disconnected(int code);
}
