package io.tycostream.app;

import io.tycostream.client.Gap;
import io.tycostream.client.TableBatch;
import io.tycostream.client.TableChange;
import io.tycostream.client.TableColumn;
import io.tycostream.client.TableRow;
import io.tycostream.client.TableState;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Lines for people: changes on one stream, everything about connections on the other. */
final class TextReport implements WatchReport {

  /** The colours of ANSI terminals. */
  private enum Colour {
    GREEN("32"),
    YELLOW("33"),
    RED("31"),
    GREY("90");

    private final String code;

    Colour(String code) {
      this.code = code;
    }
  }

  private final PrintWriter changes;
  private final boolean colouredChanges;
  private final PrintWriter notes;
  private final boolean colouredNotes;
  private String lastState = "";

  TextReport(
      PrintWriter changes, boolean colouredChanges, PrintWriter notes, boolean colouredNotes) {
    this.changes = changes;
    this.colouredChanges = colouredChanges;
    this.notes = notes;
    this.colouredNotes = colouredNotes;
  }

  @Override
  public void snapshot(TableState state) {
    note(
        Colour.GREY,
        "snapshot of " + state.rows().size() + " rows at " + state.position().orElse("?"));
    state.rows().forEach(row -> change(Colour.GREEN, "+ " + printable(row)));
    changes.flush();
  }

  @Override
  public void batch(TableBatch batch) {
    for (TableChange change : batch.changes()) {
      switch (change) {
        case TableChange.Inserted(TableRow row) -> change(Colour.GREEN, "+ " + printable(row));
        case TableChange.Updated(Optional<TableRow> before, TableRow row) ->
            change(
                Colour.YELLOW,
                "~ " + before.map(was -> key(row) + difference(was, row)).orElse(printable(row)));
        case TableChange.Deleted(TableRow row) -> change(Colour.RED, "- " + key(row));
      }
    }
    changes.flush();
  }

  private void change(Colour colour, String text) {
    changes.println(colouredChanges ? coloured(colour, text) : text);
  }

  @Override
  public void gap(Gap gap) {
    String dropped =
        gap.dropped().isPresent()
            ? String.valueOf(gap.dropped().getAsLong())
            : "an unknown number of";
    note(
        Colour.RED,
        "gap: "
            + dropped
            + " single changes up to "
            + gap.upTo()
            + " are not shown ("
            + gap.reason()
            + "); "
            + switch (gap.recovery()) {
              case FOLD -> "what follows has them all in one";
              case SNAPSHOT -> "all rows follow";
              case NONE -> "they are lost";
            });
  }

  @Override
  public void state(String what, String state, String text) {
    // Waiting and trying again read alike: what says the same is said once.
    if (!text.equals(lastState)) {
      lastState = text;
      note(Colour.GREY, text);
    }
  }

  private void note(Colour colour, String text) {
    String line = "# " + clean(text);
    notes.println(colouredNotes ? coloured(colour, line) : line);
    notes.flush();
  }

  /** What tells it from others: all of it where there is no key. */
  private static String key(TableRow row) {
    return row.key().isEmpty() ? printable(row) : cells(row, row.key());
  }

  private static String printable(TableRow row) {
    return cells(row, row.columns().stream().map(TableColumn::name).toList());
  }

  private static String cells(TableRow row, List<String> columns) {
    return columns.stream().map(name -> cell(row, name)).collect(Collectors.joining(" "));
  }

  private static String difference(TableRow before, TableRow row) {
    StringBuilder text = new StringBuilder();
    for (TableColumn column : row.columns()) {
      String name = column.name();
      if (!before.find(name).equals(row.find(name))) {
        text.append(' ').append(clean(name)).append(' ').append(value(before, name));
        text.append(" → ").append(value(row, name));
      }
    }
    return text.toString();
  }

  private static String cell(TableRow row, String column) {
    return clean(column) + "=" + value(row, column);
  }

  private static String value(TableRow row, String column) {
    return row.find(column).map(TextReport::clean).orElse("NULL");
  }

  /** Without what would break the line or steer the terminal. */
  private static String clean(String text) {
    StringBuilder clean = new StringBuilder(text.length());
    text.codePoints().forEach(c -> clean.appendCodePoint(Character.isISOControl(c) ? '·' : c));
    return clean.toString();
  }

  private static String coloured(Colour colour, String text) {
    return "\u001b[" + colour.code + "m" + text + "\u001b[0m";
  }
}
