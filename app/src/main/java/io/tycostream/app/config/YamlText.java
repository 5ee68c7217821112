package io.tycostream.app.config;

import java.io.StringReader;
import java.util.HashSet;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Looks at the text of a configuration before it is read. Helidon Config, which reads it, takes the
 * last of two equal keys without a word, reads 0123 as the number 83, and knows no lines.
 */
final class YamlText {

  /** To see what a plain scalar would become. */
  private static final class Scalars extends SafeConstructor {

    Scalars() {
      super(new LoaderOptions());
    }

    String read(ScalarNode scalar) {
      return String.valueOf(constructObject(scalar));
    }
  }

  private final Mistakes mistakes;
  private final Scalars scalars = new Scalars();
  private final Set<Node> seen = new HashSet<>();
  private final Set<Node> above = new HashSet<>();

  private YamlText(Mistakes mistakes) {
    this.mistakes = mistakes;
  }

  /**
   * Notes what is wrong with a text.
   *
   * @return whether it can be read, be it with other mistakes
   */
  static boolean check(String text, Mistakes mistakes) {
    try {
      Node root = new Yaml(new LoaderOptions()).compose(new StringReader(text));
      if (root == null) {
        return true;
      }
      if (!(root instanceof MappingNode)) {
        mistakes.add(at(root), "is not a key with a value, as in server: …");
        return false;
      }
      return new YamlText(mistakes).look(root);
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
      mistakes.add(
          mark == null ? "the file" : at(mark), "is not YAML: " + e.getProblem() + hint(e));
    } catch (YAMLException e) {
      mistakes.add("the file", "is not YAML: " + e.getMessage());
    }
    return false;
  }

  /** A brace inside braces is YAML's own. */
  private static String hint(MarkedYAMLException e) {
    boolean reference =
        e.getProblemMark() != null && e.getProblemMark().get_snippet().contains("${");
    return reference ? "; inside { } and [ ], put ${…} in quotes" : "";
  }

  private boolean look(Node node) {
    if (!seen.add(node)) {
      return true;
    }
    above.add(node);
    boolean readable =
        switch (node) {
          case MappingNode mapping -> keys(mapping);
          case SequenceNode sequence -> {
            boolean all = true;
            for (Node item : sequence.getValue()) {
              all &= below(node, item);
            }
            yield all;
          }
          case ScalarNode scalar -> {
            asWritten(scalar);
            yield true;
          }
          default -> true;
        };
    above.remove(node);
    return readable;
  }

  private boolean keys(MappingNode mapping) {
    boolean readable = true;
    Set<String> names = new HashSet<>();
    for (NodeTuple member : mapping.getValue()) {
      Node key = member.getKeyNode();
      if (!(key instanceof ScalarNode name)
          || key.getTag().equals(Tag.NULL)
          || name.getValue().isEmpty()) {
        mistakes.add(at(key), "has a key that is not a name");
        readable = false;
        continue;
      }
      asWritten(name);
      if (!names.add(name.getValue())) {
        mistakes.add(at(key), "has the key " + name.getValue() + " for the second time");
      }
      if (name.getValue().indexOf('.') >= 0) {
        mistakes.add(
            at(key), "has a dot in the key " + name.getValue() + "; write it as keys below keys");
      }
      readable &= below(mapping, member.getValueNode());
    }
    return readable;
  }

  /** An alias of what it is in would never end. */
  private boolean below(Node parent, Node node) {
    if (above.contains(node)) {
      mistakes.add(at(parent), "holds itself, by an alias");
      return false;
    }
    return look(node);
  }

  private void asWritten(ScalarNode scalar) {
    if (!scalar.isPlain()
        || scalar.getTag().equals(Tag.NULL)
        || scalar.getTag().equals(Tag.MERGE)) {
      return;
    }
    boolean taken;
    try {
      taken = scalars.read(scalar).equals(scalar.getValue());
    } catch (YAMLException | IllegalArgumentException e) {
      taken = false;
    }
    if (!taken) {
      // Not what it is: it may be a password.
      mistakes.add(
          at(scalar),
          "has a value that YAML does not take as it is written (to it, 010 is 8 and yes is true);"
              + " put it in quotes, or write it another way");
    }
  }

  private static String at(Node node) {
    return at(node.getStartMark());
  }

  private static String at(Mark mark) {
    return "line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1) + ",";
  }
}
