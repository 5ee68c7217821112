package io.tycostream.adapters.ws;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PlainSocket;
import java.io.IOException;
import java.lang.reflect.Field;

/**
 * The JDK's socket under Helidon's, which keeps it to itself and can only close it in due form. For
 * TLS due form is to say goodbye, for which the JDK waits until the writing that is under way is
 * done; with a client that takes nothing it never is.
 */
final class BareSocket {

  private static final Field DELEGATE = delegate();

  private BareSocket() {}

  private static Field delegate() {
    try {
      Field delegate = PlainSocket.class.getDeclaredField("delegate");
      delegate.setAccessible(true);
      return delegate;
    } catch (NoSuchFieldException e) {
      throw new IllegalStateException("this version of Helidon is not the one that was tried", e);
    }
  }

  /**
   * Ends a connection at once. What was not sent yet is dropped, and whoever reads or writes is
   * told by an exception.
   *
   * @throws IOException when it cannot be closed
   */
  static void cut(HelidonSocket socket) throws IOException {
    try {
      java.net.Socket bare = (java.net.Socket) DELEGATE.get(socket);
      bare.setSoLinger(true, 0); // so long does the JDK wait for the writer
      bare.close();
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("the field was made accessible", e);
    }
  }
}
