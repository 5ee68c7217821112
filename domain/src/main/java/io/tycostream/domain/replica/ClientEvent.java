package io.tycostream.domain.replica;

import io.tycostream.domain.protocol.ClientMessage.Subscribe;
import io.tycostream.domain.protocol.ServerMessage;
import java.util.OptionalInt;

/**
 * What happens to a client: what its program wants, what its present socket brings, the time.
 *
 * <p>What comes from an earlier socket than the one that {@link ClientEffect.OpenSocket} asked for
 * last, or from one that was closed, is not told. A {@code chance} is in [0, 1).
 */
public sealed interface ClientEvent {

  /** The program wants to be connected. */
  record Started() implements ClientEvent {}

  /**
   * The program wants to follow a source.
   *
   * @param terms {@code after} is where to go on; empty where the client keeps the rows
   * @param keepsRows whether the client keeps the rows; never of an event subscription
   */
  record SubscribeRequested(Subscribe terms, boolean keepsRows) implements ClientEvent {}

  /** The program has processed what it was told, up to there. */
  record Processed(Receipt receipt) implements ClientEvent {}

  /** The program does not want to follow it any more; nothing more is told of it. */
  record UnsubscribeRequested(String ref) implements ClientEvent {}

  /** The program has other credentials, asked for or not. */
  record CredentialsRenewed(String token, double chance) implements ClientEvent {}

  /** The program was asked for credentials and has none, or no other ones. */
  record CredentialsDenied() implements ClientEvent {}

  /** The program does not want to be connected any more. */
  record CloseRequested() implements ClientEvent {}

  /** The socket stands. */
  record SocketOpened() implements ClientEvent {}

  /** A message came. */
  record MessageReceived(ServerMessage message, double chance) implements ClientEvent {}

  /**
   * Something came that is no message.
   *
   * @param feed the one that it is about, where that much could be read
   */
  record GarbageReceived(String reason, OptionalInt feed, double chance) implements ClientEvent {}

  /** A sign of life without a message came. */
  record Pinged() implements ClientEvent {}

  /**
   * The socket ended, or could not be opened.
   *
   * @param code the close code, 1006 when there was none
   */
  record SocketEnded(int code, String reason, double chance) implements ClientEvent {}

  /** The {@link Replica#deadline} may have come. */
  record DeadlineReached(double chance) implements ClientEvent {}
}
