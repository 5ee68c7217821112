package io.tycostream.app.config;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Keys that are part of the configuration but not of this version. They are refused and never
 * ignored, unless they say what this version does anyway.
 */
final class LaterKeys {

  /**
   * One of them, with all that is below it.
   *
   * @param path with {@code *} for names and places in lists
   * @param honoured the value that says what this version does; {@code []} for an empty list
   */
  record LaterKey(String path, Optional<String> honoured) {

    /** Why what stands there is refused, or nothing when it is not. */
    Optional<String> refusal(Node node) {
      boolean accepted =
          switch (node) {
            case Node.Scalar scalar -> honoured.filter(scalar.text()::equals).isPresent();
            case Node.Sequence sequence ->
                sequence.items().isEmpty() && honoured.filter("[]"::equals).isPresent();
            case Node.Mapping mapping -> false;
            case Node.Broken reported -> true;
          };
      if (accepted) {
        return Optional.empty();
      }
      if (honoured.isEmpty()) {
        return Optional.of("is not supported by this version; remove it");
      }
      String given = node instanceof Node.Scalar scalar ? " '" + scalar.text() + "'" : "";
      return Optional.of(
          "has a value%s that is not supported by this version; remove it, or write %s"
              .formatted(given, honoured.get()));
    }
  }

  private static final List<LaterKey> ALL =
      List.of(
          except("clients.requests-per-second", "unlimited"),
          refused("clients.session-ttl"),
          refused("clients.buffer"),
          refused("resume-secret"));

  private LaterKeys() {}

  private static LaterKey refused(String path) {
    return new LaterKey(path, Optional.empty());
  }

  private static LaterKey except(String path, String honoured) {
    return new LaterKey(path, Optional.of(honoured));
  }

  static Optional<LaterKey> at(String path) {
    return ALL.stream().filter(key -> key.path().equals(path)).findFirst();
  }

  /** The names of those directly below a path. */
  static Stream<String> below(String path) {
    String prefix = path.isEmpty() ? "" : path + ".";
    return ALL.stream()
        .map(LaterKey::path)
        .filter(key -> key.startsWith(prefix) && key.indexOf('.', prefix.length()) < 0)
        .map(key -> key.substring(prefix.length()));
  }

  /** The table itself, so that what is written about it can be checked. */
  static List<LaterKey> all() {
    return ALL;
  }
}
