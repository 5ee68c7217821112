package io.tycostream.client;

import io.tycostream.domain.protocol.ServerMessage;

/**
 * The gateway did not do what was asked of it.
 *
 * @param code of the protocol, such as {@code unknown-source}
 * @param message for people
 * @param retryable whether the client tries again by itself
 */
public record Refusal(String code, String message, boolean retryable) {

  static Refusal of(ServerMessage.Refused refused) {
    return new Refusal(refused.code(), refused.message(), refused.retryable());
  }
}
