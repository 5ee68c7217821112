package io.tycostream.adapters.db.simulator.materialize;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * ENVELOPE UPSERT: per time and key, one row that came is an upsert, one that went a delete, one of
 * each an upsert; everything else is a key_violation, with the key and nothing else. What there was
 * at another time is not looked at.
 */
final class UpsertEnvelope {

  private UpsertEnvelope() {}

  /** The columns, by index: those of the key as KEY names them, then the others. */
  static List<Integer> order(MzObject relation, List<String> key) {
    List<String> names = relation.columns().stream().map(MzColumn::name).toList();
    List<Integer> order = new ArrayList<>();
    for (String name : key) {
      if (!names.contains(name)) {
        throw MaterializeErrors.notYetSupported("column \"" + name + "\" does not exist").refusal();
      }
      order.add(names.indexOf(name));
    }
    IntStream.range(0, names.size()).filter(i -> !order.contains(i)).forEach(order::add);
    return List.copyOf(order);
  }

  /** The rows of one time. */
  static List<Output> of(long time, List<Update> updates, List<Integer> order, int keyColumns) {
    NavigableMap<MzRow, List<Update>> groups = new TreeMap<>();
    for (Update update : updates) {
      List<@Nullable String> values = ordered(update.row(), order);
      groups
          .computeIfAbsent(MzRow.of(values.subList(0, keyColumns)), key -> new ArrayList<>())
          .add(new Update(time, MzRow.of(values), update.diff()));
    }
    List<Output> outputs = new ArrayList<>();
    groups.forEach((key, group) -> outputs.add(output(time, key, group, order.size())));
    return outputs;
  }

  private static Output output(long time, MzRow key, List<Update> group, int columns) {
    List<Update> came = group.stream().filter(update -> update.diff() == 1).toList();
    long went = group.stream().filter(update -> update.diff() == -1).count();
    boolean single = came.size() + went == group.size() && came.size() <= 1 && went <= 1;
    if (single && came.size() == 1) {
      return Output.data(time, "upsert", came.getFirst().row());
    }
    List<@Nullable String> values = new ArrayList<>(key.values());
    while (values.size() < columns) {
      values.add(null);
    }
    return Output.data(time, single ? "delete" : "key_violation", MzRow.of(values));
  }

  private static List<@Nullable String> ordered(MzRow row, List<Integer> order) {
    List<@Nullable String> values = new ArrayList<>();
    for (int index : order) {
      values.add(row.values().get(index));
    }
    return values;
  }
}
