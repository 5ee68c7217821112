package io.tycostream.domain.session;

import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import io.tycostream.domain.protocol.ErrorCode;
import java.time.Duration;
import java.util.Optional;

/**
 * Which buffer a client gets for the one that it asks for.
 *
 * <p>What is left out in {@code hello} is the gateway's default, in {@code subscribe} the
 * connection's. A subscription only narrows: a smaller size, lower thresholds, and where the
 * connection's policy is the same one, a shorter age or a coarser sample. A policy that does not
 * suit a subscription is refused, also where it is inherited: what a client does not hear about, it
 * would have to find out from what is missing.
 *
 * @param standard what is left out, and how long and coarse it is
 * @param maxSize the most that may be asked for; {@link Buffer#AUTO} may be asked for at any limit,
 *     because it takes no more memory than the log has already
 * @param maxAge the longest age that may be asked for
 */
public record BufferTerms(Buffer standard, long maxSize, Duration maxAge) {

  /**
   * @throws IllegalArgumentException when the default itself is over a limit
   */
  public BufferTerms {
    boolean large = standard.maxSize() != Buffer.AUTO && standard.maxSize() > maxSize;
    if (large || standard.maxAge().compareTo(maxAge) > 0) {
      throw new IllegalArgumentException(standard + " is over its own limit");
    }
  }

  /** What comes of a request. */
  public sealed interface Terms {

    /** The buffer that is in force. */
    record Granted(Buffer buffer) implements Terms {}

    /** Why there is none. */
    record Refused(ErrorCode code, String message) implements Terms {}
  }

  /** The connection's buffer, as {@code hello} asks for it. */
  public Terms hello(Optional<BufferRequest> request) {
    if (request.isEmpty()) {
      return new Terms.Granted(standard);
    }
    BufferRequest wanted = request.get();
    long size = wanted.maxSize().orElse(standard.maxSize());
    Duration age = wanted.maxAge().orElse(standard.maxAge());
    if (wanted.maxSize().isPresent() && size != Buffer.AUTO && size > maxSize) {
      return refused(
          ErrorCode.LIMIT_EXCEEDED,
          "\"maxSize\" is at most " + maxSize + " changes or \"auto\" here, not " + size);
    }
    if (wanted.maxAge().isPresent() && age.compareTo(maxAge) > 0) {
      return refused(
          ErrorCode.LIMIT_EXCEEDED,
          "\"maxAgeMs\" is at most " + maxAge.toMillis() + " here, not " + age.toMillis());
    }
    return checked(wanted, standard);
  }

  /**
   * A subscription's buffer, as {@code subscribe} asks for it.
   *
   * @param connection the buffer that {@link #hello} granted
   */
  public Terms subscribe(Optional<BufferRequest> request, Buffer connection, OnGap onGap) {
    DropPolicy policy = request.flatMap(BufferRequest::dropPolicy).orElse(connection.policy());
    boolean stated = request.flatMap(BufferRequest::dropPolicy).isPresent();
    if (stated && policy == DropPolicy.BY_PRIORITY) {
      return refused(
          ErrorCode.BAD_REQUEST,
          "\"by-priority\" is a connection's policy: it stands in the buffer of \"hello\" only");
    }
    if (!suits(policy, onGap)) {
      return unsuited(policy, stated, onGap);
    }
    if (request.isEmpty()) {
      return new Terms.Granted(connection);
    }
    Optional<Terms> wider = wider(request.get(), policy, connection);
    return wider.isPresent() ? wider.get() : checked(request.get(), connection);
  }

  private static boolean suits(DropPolicy policy, OnGap onGap) {
    return switch (onGap) {
      case SNAPSHOT -> policy.forState();
      case CONTINUE -> policy.forEvents();
    };
  }

  private static Terms unsuited(DropPolicy policy, boolean stated, OnGap onGap) {
    String inherited =
        stated ? "" : ", the connection's policy; name another in the subscription's \"buffer\"";
    return switch (onGap) {
      case SNAPSHOT ->
          refused(
              ErrorCode.POLICY_NEEDS_EVENTS,
              "\"%s\" leaves changes out: it needs \"onGap\": \"continue\"%s"
                  .formatted(policy.wire(), inherited));
      case CONTINUE ->
          refused(
              ErrorCode.POLICY_NEEDS_STATE,
              "\"%s\" folds changes: it cannot have \"onGap\": \"continue\"%s"
                  .formatted(policy.wire(), inherited));
    };
  }

  /** Why a request asks for more than the connection has. */
  private Optional<Terms> wider(BufferRequest wanted, DropPolicy policy, Buffer connection) {
    long size = wanted.maxSize().orElse(connection.maxSize());
    if (size > connection.maxSize()) {
      return Optional.of(
          refused(
              ErrorCode.LIMIT_EXCEEDED,
              "\"maxSize\" only narrows the connection's, which is %d changes, to %s"
                  .formatted(connection.maxSize(), size == Buffer.AUTO ? "\"auto\"" : size)));
    }
    double disconnectAt = wanted.disconnectThreshold().orElse(connection.disconnectAt());
    if (disconnectAt <= 1 && disconnectAt > connection.disconnectAt()) {
      return Optional.of(
          refused(
              ErrorCode.LIMIT_EXCEEDED,
              "\"disconnectThreshold\" only narrows the connection's, which is %s, to %s"
                  .formatted(connection.disconnectAt(), disconnectAt)));
    }
    boolean aged = policy == DropPolicy.BY_AGE && connection.policy() == DropPolicy.BY_AGE;
    Duration longest = aged ? connection.maxAge() : maxAge;
    if (wanted.maxAge().filter(age -> age.compareTo(longest) > 0).isPresent()) {
      return Optional.of(
          refused(
              ErrorCode.LIMIT_EXCEEDED,
              "\"maxAgeMs\" is at most " + longest.toMillis() + " for this subscription"));
    }
    if (policy == DropPolicy.SAMPLE
        && connection.policy() == DropPolicy.SAMPLE
        && wanted.sample().orElse(connection.sample()) < connection.sample()) {
      return Optional.of(
          refused(
              ErrorCode.LIMIT_EXCEEDED,
              "\"sample\" only narrows the connection's, which is one of " + connection.sample()));
    }
    return Optional.empty();
  }

  /** A request with what it leaves out, if it makes sense. */
  private static Terms checked(BufferRequest wanted, Buffer rest) {
    long size = wanted.maxSize().orElse(rest.maxSize());
    double warnAt = wanted.warnThreshold().orElse(Math.min(rest.warnAt(), lowest(wanted, rest)));
    double disconnectAt = wanted.disconnectThreshold().orElse(rest.disconnectAt());
    Duration age = wanted.maxAge().orElse(rest.maxAge());
    int sample = wanted.sample().orElse(rest.sample());
    if (size < 1) {
      return bad("\"maxSize\" is at least 1 change, not " + size);
    }
    if (!(disconnectAt > 0 && disconnectAt <= 1)) {
      return bad("\"disconnectThreshold\" is more than 0 and at most 1, not " + disconnectAt);
    }
    if (!(warnAt > 0 && warnAt <= disconnectAt)) {
      return bad(
          "\"warnThreshold\" is more than 0 and at most \"disconnectThreshold\", which is %s, not %s"
              .formatted(disconnectAt, warnAt));
    }
    if (!age.isPositive()) {
      return bad("\"maxAgeMs\" is more than 0, not " + age.toMillis());
    }
    if (sample < 1) {
      return bad("\"sample\" is at least 1, not " + sample);
    }
    DropPolicy policy = wanted.dropPolicy().orElse(rest.policy());
    return new Terms.Granted(new Buffer(size, policy, warnAt, disconnectAt, age, sample));
  }

  /** A warning that was not asked for never stands above the end that was. */
  private static double lowest(BufferRequest wanted, Buffer rest) {
    double disconnectAt = wanted.disconnectThreshold().orElse(rest.disconnectAt());
    return disconnectAt > 0 ? disconnectAt : rest.warnAt();
  }

  private static Terms bad(String message) {
    return refused(ErrorCode.BAD_REQUEST, message);
  }

  private static Terms refused(ErrorCode code, String message) {
    return new Terms.Refused(code, message);
  }
}
