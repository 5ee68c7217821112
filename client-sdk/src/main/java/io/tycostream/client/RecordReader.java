package io.tycostream.client;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of rows: each component is the column of the same name, or of its name in the
 * fashion of databases ({@code marketValue} is {@code market_value}). Columns that no component
 * names are left out.
 */
final class RecordReader<V extends Record> implements Function<TableRow, V> {

  private static final Map<Class<?>, BiFunction<TableRow, String, Object>> READINGS =
      Map.ofEntries(
          Map.entry(String.class, TableRow::text),
          Map.entry(long.class, TableRow::longValue),
          Map.entry(Long.class, TableRow::longValue),
          Map.entry(int.class, (row, name) -> Math.toIntExact(row.longValue(name))),
          Map.entry(Integer.class, (row, name) -> Math.toIntExact(row.longValue(name))),
          Map.entry(double.class, (row, name) -> Double.valueOf(row.text(name))),
          Map.entry(Double.class, (row, name) -> Double.valueOf(row.text(name))),
          Map.entry(boolean.class, TableRow::bool),
          Map.entry(Boolean.class, TableRow::bool),
          Map.entry(BigDecimal.class, TableRow::decimal),
          Map.entry(Instant.class, TableRow::instant),
          Map.entry(LocalDate.class, (row, name) -> LocalDate.parse(row.text(name))),
          Map.entry(LocalTime.class, (row, name) -> LocalTime.parse(row.text(name))),
          Map.entry(LocalDateTime.class, (row, name) -> LocalDateTime.parse(row.text(name))),
          Map.entry(UUID.class, (row, name) -> UUID.fromString(row.text(name))));

  private final Constructor<V> constructor;
  private final List<Part> parts;

  /** Which column each part is, in rows with certain columns: those that came last. */
  private volatile Names names = new Names(List.of(), List.of());

  private record Names(List<TableColumn> columns, List<String> ofParts) {}

  /** A component, what it is read as, and whether it may be nothing. */
  private record Part(String name, Class<?> type, boolean optional) {}

  /**
   * @throws IllegalArgumentException when a component has a type that no column can be read as
   */
  RecordReader(Class<V> type) {
    RecordComponent[] components = type.getRecordComponents();
    this.parts = Arrays.stream(components).map(RecordReader::part).toList();
    try {
      constructor =
          type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
      constructor.trySetAccessible();
    } catch (NoSuchMethodException e) {
      throw new IllegalArgumentException(type + " has no canonical constructor", e);
    }
  }

  private static Part part(RecordComponent component) {
    Class<?> type = component.getType();
    boolean optional = type == Optional.class;
    if (optional
        && component.getGenericType() instanceof ParameterizedType parameterized
        && parameterized.getActualTypeArguments()[0] instanceof Class<?> inner) {
      type = inner;
    }
    if (!READINGS.containsKey(type) && !type.isEnum()) {
      throw new IllegalArgumentException(
          "%s of %s is a %s, which no column can be read as"
              .formatted(
                  component.getName(),
                  component.getDeclaringRecord().getSimpleName(),
                  describe(component.getGenericType())));
    }
    return new Part(component.getName(), type, optional);
  }

  private static String describe(Type type) {
    return type instanceof Class<?> plain ? plain.getSimpleName() : type.getTypeName();
  }

  @Override
  public V apply(TableRow row) {
    List<String> columns = names(row);
    @Nullable Object[] values = new Object[parts.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = read(parts.get(i), columns.get(i), row);
    }
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          constructor.getDeclaringClass() + " cannot be reached from the client: open its package",
          e);
    }
  }

  @SuppressWarnings("ReferenceEquality") // rows of one shape share the list
  private List<String> names(TableRow row) {
    Names known = names;
    if (known.columns() != row.columns()) {
      List<TableColumn> columns = row.columns();
      known = new Names(columns, parts.stream().map(part -> column(part.name(), columns)).toList());
      names = known;
    }
    return known.ofParts();
  }

  private static @Nullable Object read(Part part, String column, TableRow row) {
    if (row.isNull(column)) {
      if (part.type().isPrimitive()) {
        row.text(column); // says which one is NULL
      }
      return part.optional() ? Optional.empty() : null;
    }
    BiFunction<TableRow, String, Object> reading = READINGS.get(part.type());
    Object value = reading == null ? constant(part, row.text(column)) : reading.apply(row, column);
    return part.optional() ? Optional.of(value) : value;
  }

  private static Object constant(Part part, String text) {
    for (Object each : part.type().getEnumConstants()) {
      if (((Enum<?>) each).name().equalsIgnoreCase(text)) {
        return each;
      }
    }
    throw new IllegalStateException(
        "\"" + text + "\" is none of " + Arrays.toString(part.type().getEnumConstants()));
  }

  private static String column(String component, List<TableColumn> columns) {
    boolean same = columns.stream().anyMatch(each -> each.name().equals(component));
    return same ? component : component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
