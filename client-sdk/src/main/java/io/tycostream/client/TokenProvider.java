package io.tycostream.client;

import java.util.Optional;

/**
 * Where a client gets its credentials: asked before it connects first, and again when the gateway
 * says that those it has are expired or not good enough.
 *
 * <p>Credentials that are not accepted, had just now because others were not either, end the
 * client. Who has no others yet than those that it gave last throws, and is asked again later.
 *
 * <p>Called on a thread of its own, never twice at the same time; it may block.
 */
@FunctionalInterface
public interface TokenProvider {

  /**
   * Credentials that are good now.
   *
   * @return nothing when there are none for this program any more, which ends the client
   * @throws Exception when they cannot be had just now; asked again later, as long as it takes
   */
  Optional<String> token() throws Exception;
}
