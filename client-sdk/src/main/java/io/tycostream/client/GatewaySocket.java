package io.tycostream.client;

import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a gateway.
 *
 * <p>What comes is handed over to the mailbox and asked for one by one, so that a full mailbox stops
 * the reading of the socket. The JDK answers pings by itself as they are read.
 */
final class GatewaySocket implements WebSocket.Listener {

  /** As RFC 6455, 7.1.5 has it, for an end without a close frame. */
  static final int ABNORMAL = 1006;

  private static final int PROTOCOL_ERROR = 1002;
  private static final long FAREWELL_MILLIS = 300;

  private final Mailbox mailbox;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final StringBuilder fragments = new StringBuilder();
  private CompletableFuture<WebSocket> opening = new CompletableFuture<>();
  private CompletableFuture<WebSocket> sending = opening;
  private volatile boolean leaving;

  GatewaySocket(Mailbox mailbox) {
    this.mailbox = mailbox;
  }

  /** Opens it; the result reaches the mailbox. */
  void open(CompletableFuture<WebSocket> promise) {
    opening = promise;
    sending = promise.whenComplete(this::endOnFailure);
  }

  /** Sends a text behind those sent before; the client's own thread only. */
  void send(String text) {
    sending =
        sending
            .thenCompose(socket -> socket.sendText(text, true))
            .whenComplete(this::endOnFailure);
  }

  /**
   * Says goodbye and waits for the answer a moment, then cuts; nothing reaches the mailbox any more.
   */
  void close(int code, String reason) {
    leaving = true;
    WebSocket socket = opening.isCompletedExceptionally() ? null : opening.getNow(null);
    if (socket == null) {
      opening = opening.whenComplete((late, failure) -> abort(late));
      return;
    }
    try {
      socket.request(Long.MAX_VALUE); // what still comes is thrown away, the close frame is behind it
      socket
          .sendClose(code, shortened(reason))
          .thenCombine(ended, (closed, end) -> end)
          .get(FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      socket.abort(); // the other side is not there to say goodbye to
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      socket.abort();
    }
  }

  @Override
  public void onOpen(WebSocket socket) {
    mailbox.put(new Input.Opened(this));
    socket.request(1);
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    if (leaving) {
      return null;
    }
    if (!last) {
      fragments.append(data);
      socket.request(1);
      return null;
    }
    String text = data.toString();
    if (!fragments.isEmpty()) {
      text = fragments.append(text).toString();
      fragments.setLength(0);
    }
    mailbox.put(new Input.Received(this, text), () -> socket.request(1));
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
    end(PROTOCOL_ERROR, "the gateway sent a binary message");
    socket.abort();
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPing(WebSocket socket, ByteBuffer message) {
    heard(socket);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
    heard(socket);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
    end(code, reason);
    return null; // the JDK answers the close frame by itself
  }

  @Override
  public void onError(WebSocket socket, Throwable failure) {
    end(ABNORMAL, describe(failure));
  }

  private void heard(WebSocket socket) {
    if (!leaving) {
      mailbox.put(new Input.Pinged(this));
      socket.request(1);
    }
  }

  private void endOnFailure(@Nullable WebSocket socket, @Nullable Throwable failure) {
    if (failure != null) {
      end(ABNORMAL, describe(failure));
    }
  }

  private void end(int code, String reason) {
    if (ended.complete(null) && !leaving) {
      mailbox.put(new Input.Ended(this, code, reason));
    }
  }

  private static void abort(@Nullable WebSocket socket) {
    if (socket != null) {
      socket.abort();
    }
  }

  private static String shortened(String reason) {
    // A close frame has room for 123 bytes; three is the most that a char takes.
    return reason.length() <= 41 ? reason : reason.substring(0, 40);
  }

  private static String describe(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return switch (cause) {
      case WebSocketHandshakeException refused ->
          "the gateway refused the connection with HTTP " + refused.getResponse().statusCode();
      case HttpTimeoutException late -> "no answer in time";
      case ConnectException unreachable -> "nothing listens there, or it cannot be reached";
      default -> {
        String message = cause.getMessage();
        String name = cause.getClass().getSimpleName();
        yield message == null || message.isEmpty() ? name : name + ": " + message;
      }
    };
  }
}
