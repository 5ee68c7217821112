package io.tycostream.app.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The keys at one place of the configuration. What is asked for is known; what stands there and was
 * not asked for when the section has been read is a mistake. A value that cannot be read is one
 * too, and counts as not given from there on, so that reading goes on and finds the others.
 */
final class Section {

  private final String path;
  private final SortedMap<String, Node> members;
  private final Mistakes mistakes;
  private final Set<String> known = new TreeSet<>();
  private final Set<String> broken = new HashSet<>();
  private final Set<String> hidden = new HashSet<>();

  private Section(String path, SortedMap<String, Node> members, Mistakes mistakes) {
    this.path = path;
    this.members = members;
    this.mistakes = mistakes;
  }

  /** Reads a whole configuration. */
  static <T> T read(Node.Mapping root, Mistakes mistakes, Function<Section, T> reading) {
    return new Section("", root.members(), mistakes).read(reading);
  }

  private <T> T read(Function<Section, T> reading) {
    T value = reading.apply(this);
    members.keySet().forEach(this::checkKnown);
    return value;
  }

  private void checkKnown(String key) {
    if (!known.contains(key)) {
      mistake(
          key,
          "is not a known key"
              + NearestName.to(key, known)
                  .map(nearest -> "; the nearest one is " + nearest)
                  .orElse(""));
    }
  }

  String path() {
    return path;
  }

  /** The last part of this section's path: what the user called it. */
  String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** A section of this one; the same with no keys when it is not there. */
  <T> T section(String key, Function<Section, T> reading) {
    Node node = take(key).orElse(new Node.Scalar(""));
    return open(join(path, key), node, false).read(reading);
  }

  /** The sections below a key whose names are up to the user, in the order of the alphabet. */
  <T> List<T> namedSections(String key, Function<Section, T> reading) {
    Node node = take(key).orElse(new Node.Scalar(""));
    Section names = open(join(path, key), node, false);
    List<T> values = new ArrayList<>();
    names.members.forEach(
        (name, member) -> values.add(open(join(names.path, name), member, false).read(reading)));
    return values;
  }

  /** The sections in a list; nothing when there is no such key, or no list. */
  <T> Optional<List<T>> listedSections(String key, Function<Section, T> reading) {
    return items(key)
        .map(items -> {
          List<T> values = new ArrayList<>();
          for (int i = 0; i < items.size(); i++) {
            String item = join(path, key) + "[" + i + "]";
            Section section = open(item, items.get(i), hidden.contains(key));
            values.add(section.read(reading));
          }
          return values;
        });
  }

  /** The same where a single value would be a secret: a mistake does not show it. */
  <T> Optional<List<T>> secretSections(String key, Function<Section, T> reading) {
    hidden.add(key);
    return listedSections(key, reading);
  }

  private Section open(String at, Node node, boolean secret) {
    SortedMap<String, Node> nothing = new TreeMap<>();
    return switch (node) {
      case Node.Mapping mapping -> new Section(at, mapping.members(), mistakes);
      case Node.Scalar scalar when scalar.text().isEmpty() -> new Section(at, nothing, mistakes);
      case Node.Broken reported -> new Section(at, nothing, mistakes);
      case Node.Scalar scalar -> {
        mistakes.add(at, shown(scalar, secret) + "has to be a section with keys below it");
        yield new Section(at, nothing, mistakes);
      }
      case Node.Sequence sequence -> {
        mistakes.add(at, "is a list, but has to be a section with keys below it");
        yield new Section(at, nothing, mistakes);
      }
    };
  }

  /** The value of a key as a parser of {@link Values} understands it, or else the default. */
  <T> T value(String key, T otherwise, Function<String, T> parser) {
    return value(key, parser).orElse(otherwise);
  }

  /** The same without a default. */
  <T> Optional<T> value(String key, Function<String, T> parser) {
    return text(key)
        .flatMap(text -> {
          if (text.isEmpty()) {
            mistake(key, "is empty; give it a value or remove it");
            return Optional.empty();
          }
          return parsed(key, key, text, parser);
        });
  }

  /** A text that may be empty, which it also is when the key is not there. */
  String textOrNothing(String key) {
    return text(key).orElse("");
  }

  private Optional<String> text(String key) {
    return take(key).flatMap(node -> scalar(key, key, node));
  }

  /** The values in a list; nothing when there is no such key, or no list. */
  <T> Optional<List<T>> values(String key, Function<String, T> parser) {
    return items(key)
        .map(items -> {
          List<T> values = new ArrayList<>();
          for (int i = 0; i < items.size(); i++) {
            String item = key + "[" + i + "]";
            scalar(key, item, items.get(i))
                .flatMap(text -> parsed(key, item, text, parser))
                .ifPresent(values::add);
          }
          return values;
        });
  }

  private Optional<List<Node>> items(String key) {
    return take(key)
        .flatMap(node ->
            switch (node) {
              case Node.Sequence sequence -> Optional.of(sequence.items());
              case Node.Scalar scalar -> {
                mistake(key, shown(scalar, hidden.contains(key)) + "has to be a list as in [a, b]");
                yield Optional.empty();
              }
              case Node.Mapping mapping -> {
                mistake(key, "has keys below it, but has to be a list as in [a, b]");
                yield Optional.empty();
              }
              case Node.Broken reported -> Optional.empty();
            });
  }

  private Optional<String> scalar(String key, String shown, Node node) {
    return switch (node) {
      case Node.Scalar scalar -> Optional.of(scalar.text());
      case Node.Broken reported -> {
        broken.add(key);
        yield Optional.empty();
      }
      default -> {
        broken.add(key);
        mistakes.add(join(path, shown), "has to be a single value");
        yield Optional.empty();
      }
    };
  }

  private <T> Optional<T> parsed(
      String key, String shown, String text, Function<String, T> parser) {
    try {
      return Optional.of(parser.apply(text));
    } catch (IllegalArgumentException e) {
      broken.add(key);
      mistakes.add(join(path, shown), "is '" + text + "', but " + e.getMessage());
      return Optional.empty();
    }
  }

  private static String shown(Node.Scalar scalar, boolean secret) {
    return secret ? "" : "is '" + scalar.text() + "', but ";
  }

  /** What stands at a key, whatever its form. */
  Optional<Node> node(String key) {
    return take(key);
  }

  private Optional<Node> take(String key) {
    known.add(key);
    return Optional.ofNullable(members.get(key));
  }

  /** Notes what is wrong with a key of this section beyond its form. */
  void mistake(String key, String what) {
    broken.add(key);
    mistakes.add(join(path, key), what);
  }

  /** Whether a key is there, be it with a mistake. */
  boolean has(String key) {
    return take(key).isPresent();
  }

  /** Whether none of these keys has a mistake so far. */
  boolean sound(String... keys) {
    for (String key : keys) {
      if (broken.contains(key)) {
        return false;
      }
    }
    return true;
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
