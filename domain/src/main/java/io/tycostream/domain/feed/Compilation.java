package io.tycostream.domain.feed;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.feed.BadFilterException.Fault;
import io.tycostream.domain.feed.Condition.Absent;
import io.tycostream.domain.feed.Condition.Against;
import io.tycostream.domain.feed.Condition.Alike;
import io.tycostream.domain.feed.Condition.All;
import io.tycostream.domain.feed.Condition.Any;
import io.tycostream.domain.feed.Condition.OneOf;
import io.tycostream.domain.feed.Condition.Operand;
import io.tycostream.domain.feed.Filter.Comparison;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One filter on its way to a {@link Condition}: names become places, literals values of the
 * column's type, negations move to the leaves, and what means the same is written the same way.
 */
final class Compilation {

  /** Column names that an error lists; the rest is left out. */
  private static final int LISTED = 50;

  private static final int SHOWN = 40;

  private final Relation relation;
  private final Map<String, Operand> operands = new HashMap<>();
  private final Set<String> used = new TreeSet<>();
  private int operandsLeft = RowFilter.MAX_OPERANDS;

  Compilation(Relation relation) {
    this.relation = relation;
    List<Column> columns = relation.columns();
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      operands.put(column.name(), new Operand(i, column.name(), ColumnType.of(column.type())));
    }
  }

  /** The columns that were named so far. */
  Set<String> used() {
    return used;
  }

  Condition of(Filter filter) {
    return of(filter, false, 1);
  }

  private Condition of(Filter filter, boolean negated, int depth) {
    if (depth > RowFilter.MAX_DEPTH) {
      throw bad("the filter is nested deeper than " + RowFilter.MAX_DEPTH + " levels");
    }
    spend(1);
    // not(a and b) is (not a) or (not b), in three values too.
    return switch (filter) {
      case Filter.And and -> joined(and.all(), !negated, negated, depth);
      case Filter.Or or -> joined(or.any(), negated, negated, depth);
      case Filter.Not not -> of(not.negated(), !negated, depth + 1);
      case Filter.Compared compared -> compared(compared, negated);
      case Filter.OneOf oneOf -> oneOf(oneOf, negated);
      case Filter.IsNull isNull -> new Absent(operand(isNull.column()), isNull.isNull() == negated);
      case Filter.Like like -> like(like, negated);
    };
  }

  private Condition joined(List<Filter> filters, boolean all, boolean negated, int depth) {
    List<Condition> parts = new ArrayList<>();
    for (Filter filter : filters) {
      Condition part = of(filter, negated, depth + 1);
      switch (part) {
        case All inner when all -> parts.addAll(inner.parts());
        case Any inner when !all -> parts.addAll(inner.parts());
        default -> parts.add(part);
      }
    }
    Condition decisive = all ? Condition.FALSE : Condition.TRUE;
    if (parts.contains(decisive)) {
      return decisive;
    }
    List<Condition> merged = all ? parts : united(parts);
    Map<String, Condition> sorted = new TreeMap<>();
    merged.forEach(part -> sorted.put(part.canonical(), part));
    List<Condition> distinct = List.copyOf(sorted.values());
    return distinct.size() == 1 ? distinct.getFirst() : all ? new All(distinct) : new Any(distinct);
  }

  /** Joins what one column may be equal to: {@code a = 1 or a = 2} is {@code a in (1, 2)}. */
  private static List<Condition> united(List<Condition> parts) {
    Map<Operand, Set<Object>> equalities = new LinkedHashMap<>();
    List<Condition> united = new ArrayList<>();
    for (Condition part : parts) {
      switch (part) {
        case Against one when one.comparison() == Comparison.EQ ->
            equalities.computeIfAbsent(one.operand(), o -> new HashSet<>()).add(one.key());
        case OneOf some when !some.negated() ->
            equalities.computeIfAbsent(some.operand(), o -> new HashSet<>()).addAll(some.keys());
        default -> united.add(part);
      }
    }
    equalities.forEach((operand, keys) -> united.add(equal(operand, keys, false)));
    return united;
  }

  private static Condition equal(Operand operand, Set<Object> keys, boolean negated) {
    return keys.size() == 1
        ? new Against(operand, negated ? Comparison.NEQ : Comparison.EQ, keys.iterator().next())
        : new OneOf(operand, Set.copyOf(keys), negated);
  }

  private Condition compared(Filter.Compared compared, boolean negated) {
    Operand operand = operand(compared.column());
    Comparison comparison = compared.comparison();
    boolean equality = comparison == Comparison.EQ || comparison == Comparison.NEQ;
    require(
        equality ? operand.type().hasEquality() : operand.type().hasOrder(),
        operand,
        comparison.wire());
    Object key = key(operand, comparison.wire(), compared.value());
    return new Against(operand, negated ? opposite(comparison) : comparison, key);
  }

  private static Comparison opposite(Comparison comparison) {
    return switch (comparison) {
      case EQ -> Comparison.NEQ;
      case NEQ -> Comparison.EQ;
      case GT -> Comparison.LTE;
      case GTE -> Comparison.LT;
      case LT -> Comparison.GTE;
      case LTE -> Comparison.GT;
    };
  }

  private Condition oneOf(Filter.OneOf oneOf, boolean negated) {
    Operand operand = operand(oneOf.column());
    String operator = oneOf.negated() ? "_nin" : "_in";
    require(operand.type().hasEquality(), operand, operator);
    spend(oneOf.values().size());
    boolean none = oneOf.negated() != negated;
    Set<Object> keys = new HashSet<>();
    for (Literal value : oneOf.values()) {
      keys.add(key(operand, operator, value));
    }
    if (keys.isEmpty()) {
      return none ? Condition.TRUE : Condition.FALSE;
    }
    return equal(operand, keys, none);
  }

  private Condition like(Filter.Like like, boolean negated) {
    Operand operand = operand(like.column());
    String operator = like.ignoreCase() ? "_ilike" : "_like";
    require(operand.type().isText(), operand, operator);
    if (!CodePoints.isWellFormed(like.pattern())) {
      throw bad(subject(operand) + ": the pattern of " + operator + " is no Unicode text");
    }
    try {
      return new Alike(operand, new LikePattern(like.pattern(), like.ignoreCase()), negated);
    } catch (IllegalArgumentException e) {
      throw bad(subject(operand) + ": the pattern of " + operator + ' ' + e.getMessage());
    }
  }

  private Operand operand(String column) {
    Operand operand = operands.get(column);
    if (operand == null) {
      List<Column> columns = relation.columns();
      String names =
          columns.stream().limit(LISTED).map(Column::name).collect(Collectors.joining(", "));
      throw new BadFilterException(
          Fault.UNKNOWN_COLUMN,
          quoted(column)
              + " is no column of "
              + relation.name()
              + "; there are "
              + names
              + (columns.size() > LISTED ? ", …" : ""));
    }
    used.add(column);
    return operand;
  }

  private void require(boolean allowed, Operand operand, String operator) {
    if (!allowed) {
      String others =
          operand.type().hasOrder()
              ? "_eq, _neq, _gt, _gte, _lt, _lte, _in, _nin and _is_null do"
              : operand.type().hasEquality()
                  ? "_eq, _neq, _in, _nin and _is_null do"
                  : "only _is_null does";
      throw bad(subject(operand) + ": " + operator + " does not go with this type; " + others);
    }
  }

  private Object key(Operand operand, String operator, Literal literal) {
    Object key = operand.type().keyOf(literal);
    if (key == null) {
      String written =
          switch (literal) {
            case Literal.Text text -> quoted(text.text());
            case Literal.Number number -> shortened(number.digits());
            case Literal.Truth truth -> String.valueOf(truth.value());
          };
      throw bad(
          subject(operand)
              + ": "
              + operator
              + " wants "
              + operand.type().form()
              + ", not "
              + written);
    }
    return key;
  }

  private String subject(Operand operand) {
    return "column "
        + quoted(operand.name())
        + " of type "
        + relation.columns().get(operand.index()).type();
  }

  private void spend(int operandCount) {
    operandsLeft -= operandCount;
    if (operandsLeft < 0) {
      throw bad("the filter has more than " + RowFilter.MAX_OPERANDS + " conditions and values");
    }
  }

  private static String quoted(String text) {
    return '"' + shortened(text) + '"';
  }

  private static String shortened(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }

  private static BadFilterException bad(String message) {
    return new BadFilterException(Fault.BAD_FILTER, message);
  }
}
