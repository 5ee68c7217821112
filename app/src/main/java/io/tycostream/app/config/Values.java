package io.tycostream.app.config;

import io.tycostream.domain.log.Buffer;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * How texts become values. Each function throws an {@link IllegalArgumentException} for a text that
 * it does not take, whose message goes on from "… is 'text', but": "has to be …".
 */
final class Values {

  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");

  /** Decimal, as it is read by eye: no hexadecimal floats, no NaN, no suffixes. */
  private static final Pattern DECIMAL = Pattern.compile("-?[0-9]{1,15}(\\.[0-9]{1,15})?");

  private Values() {}

  /** Any text but an empty one. */
  static Function<String, String> text() {
    return text -> text;
  }

  static Function<String, String> matching(Pattern pattern, String requirement) {
    return text -> require(pattern.matcher(text).matches(), text, requirement);
  }

  static Function<String, String> oneOf(List<String> choices) {
    return text -> require(choices.contains(text), text, "one of " + String.join(", ", choices));
  }

  static Function<String, Long> wholeNumber(long min, long max) {
    return text -> {
      boolean fits = WHOLE.matcher(text).matches();
      long number = fits ? Long.parseLong(text) : min;
      return require(
          fits && number >= min && number <= max,
          number,
          "a whole number from " + min + " to " + max);
    };
  }

  /** Nothing for {@code unlimited}. */
  static Function<String, OptionalInt> wholeNumberOrUnlimited(int min, int max) {
    return text -> {
      if (text.equals("unlimited")) {
        return OptionalInt.empty();
      }
      boolean fits = WHOLE.matcher(text).matches();
      long number = fits ? Long.parseLong(text) : min;
      return require(
          fits && number >= min && number <= max,
          OptionalInt.of(Math.clamp(number, min, max)),
          "unlimited or a whole number from " + min + " to " + max);
    };
  }

  /**
   * A number between two others.
   *
   * @param max itself not allowed
   */
  static Function<String, Double> numberBelow(String min, String max) {
    return text -> {
      boolean fits = DECIMAL.matcher(text).matches();
      BigDecimal number = new BigDecimal(fits ? text : min);
      return require(
          fits
              && number.compareTo(new BigDecimal(min)) >= 0
              && number.compareTo(new BigDecimal(max)) < 0,
          number.doubleValue(),
          "a number from " + min + " to less than " + max);
    };
  }

  /** A number between two others, both allowed. */
  static Function<String, Double> numberUpTo(String min, String max) {
    return text -> {
      boolean fits = DECIMAL.matcher(text).matches();
      BigDecimal number = new BigDecimal(fits ? text : min);
      return require(
          fits
              && number.compareTo(new BigDecimal(min)) >= 0
              && number.compareTo(new BigDecimal(max)) <= 0,
          number.doubleValue(),
          "a number from " + min + " to " + max);
    };
  }

  static Function<String, Duration> duration() {
    return Durations::parse;
  }

  /** Zero for {@code 0s}. */
  static Function<String, Duration> durationOrNone() {
    return text -> text.equals("0s") ? Duration.ZERO : Durations.parse(text);
  }

  /** {@link Buffer#AUTO} for {@code auto}. */
  static Function<String, Long> changesOrAuto() {
    return text -> {
      if (text.equals("auto")) {
        return Buffer.AUTO;
      }
      boolean fits = WHOLE.matcher(text).matches();
      long number = fits ? Long.parseLong(text) : 1;
      return require(fits && number >= 1, number, "auto or a whole number from 1 on");
    };
  }

  /** Nothing for {@code unlimited}. */
  static Function<String, OptionalLong> sizeOrUnlimited(String min, String max) {
    return text ->
        text.equals("unlimited")
            ? OptionalLong.empty()
            : OptionalLong.of(size(min, max).apply(text));
  }

  static Function<String, Long> size(String min, String max) {
    return text -> {
      long bytes = Sizes.parse(text);
      return require(
          bytes >= Sizes.parse(min) && bytes <= Sizes.parse(max),
          bytes,
          "a size from " + min + " to " + max);
    };
  }

  /** As browsers send it: scheme, host and port if it is not the scheme's own. */
  static Function<String, String> origin() {
    return text -> require(isOrigin(text), text, "an origin as in https://example.org:8443");
  }

  private static boolean isOrigin(String text) {
    try {
      URI uri = new URI(text);
      String scheme = uri.getScheme();
      String host = uri.getHost();
      if (scheme == null || host == null || !scheme.matches("https?")) {
        return false;
      }
      String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
      return text.equals(scheme + "://" + host + port);
    } catch (URISyntaxException e) {
      return false;
    }
  }

  private static <T> T require(boolean fits, T value, String requirement) {
    if (!fits) {
      throw new IllegalArgumentException("has to be " + requirement);
    }
    return value;
  }
}
