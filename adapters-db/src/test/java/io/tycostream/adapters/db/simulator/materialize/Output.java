package io.tycostream.adapters.db.simulator.materialize;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of a SUBSCRIBE.
 *
 * @param mark mz_diff or mz_state; null in a progress row
 * @param row the object's columns; all NULL in a progress row
 */
record Output(long time, boolean progressed, @Nullable String mark, MzRow row) {

  static Output progress(long frontier, int columns) {
    return new Output(frontier, true, null, MzRow.of(new @Nullable String[columns]));
  }

  static Output data(long time, String mark, MzRow row) {
    return new Output(time, false, mark, row);
  }

  /** For a DataRow. */
  List<@Nullable String> values(boolean withProgress) {
    List<@Nullable String> values = new ArrayList<>();
    values.add(MzTime.text(time));
    if (withProgress) {
      values.add(progressed ? "t" : "f");
    }
    values.add(mark);
    values.addAll(row.values());
    return values;
  }

  /** For a CopyData, with the newline. */
  byte[] copyText(boolean withProgress) {
    String head =
        MzTime.text(time)
            + (withProgress ? progressed ? "\tt\t" : "\tf\t" : "\t")
            + (mark == null ? "\\N" : mark);
    ByteArrayOutputStream line = new ByteArrayOutputStream(head.length() + 64);
    line.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    if (!row.values().isEmpty()) {
      line.write('\t');
      line.writeBytes(row.copyText());
    }
    line.write('\n');
    return line.toByteArray();
  }
}
