package io.tycostream.domain.feed;

import java.time.Instant;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a database type compare, as the database compares them.
 *
 * <p>Each value has a {@link #key}: two values are equal to {@code _eq} exactly when their keys are
 * equal, so keys may stand in a hash table. The order is total. Numbers compare by the decimals
 * that the database writes, which for floats are those that a client sees: a {@code float4} written
 * {@code 0.1} is equal to {@code 0.1}. Texts compare by code point, whatever the collation of the
 * column.
 *
 * <p>A value that does not look as its type should has a key too: it is equal to the same text only
 * and above all others. {@link RowFilter} lets it through no comparison at all.
 */
public enum ColumnType {
  /**
   * Integers, {@code numeric} and floats, exactly. {@code -0} is {@code 0}; NaN is equal to itself
   * and above everything.
   */
  NUMBER("a number such as 12.5, \"12.5\", \"NaN\" or \"-Infinity\""),

  /** By code point. */
  TEXT("a text"),

  /** {@code char(n)}: a text without the blanks at its end, which patterns however see. */
  PADDED_TEXT("a text"),

  /** False is below true. */
  BOOL("true or false"),

  /** In any of PostgreSQL's forms: capitals, braces, no hyphens. */
  UUID("a UUID such as \"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""),

  /** A local date and time. */
  TIMESTAMP("a timestamp without zone such as \"2026-01-31T12:00:00.5\", or \"infinity\""),

  /** An instant. One that is written without a zone is taken as UTC. */
  TIMESTAMPTZ("a timestamp such as \"2026-01-31T12:00:00.5Z\", or \"infinity\""),

  DATE("a date such as \"2026-01-31\", or \"infinity\""),

  TIME("a time such as \"12:00:00.5\""),

  /** By the moment, then by the zone: the same moment in two zones is not equal, as in SQL. */
  TIMETZ("a time with zone such as \"12:00:00.5+01\""),

  /**
   * Enums and all types not known here. Two values are equal when their texts are, exactly as the
   * database writes them; only the database knows their order.
   */
  LABEL("a text, exactly as the database writes it"),

  /**
   * Arrays, json, intervals and others whose equal values may be written differently: they can be
   * tested for NULL and nothing else.
   */
  OPAQUE("nothing");

  /** What {@link #compareText} says of a text that does not look as its type should. */
  static final int UNREADABLE = Integer.MIN_VALUE;

  /** Digits of a number in a filter; rows may have more. */
  private static final int MAX_DIGITS = 1_000;

  private final String form;

  ColumnType(String form) {
    this.form = form;
  }

  /** The key of a value that does not look as its type should. */
  private record Unreadable(String text) {}

  /**
   * How values of a type compare.
   *
   * @param type PostgreSQL's short name; any text
   */
  public static ColumnType of(String type) {
    return switch (type) {
      case "int2",
          "int4",
          "int8",
          "uint2",
          "uint4",
          "uint8",
          "oid",
          "numeric",
          "float4",
          "float8",
          "mz_timestamp" ->
          NUMBER;
      case "text", "varchar", "name" -> TEXT;
      case "bpchar" -> PADDED_TEXT;
      case "bool" -> BOOL;
      case "uuid" -> UUID;
      case "timestamp" -> TIMESTAMP;
      case "timestamptz" -> TIMESTAMPTZ;
      case "date" -> DATE;
      case "time" -> TIME;
      case "timetz" -> TIMETZ;
      case "json",
          "jsonb",
          "interval",
          "bytea",
          "citext",
          "xml",
          "hstore",
          "record",
          "list",
          "map",
          "tsvector",
          "tsquery",
          "point",
          "line",
          "lseg",
          "box",
          "path",
          "polygon",
          "circle",
          "numrange",
          "tsrange",
          "tstzrange",
          "nummultirange",
          "tsmultirange",
          "tstzmultirange" ->
          OPAQUE;
      default -> type.startsWith("_") ? OPAQUE : LABEL;
    };
  }

  /** Whether {@code _eq}, {@code _neq}, {@code _in} and {@code _nin} go with it. */
  public boolean hasEquality() {
    return this != OPAQUE;
  }

  /** Whether {@code _gt}, {@code _gte}, {@code _lt} and {@code _lte} go with it. */
  public boolean hasOrder() {
    return this != OPAQUE && this != LABEL;
  }

  /** Whether {@code _like} and {@code _ilike} go with it. */
  public boolean isText() {
    return this == TEXT || this == PADDED_TEXT;
  }

  /** What a value of it looks like in a filter, for messages. */
  public String form() {
    return form;
  }

  /**
   * The key of a value.
   *
   * @param text as the database writes it
   * @return immutable, with equals and hashCode; equal for two values when {@code _eq} is true of
   *     them
   */
  public Object key(String text) {
    Object key = readable(text);
    return key == null ? new Unreadable(text) : key;
  }

  /** The order of two values as the database writes them; 0 exactly when their keys are equal. */
  public int compare(String a, String b) {
    return compareKeys(key(a), key(b));
  }

  /**
   * The order of a row's value and a key; {@link #UNREADABLE} when the value does not look as its
   * type should.
   */
  int compareText(String text, Object key) {
    if (this == NUMBER && key instanceof Long bound) {
      long plain = Decimals.plain(text);
      if (plain != Decimals.NOT_PLAIN) {
        return Long.compare(plain, bound);
      }
    }
    Object read = readable(text);
    return read == null ? UNREADABLE : compareKeys(read, key);
  }

  /** Whether a key is that of a value that looks as its type should. */
  boolean isReadable(Object key) {
    return !(key instanceof Unreadable);
  }

  private int compareKeys(Object a, Object b) {
    if (a instanceof Unreadable || b instanceof Unreadable) {
      return a instanceof Unreadable x && b instanceof Unreadable y
          ? CodePoints.compare(x.text(), y.text())
          : a instanceof Unreadable ? 1 : -1;
    }
    return switch (this) {
      case NUMBER -> Decimals.compare(a, b);
      case TEXT, PADDED_TEXT, UUID, LABEL, OPAQUE -> CodePoints.compare((String) a, (String) b);
      case BOOL -> Boolean.compare((Boolean) a, (Boolean) b);
      case TIMESTAMP, TIMESTAMPTZ -> ((Instant) a).compareTo((Instant) b);
      case DATE -> Integer.signum(((LocalDate) a).compareTo((LocalDate) b));
      case TIME -> Long.compare((Long) a, (Long) b);
      case TIMETZ -> ((TimeText.ZonedTime) a).compareTo((TimeText.ZonedTime) b);
    };
  }

  private @Nullable Object readable(String text) {
    return switch (this) {
      case NUMBER -> Decimals.key(text);
      case TEXT, LABEL, OPAQUE -> text;
      case PADDED_TEXT -> CodePoints.withoutTrailingBlanks(text);
      case BOOL -> truth(text);
      case UUID -> UuidText.key(text);
      case TIMESTAMP -> TimeText.timestamp(text, false);
      case TIMESTAMPTZ -> TimeText.timestamp(text, true);
      case DATE -> TimeText.date(text);
      case TIME -> TimeText.time(text);
      case TIMETZ -> TimeText.zonedTime(text);
    };
  }

  /**
   * The key of a value in a filter.
   *
   * @return null when it is no value of this type
   */
  @Nullable Object keyOf(Literal literal) {
    return switch (literal) {
      case Literal.Truth truth -> this == BOOL ? truth.value() : null;
      case Literal.Number number -> this == NUMBER ? ofLiteral(number.digits()) : null;
      case Literal.Text text -> ofLiteral(text.text());
    };
  }

  private @Nullable Object ofLiteral(String text) {
    boolean tooLong = this == NUMBER && text.length() > MAX_DIGITS;
    return tooLong || !CodePoints.isWellFormed(text) ? null : readable(text);
  }

  @SuppressWarnings("NullableBoolean") // no value of the type is not false
  private static @Nullable Boolean truth(String text) {
    return switch (text) {
      case "t", "true" -> true;
      case "f", "false" -> false;
      default -> null;
    };
  }
}
