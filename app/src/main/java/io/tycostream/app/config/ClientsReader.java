package io.tycostream.app.config;

import io.tycostream.adapters.ws.ClientLimits;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.session.BufferTerms;
import io.tycostream.domain.session.SessionSettings;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Reads {@code clients}. */
final class ClientsReader {

  private static final long DEFAULT_SEND_BUFFER = 64 << 10;

  private static final List<String> POLICIES =
      Arrays.stream(DropPolicy.values()).map(DropPolicy::wire).toList();

  private ClientsReader() {}

  private record Queue(int maxSize, Duration timeout) {}

  private record Buffers(BufferTerms terms, Duration sustainedFor) {}

  static Configuration.Clients read(Section clients, Optional<String> resumeSecret) {
    ClientLimits usual = ClientLimits.DEFAULT;
    Queue queue = clients.section("request-queue", ClientsReader::queue);
    Buffers buffers = clients.section("buffer", ClientsReader::buffers);
    ClientLimits limits =
        new ClientLimits(
            number(clients, "max-connections", usual.maxConnections()),
            number(clients, "max-subscriptions", usual.maxSubscriptions()),
            clients
                .value("max-message", (long) usual.maxRequest(), Values.size("1KiB", "64MiB"))
                .intValue(),
            usual.maxMessage(),
            number(clients, "requests-per-second", usual.requestsPerSecond()),
            queue.maxSize,
            queue.timeout,
            buffers.terms,
            buffers.sustainedFor,
            times(clients, usual.times()));
    int sendBuffer =
        clients
            .value("socket-send-buffer", DEFAULT_SEND_BUFFER, Values.size("4KiB", "64MiB"))
            .intValue();
    return new Configuration.Clients(limits, sendBuffer, resumeSecret);
  }

  private static SessionSettings times(Section clients, SessionSettings usual) {
    return new SessionSettings(
        clients.value("hello-timeout", usual.helloTimeout(), Values.duration()),
        clients.value("heartbeat", usual.heartbeat(), Values.duration()),
        usual.closePatience(),
        clients.value("session-ttl", usual.ttl(), Values.durationOrNone()));
  }

  private static Queue queue(Section section) {
    ClientLimits usual = ClientLimits.DEFAULT;
    return new Queue(
        section
            .value("max-size", (long) usual.maxWaiting(), Values.wholeNumber(0, 1_000_000))
            .intValue(),
        section.value("timeout", usual.requestPatience(), Values.duration()));
  }

  private static Buffers buffers(Section section) {
    BufferTerms terms = ClientLimits.DEFAULT.buffers();
    Buffer usual = terms.standard();
    long limit = section.value("limit", terms.maxSize(), Values.wholeNumber(1, Integer.MAX_VALUE));
    long size = section.value("max-size", Math.min(usual.maxSize(), limit), Values.changesOrAuto());
    if (section.sound("limit", "max-size") && size != Buffer.AUTO && size > limit) {
      section.mistake("max-size", "is " + size + ", which is more than limit, which is " + limit);
      size = limit;
    }
    double disconnectAt = section.value("disconnect-threshold", usual.disconnectAt(), share());
    double warnAt =
        section.value("warn-threshold", Math.min(usual.warnAt(), disconnectAt), share());
    if (section.sound("disconnect-threshold", "warn-threshold") && warnAt > disconnectAt) {
      section.mistake(
          "warn-threshold",
          "is " + warnAt + ", which is more than disconnect-threshold, which is " + disconnectAt);
    }
    Buffer standard =
        new Buffer(
            size,
            DropPolicy.valueOf(
                section
                    .value("drop-policy", usual.policy().wire(), Values.oneOf(POLICIES))
                    .toUpperCase(Locale.ROOT)
                    .replace('-', '_')),
            Math.min(warnAt, disconnectAt),
            disconnectAt,
            usual.maxAge(),
            usual.sample());
    return new Buffers(
        new BufferTerms(standard, limit, terms.maxAge()),
        section.value("sustained-for", ClientLimits.DEFAULT.sustainedFor(), Values.duration()));
  }

  private static Function<String, Double> share() {
    return Values.numberUpTo("0.01", "1");
  }

  private static int number(Section clients, String key, int usual) {
    return clients.value(key, (long) usual, Values.wholeNumber(1, 1_000_000)).intValue();
  }
}
