/**
 * The core of gateway and client: what decides, without clock, thread or socket. It needs nothing
 * but {@code java.base}.
 *
 * <p>It is no library of its own. Its packages are exported to the client alone, and may change
 * with any version; the gateway, which runs on the class path, sees all of them.
 */
@SuppressWarnings("module") // the client is compiled after this
module io.tycostream.domain {
  requires static org.jspecify;

  exports io.tycostream.domain to
      io.tycostream.client;
  exports io.tycostream.domain.backoff to
      io.tycostream.client;
  exports io.tycostream.domain.change to
      io.tycostream.client;
  exports io.tycostream.domain.feed to
      io.tycostream.client;
  exports io.tycostream.domain.log to
      io.tycostream.client;
  exports io.tycostream.domain.protocol to
      io.tycostream.client;
  exports io.tycostream.domain.replica to
      io.tycostream.client;
}
