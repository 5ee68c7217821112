package io.tycostream.app.config;

import io.tycostream.adapters.ws.ClientLimits;
import java.time.Duration;

/** Reads {@code clients}. */
final class ClientsReader {

  private static final long DEFAULT_SEND_BUFFER = 64 << 10;

  private ClientsReader() {}

  private record Queue(int maxSize, Duration timeout) {}

  static Configuration.Clients read(Section clients) {
    ClientLimits usual = ClientLimits.DEFAULT;
    Queue queue =
        clients.section(
            "request-queue",
            section ->
                new Queue(
                    section
                        .value(
                            "max-size", (long) usual.maxWaiting(), Values.wholeNumber(0, 1_000_000))
                        .intValue(),
                    section.value("timeout", usual.requestPatience(), Values.duration())));
    ClientLimits limits =
        new ClientLimits(
            number(clients, "max-connections", usual.maxConnections()),
            number(clients, "max-subscriptions", usual.maxSubscriptions()),
            clients
                .value("max-message", (long) usual.maxRequest(), Values.size("1KiB", "64MiB"))
                .intValue(),
            usual.maxMessage(),
            clients.value("hello-timeout", usual.helloTimeout(), Values.duration()),
            clients.value("heartbeat", usual.heartbeat(), Values.duration()),
            queue.maxSize,
            queue.timeout,
            usual.buffers());
    int sendBuffer =
        clients
            .value("socket-send-buffer", DEFAULT_SEND_BUFFER, Values.size("4KiB", "64MiB"))
            .intValue();
    return new Configuration.Clients(limits, sendBuffer);
  }

  private static int number(Section clients, String key, int usual) {
    return clients.value(key, (long) usual, Values.wholeNumber(1, 1_000_000)).intValue();
  }
}
