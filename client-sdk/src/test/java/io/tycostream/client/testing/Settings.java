package io.tycostream.client.testing;

import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.protocol.ServerMessage.Limits;
import io.tycostream.domain.session.BufferTerms;
import io.tycostream.domain.session.SessionSettings;
import java.time.Duration;

/**
 * What a gateway for tests allows and how long it waits: the defaults of a real one, but for what a
 * test says.
 *
 * @param patience how long a subscription waits for a source that is not ready
 */
record Settings(SessionSettings times, Limits limits, Duration patience, BufferTerms buffers) {

  private static final int MAX_REQUEST = 64 << 10;
  private static final int MAX_SUBSCRIPTIONS = 100;
  private static final int MAX_BUFFER = 1_000_000;
  private static final Duration MAX_AGE = Duration.ofMinutes(10);

  static Settings of(Duration heartbeat, Duration sessionTtl, Duration patience, int maxMessage) {
    SessionSettings standard = SessionSettings.DEFAULT;
    return new Settings(
        new SessionSettings(
            standard.helloTimeout(), heartbeat, standard.closePatience(), sessionTtl),
        new Limits(maxMessage, MAX_REQUEST, MAX_SUBSCRIPTIONS, MAX_BUFFER),
        patience,
        new BufferTerms(Buffer.DEFAULT, MAX_BUFFER, MAX_AGE));
  }
}
