package io.tycostream.app.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.tycostream.adapters.ws.WhereReader;
import io.tycostream.domain.feed.BadFilterException;
import io.tycostream.domain.feed.Filter;
import java.util.Optional;

/**
 * Reads a filter as it is written in a configuration: the {@code where} of the protocol in YAML.
 *
 * <p>What a value is, a number or a text, does not reach us; it need not, because a text stands for
 * a value of any column's type. Only {@code _is_null} takes nothing but true or false.
 */
final class FilterReader {

  private static final String IS_NULL = "_is_null";

  private FilterReader() {}

  /** The filter at a key of a section; nothing, and a mistake, where it is none. */
  static Optional<Filter> read(Node where, Section section, String key) {
    Optional<JsonNode> json = json(where, "");
    if (json.isEmpty()) {
      // A broken value was reported where it is; an empty one cannot be told from a missing one.
      if (!broken(where)) {
        section.mistake(key, "has a condition without a value; give it one, or remove it");
      }
      return Optional.empty();
    }
    try {
      return Optional.of(WhereReader.read(json.get()));
    } catch (BadFilterException e) {
      section.mistake(key, "is no filter: " + e.reason());
      return Optional.empty();
    }
  }

  private static boolean broken(Node node) {
    return switch (node) {
      case Node.Broken reported -> true;
      case Node.Scalar scalar -> false;
      case Node.Mapping mapping ->
          mapping.members().values().stream().anyMatch(FilterReader::broken);
      case Node.Sequence sequence -> sequence.items().stream().anyMatch(FilterReader::broken);
    };
  }

  private static Optional<JsonNode> json(Node node, String name) {
    return switch (node) {
      case Node.Broken reported -> Optional.empty();
      case Node.Scalar scalar -> scalar(scalar.text(), name);
      case Node.Mapping mapping -> {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        boolean whole = true;
        for (String member : mapping.members().keySet()) {
          Optional<JsonNode> value = json(mapping.members().get(member), member);
          value.ifPresent(each -> object.set(member, each));
          whole &= value.isPresent();
        }
        yield whole ? Optional.of(object) : Optional.empty();
      }
      case Node.Sequence sequence -> {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        boolean whole = true;
        for (Node item : sequence.items()) {
          Optional<JsonNode> value = json(item, "");
          value.ifPresent(array::add);
          whole &= value.isPresent();
        }
        yield whole ? Optional.of(array) : Optional.empty();
      }
    };
  }

  private static Optional<JsonNode> scalar(String text, String name) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    boolean truth = name.equals(IS_NULL) && (text.equals("true") || text.equals("false"));
    return Optional.of(truth ? BooleanNode.valueOf(text.equals("true")) : TextNode.valueOf(text));
  }
}
