package io.tycostream.adapters.db.simulator.materialize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A row: the canonical text of each value. Rows are in the order of their bytes, in which a NULL
 * comes before any value; that is all one may rely on, as with Materialize.
 */
public final class MzRow implements Comparable<MzRow> {

  private final List<@Nullable String> values;
  private final byte[] copyText;

  private MzRow(List<@Nullable String> values) {
    this.values = Collections.unmodifiableList(new ArrayList<>(values));
    this.copyText = CopyEncoding.values(this.values);
  }

  public static MzRow of(@Nullable String... values) {
    return new MzRow(Arrays.asList(values));
  }

  public static MzRow of(List<@Nullable String> values) {
    return new MzRow(values);
  }

  public List<@Nullable String> values() {
    return values;
  }

  /** Its values in COPY's text format, without the newline. */
  byte[] copyText() {
    return copyText;
  }

  @Override
  public int compareTo(MzRow other) {
    return Arrays.compareUnsigned(copyText, other.copyText);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MzRow row && Arrays.equals(copyText, row.copyText);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(copyText);
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
