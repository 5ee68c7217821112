package io.tycostream.adapters.ws;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * The fields of one message of a client, or of an object in it; one that is JSON null counts as not
 * there. What is not as it should be is told with the field's name and what would be right.
 */
final class MessageFields {

  private static final int SHOWN = 40;

  private final JsonNode json;
  private final String prefix;

  /**
   * @param json an object
   */
  MessageFields(JsonNode json) {
    this(json, "");
  }

  private MessageFields(JsonNode json, String prefix) {
    this.json = json;
    this.prefix = prefix;
  }

  /** A field is missing or is not what it should be. */
  static final class BadFieldException extends Exception {
    private static final long serialVersionUID = 1L;

    BadFieldException(String reason) {
      super(reason);
    }

    /** For the client. */
    String reason() {
      return String.valueOf(getMessage());
    }
  }

  String type() {
    return json.path("type").asText();
  }

  /** The ref, for an answer to a message that is wrong. */
  Optional<String> refIfAny(int maxLength) {
    JsonNode ref = json.path("ref");
    return ref.isTextual() && ref.textValue().length() <= maxLength
        ? Optional.of(ref.textValue())
        : Optional.empty();
  }

  /** The feed, for an answer to a message that is wrong. */
  OptionalInt feedIfAny() {
    JsonNode feed = json.path("feed");
    return feed.isInt() ? OptionalInt.of(feed.intValue()) : OptionalInt.empty();
  }

  boolean has(String name) {
    return json.hasNonNull(name);
  }

  boolean isText(String name, String text) {
    return text.equals(json.path(name).textValue());
  }

  Optional<String> text(String name, int maxLength) throws BadFieldException {
    if (!has(name)) {
      return Optional.empty();
    }
    JsonNode value = json.get(name);
    if (!value.isTextual()) {
      throw bad(name, "is not a text");
    }
    int length = value.textValue().length();
    if (length == 0 || length > maxLength) {
      throw bad(name, "has " + length + " characters, not 1 to " + maxLength);
    }
    return Optional.of(value.textValue());
  }

  String required(String name, int maxLength) throws BadFieldException {
    return text(name, maxLength).orElseThrow(() -> bad(name, "is missing"));
  }

  /** A text that is one of a few words. */
  <T> Optional<T> word(String name, T[] values, Function<T, String> wire) throws BadFieldException {
    if (!has(name)) {
      return Optional.empty();
    }
    String given = json.get(name).textValue();
    for (T value : values) {
      if (wire.apply(value).equals(given)) {
        return Optional.of(value);
      }
    }
    List<String> words = Arrays.stream(values).map(wire).toList();
    throw bad(name, "is " + shown(json.get(name)) + ", not one of " + String.join(", ", words));
  }

  OptionalInt feed() throws BadFieldException {
    if (!has("feed")) {
      return OptionalInt.empty();
    }
    if (!json.get("feed").isInt()) {
      throw bad("feed", "is not a feed's number");
    }
    return OptionalInt.of(json.get("feed").intValue());
  }

  int requiredFeed() throws BadFieldException {
    return feed().orElseThrow(() -> bad("feed", "is missing"));
  }

  boolean truth(String name, boolean otherwise) throws BadFieldException {
    if (!has(name)) {
      return otherwise;
    }
    if (!json.get(name).isBoolean()) {
      throw bad(name, "is neither true nor false");
    }
    return json.get(name).booleanValue();
  }

  OptionalInt whole(String name, int least, int most) throws BadFieldException {
    OptionalLong number = wholeLong(name, least, most);
    return number.isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) number.getAsLong());
  }

  OptionalLong wholeLong(String name, long least, long most) throws BadFieldException {
    return wholeLong(name, least, most, "");
  }

  /**
   * @param orElse what else would be right
   */
  OptionalLong wholeLong(String name, long least, long most, String orElse)
      throws BadFieldException {
    if (!has(name)) {
      return OptionalLong.empty();
    }
    JsonNode value = json.get(name);
    // Some languages write 5.0 for 5.
    boolean fits =
        value.isNumber() && value.canConvertToLong() && value.canConvertToExactIntegral();
    if (!fits || value.longValue() < least || value.longValue() > most) {
      throw bad(
          name,
          "is " + shown(value) + ", not a whole number from " + least + " to " + most + orElse);
    }
    return OptionalLong.of(value.longValue());
  }

  OptionalDouble number(String name) throws BadFieldException {
    if (!has(name)) {
      return OptionalDouble.empty();
    }
    if (!json.get(name).isNumber()) {
      throw bad(name, "is " + shown(json.get(name)) + ", not a number");
    }
    return OptionalDouble.of(json.get(name).doubleValue());
  }

  /** The value of a field, whatever it is. */
  Optional<JsonNode> value(String name) {
    return has(name) ? Optional.of(json.get(name)) : Optional.empty();
  }

  /** The fields of an object in this one. */
  Optional<MessageFields> nested(String name) throws BadFieldException {
    if (!has(name)) {
      return Optional.empty();
    }
    if (!json.get(name).isObject()) {
      throw bad(name, "is " + shown(json.get(name)) + ", not an object");
    }
    return Optional.of(new MessageFields(json.get(name), prefix + name + "."));
  }

  Optional<Set<String>> distinctTexts(String name, int maxCount, int maxLength)
      throws BadFieldException {
    if (!has(name)) {
      return Optional.empty();
    }
    JsonNode array = json.get(name);
    if (!array.isArray()) {
      throw bad(name, "is " + shown(array) + ", not an array of texts");
    }
    if (array.size() > maxCount) {
      throw bad(name, "has " + array.size() + " texts, more than " + maxCount);
    }
    Set<String> texts = new LinkedHashSet<>();
    for (JsonNode each : array) {
      if (!each.isTextual() || each.textValue().isEmpty()) {
        throw bad(name, "has " + shown(each) + " in it, not a text of 1 to " + maxLength);
      }
      if (each.textValue().length() > maxLength) {
        throw bad(name, "has a text of " + each.textValue().length() + ", over " + maxLength);
      }
      if (!texts.add(each.textValue())) {
        throw bad(name, "has " + shown(each) + " twice");
      }
    }
    return Optional.of(texts);
  }

  Map<String, String> texts(String name) throws BadFieldException {
    Map<String, String> texts = new HashMap<>();
    if (!has(name)) {
      return texts;
    }
    JsonNode object = json.get(name);
    if (!object.isObject() || !object.valueStream().allMatch(JsonNode::isTextual)) {
      throw bad(name, "is not an object of texts");
    }
    object
        .propertyStream()
        .forEach(entry -> texts.put(entry.getKey(), entry.getValue().textValue()));
    return texts;
  }

  private BadFieldException bad(String name, String what) {
    return new BadFieldException("\"" + prefix + name + "\" " + what);
  }

  private static String shown(JsonNode value) {
    String text = value.toString();
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }
}
