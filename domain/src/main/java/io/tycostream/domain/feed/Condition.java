package io.tycostream.domain.feed;

import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Filter.Comparison;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A filter held against the columns of a relation, in a form without negation but at the leaves.
 *
 * <p>Of SQL's three values only one matters to who asks: true. Where nothing negates a whole, a
 * part that is unknown can be taken for false, since neither makes an "all" true or keeps an "any"
 * from being so. A negated leaf knows itself that NULL makes it unknown.
 */
sealed interface Condition {

  Condition TRUE = new All(List.of());
  Condition FALSE = new Any(List.of());

  /** Whether it is true of a row; not when it is false or unknown. */
  boolean holds(Row row);

  /** A text of what it means; another meaning has another text. */
  String canonical();

  /** A column of the relation. */
  record Operand(int index, String name, ColumnType type) {

    // With the length in front, no name can be taken for what stands behind it.
    private String leaf(String operator) {
      return framed(name) + ' ' + type.name() + ' ' + operator;
    }
  }

  /** All of several; in the order of their canonical texts, none of them an All. */
  record All(List<Condition> parts) implements Condition {
    @Override
    public boolean holds(Row row) {
      for (int i = 0; i < parts.size(); i++) {
        if (!parts.get(i).holds(row)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public String canonical() {
      return "all" + listed(parts);
    }
  }

  /** One of several; in the order of their canonical texts, none of them an Any. */
  record Any(List<Condition> parts) implements Condition {
    @Override
    public boolean holds(Row row) {
      for (int i = 0; i < parts.size(); i++) {
        if (parts.get(i).holds(row)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String canonical() {
      return "any" + listed(parts);
    }
  }

  /** Equal to one of at least two values, or to none of them. */
  record OneOf(Operand operand, Set<Object> keys, boolean negated) implements Condition {
    @Override
    public boolean holds(Row row) {
      String text = row.value(operand.index());
      if (text == null) {
        return false;
      }
      Object key = operand.type().key(text);
      return negated ? !keys.contains(key) && operand.type().isReadable(key) : keys.contains(key);
    }

    @Override
    public String canonical() {
      return operand.leaf(negated ? "_nin" : "_in") + framed(keys);
    }
  }

  /** Equal to, above or below one value. */
  record Against(Operand operand, Comparison comparison, Object key) implements Condition {
    @Override
    public boolean holds(Row row) {
      String text = row.value(operand.index());
      if (text == null) {
        return false;
      }
      int order = operand.type().compareText(text, key);
      return order != ColumnType.UNREADABLE
          && switch (comparison) {
            case EQ -> order == 0;
            case NEQ -> order != 0;
            case GT -> order > 0;
            case GTE -> order >= 0;
            case LT -> order < 0;
            case LTE -> order <= 0;
          };
    }

    @Override
    public String canonical() {
      return operand.leaf(comparison.wire()) + framed(Set.of(key));
    }
  }

  /** NULL, or not. */
  record Absent(Operand operand, boolean negated) implements Condition {
    @Override
    public boolean holds(Row row) {
      return (row.value(operand.index()) == null) != negated;
    }

    @Override
    public String canonical() {
      return operand.leaf(negated ? "not null" : "null");
    }
  }

  /** As a pattern says, or not. */
  record Alike(Operand operand, LikePattern pattern, boolean negated) implements Condition {
    @Override
    public boolean holds(Row row) {
      String text = row.value(operand.index());
      return text != null && pattern.matches(text) != negated;
    }

    @Override
    public String canonical() {
      String operator = (negated ? "not " : "") + (pattern.ignoresCase() ? "ilike" : "like");
      return operand.leaf(operator) + framed(Set.of(pattern.canonical()));
    }
  }

  private static String listed(List<Condition> parts) {
    return parts.stream().map(Condition::canonical).collect(Collectors.joining(",", "(", ")"));
  }

  private static String framed(Collection<Object> values) {
    return values.stream()
        .map(value -> framed(value.toString()))
        .sorted()
        .collect(Collectors.joining(",", "(", ")"));
  }

  private static String framed(String text) {
    return text.length() + ":" + text;
  }
}
