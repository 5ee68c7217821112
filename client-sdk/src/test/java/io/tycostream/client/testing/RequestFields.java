package io.tycostream.client.testing;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a request, or of an object in it; one that is null counts as not there. What is not
 * as it should be is told with the field's name.
 */
final class RequestFields {

  private final Map<?, ?> json;
  private final String prefix;

  RequestFields(Map<?, ?> json) {
    this(json, "");
  }

  private RequestFields(Map<?, ?> json, String prefix) {
    this.json = json;
    this.prefix = prefix;
  }

  /** A field is missing or is not what it should be; the message is for the client. */
  static final class BadFieldException extends Exception {
    private static final long serialVersionUID = 1L;

    BadFieldException(String reason) {
      super(reason);
    }
  }

  /** The ref, for an answer to a request that is wrong. */
  Optional<String> refIfAny(int maxLength) {
    return json.get("ref") instanceof String ref && ref.length() <= maxLength
        ? Optional.of(ref)
        : Optional.empty();
  }

  /** The feed, for an answer to a request that is wrong. */
  OptionalInt feedIfAny() {
    return wholeInt(json.get("feed"));
  }

  @Nullable Object value(String name) {
    return json.get(name);
  }

  Optional<String> text(String name, int maxLength) throws BadFieldException {
    Object value = json.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof String text)) {
      throw bad(name, "is not a text");
    }
    if (text.isEmpty() || text.length() > maxLength) {
      throw bad(name, "has " + text.length() + " characters, not 1 to " + maxLength);
    }
    return Optional.of(text);
  }

  String required(String name, int maxLength) throws BadFieldException {
    return text(name, maxLength).orElseThrow(() -> bad(name, "is missing"));
  }

  <T> Optional<T> word(String name, T[] values, Function<T, String> wire) throws BadFieldException {
    Object given = json.get(name);
    if (given == null) {
      return Optional.empty();
    }
    for (T value : values) {
      if (wire.apply(value).equals(given)) {
        return Optional.of(value);
      }
    }
    throw bad(name, "is not one of " + String.join(", ", Arrays.stream(values).map(wire).toList()));
  }

  boolean truth(String name, boolean otherwise) throws BadFieldException {
    Object value = json.get(name);
    if (value == null) {
      return otherwise;
    }
    if (!(value instanceof Boolean truth)) {
      throw bad(name, "is neither true nor false");
    }
    return truth;
  }

  OptionalInt feed() throws BadFieldException {
    OptionalInt feed = feedIfAny();
    if (feed.isEmpty() && json.get("feed") != null) {
      throw bad("feed", "is not a feed's number");
    }
    return feed;
  }

  int requiredFeed() throws BadFieldException {
    return feed().orElseThrow(() -> bad("feed", "is missing"));
  }

  private static OptionalInt wholeInt(@Nullable Object value) {
    try {
      return value instanceof BigDecimal number && number.scale() == 0
          ? OptionalInt.of(number.intValueExact())
          : OptionalInt.empty();
    } catch (ArithmeticException tooLarge) {
      return OptionalInt.empty();
    }
  }

  OptionalInt whole(String name, int least, int most) throws BadFieldException {
    OptionalLong whole = wholeLong(name, least, most);
    return whole.isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) whole.getAsLong());
  }

  OptionalLong wholeLong(String name, long least, long most) throws BadFieldException {
    Object value = json.get(name);
    if (value == null) {
      return OptionalLong.empty();
    }
    if (value instanceof BigDecimal number
        && number.compareTo(BigDecimal.valueOf(least)) >= 0
        && number.compareTo(BigDecimal.valueOf(most)) <= 0
        && number.stripTrailingZeros().scale() <= 0) {
      return OptionalLong.of(number.longValue());
    }
    throw bad(name, "is not a whole number from " + least + " to " + most);
  }

  OptionalDouble number(String name) throws BadFieldException {
    Object value = json.get(name);
    if (value == null) {
      return OptionalDouble.empty();
    }
    if (!(value instanceof BigDecimal number)) {
      throw bad(name, "is not a number");
    }
    return OptionalDouble.of(number.doubleValue());
  }

  /** The fields of an object in this one. */
  Optional<RequestFields> nested(String name) throws BadFieldException {
    Object value = json.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof Map<?, ?> object)) {
      throw bad(name, "is not an object");
    }
    return Optional.of(new RequestFields(object, prefix + name + "."));
  }

  Optional<Set<String>> distinctTexts(String name, int maxCount, int maxLength)
      throws BadFieldException {
    Object value = json.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (!(value instanceof List<?> array) || array.size() > maxCount) {
      throw bad(name, "is not an array of up to " + maxCount + " texts");
    }
    Set<String> texts = new LinkedHashSet<>();
    for (Object each : array) {
      if (!(each instanceof String text) || text.isEmpty() || text.length() > maxLength) {
        throw bad(name, "has " + each + " in it, not a text of 1 to " + maxLength);
      }
      if (!texts.add(text)) {
        throw bad(name, "has \"" + text + "\" twice");
      }
    }
    return Optional.of(texts);
  }

  Map<String, String> texts(String name) throws BadFieldException {
    Object value = json.get(name);
    Map<String, String> texts = new LinkedHashMap<>();
    if (value == null) {
      return texts;
    }
    if (!(value instanceof Map<?, ?> object)) {
      throw bad(name, "is not an object of texts");
    }
    for (Map.Entry<?, ?> each : object.entrySet()) {
      if (!(each.getValue() instanceof String text)) {
        throw bad(name, "is not an object of texts");
      }
      texts.put(String.valueOf(each.getKey()), text);
    }
    return texts;
  }

  private BadFieldException bad(String name, String what) {
    return new BadFieldException("\"" + prefix + name + "\" " + what);
  }
}
