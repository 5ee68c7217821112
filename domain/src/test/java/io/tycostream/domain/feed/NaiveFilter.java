package io.tycostream.domain.feed;

import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.feed.Filter.Comparison;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** SQL's logic of three values, spelled out: every value is read anew for every comparison. */
final class NaiveFilter {

  private static final Pattern TIMESTAMP =
      Pattern.compile(
          "(\\d{4,6})-(\\d\\d)-(\\d\\d)(?:[ T](\\d\\d):(\\d\\d)(?::(\\d\\d)(\\.\\d+)?)?)?"
              + "(?:(Z)|([+-])(\\d\\d)(?::?(\\d\\d))?(?::?(\\d\\d))?)?( BC)?");

  private final Relation relation;

  NaiveFilter(Relation relation) {
    this.relation = relation;
  }

  enum Truth {
    TRUE,
    FALSE,
    UNKNOWN;

    static Truth of(boolean value) {
      return value ? TRUE : FALSE;
    }

    Truth not() {
      return this == UNKNOWN ? UNKNOWN : of(this == FALSE);
    }
  }

  Truth evaluate(Filter filter, Row row) {
    return switch (filter) {
      case Filter.And and -> {
        List<Truth> parts = and.all().stream().map(part -> evaluate(part, row)).toList();
        yield parts.contains(Truth.FALSE)
            ? Truth.FALSE
            : parts.contains(Truth.UNKNOWN) ? Truth.UNKNOWN : Truth.TRUE;
      }
      case Filter.Or or -> {
        List<Truth> parts = or.any().stream().map(part -> evaluate(part, row)).toList();
        yield parts.contains(Truth.TRUE)
            ? Truth.TRUE
            : parts.contains(Truth.UNKNOWN) ? Truth.UNKNOWN : Truth.FALSE;
      }
      case Filter.Not not -> evaluate(not.negated(), row).not();
      case Filter.Compared compared -> {
        String value = value(compared.column(), row);
        yield value == null
            ? Truth.UNKNOWN
            : Truth.of(
                holds(
                    compared.comparison(),
                    order(type(compared.column()), value, text(compared.value()))));
      }
      case Filter.OneOf oneOf -> {
        // x in (a, b) is x = a or x = b; of nothing it is false.
        Filter or =
            new Filter.Or(
                oneOf.values().stream()
                    .<Filter>map(v -> new Filter.Compared(oneOf.column(), Comparison.EQ, v))
                    .toList());
        yield oneOf.negated() ? evaluate(or, row).not() : evaluate(or, row);
      }
      case Filter.IsNull isNull ->
          Truth.of((value(isNull.column(), row) == null) == isNull.isNull());
      case Filter.Like like -> {
        String value = value(like.column(), row);
        yield value == null
            ? Truth.UNKNOWN
            : Truth.of(like(points(value, like), 0, points(like.pattern(), like), 0));
      }
    };
  }

  private int column(String name) {
    return relation.columns().stream().map(c -> c.name()).toList().indexOf(name);
  }

  private String type(String column) {
    return relation.columns().get(column(column)).type();
  }

  private String value(String column, Row row) {
    return row.value(column(column));
  }

  private static String text(Literal literal) {
    return switch (literal) {
      case Literal.Text text -> text.text();
      case Literal.Number number -> number.digits();
      case Literal.Truth truth -> truth.value() ? "t" : "f";
    };
  }

  private static boolean holds(Comparison comparison, int order) {
    return switch (comparison) {
      case EQ -> order == 0;
      case NEQ -> order != 0;
      case GT -> order > 0;
      case GTE -> order >= 0;
      case LT -> order < 0;
      case LTE -> order <= 0;
    };
  }

  /** How two values of a type compare: less than 0, 0, or more. */
  static int order(String type, String a, String b) {
    return switch (type) {
      case "int4", "int8", "numeric", "float8" -> number(a, b);
      case "bool" -> Boolean.compare(a.startsWith("t"), b.startsWith("t"));
      case "bpchar" -> text(a.replaceAll(" +$", ""), b.replaceAll(" +$", ""));
      case "uuid" -> uuid(a).compareTo(uuid(b));
      case "timestamp", "timestamptz", "date" -> seconds(a).compareTo(seconds(b));
      case "time" -> nanos(a).compareTo(nanos(b));
      default -> text(a, b);
    };
  }

  private static int text(String a, String b) {
    return Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
  }

  private static int number(String a, String b) {
    double x = notFinite(a);
    double y = notFinite(b);
    return x == 0 && y == 0
        ? new BigDecimal(a).compareTo(new BigDecimal(b))
        : Double.compare(x, y); // which has NaN above everything, too
  }

  /** The number if it is not finite, else 0. */
  private static double notFinite(String text) {
    return text.matches("NaN|-?Infinity") ? Double.parseDouble(text) : 0;
  }

  private static BigInteger uuid(String text) {
    return new BigInteger(text.replaceAll("[{}-]", ""), 16);
  }

  private static BigDecimal seconds(String text) {
    if (text.endsWith("infinity")) {
      return new BigDecimal(text.startsWith("-") ? "-1e30" : "1e30");
    }
    Matcher m = TIMESTAMP.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(text);
    }
    int year = Integer.parseInt(m.group(1));
    LocalDateTime local =
        LocalDate.of(m.group(13) == null ? year : 1 - year, part(m, 2), part(m, 3))
            .atTime(part(m, 4) % 24, part(m, 5), part(m, 6))
            .plusDays(part(m, 4) / 24);
    int offset = part(m, 10) * 3600 + part(m, 11) * 60 + part(m, 12);
    return BigDecimal.valueOf(local.toEpochSecond(ZoneOffset.UTC))
        .add(new BigDecimal("0" + (m.group(7) == null ? "" : m.group(7))))
        .subtract(BigDecimal.valueOf("-".equals(m.group(9)) ? -offset : offset));
  }

  private static int part(Matcher matcher, int group) {
    return matcher.group(group) == null ? 0 : Integer.parseInt(matcher.group(group));
  }

  private static Long nanos(String text) {
    return text.startsWith("24") ? 86_400_000_000_000L : LocalTime.parse(text).toNanoOfDay();
  }

  private static int[] points(String text, Filter.Like like) {
    return text.codePoints()
        .map(point -> like.ignoreCase() ? Character.toLowerCase(point) : point)
        .toArray();
  }

  /** Tries every way. */
  private static boolean like(int[] text, int at, int[] pattern, int p) {
    if (p == pattern.length) {
      return at == text.length;
    }
    if (pattern[p] == '%') {
      return like(text, at, pattern, p + 1) || (at < text.length && like(text, at + 1, pattern, p));
    }
    if (at == text.length) {
      return false;
    }
    if (pattern[p] == '\\') {
      return pattern[p + 1] == text[at] && like(text, at + 1, pattern, p + 2);
    }
    return (pattern[p] == '_' || pattern[p] == text[at]) && like(text, at + 1, pattern, p + 1);
  }
}
