package io.tycostream.benchmarks.fanout;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Position;
import io.tycostream.domain.change.Relation;
import io.tycostream.domain.change.Row;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The table that is followed, and the messages about it, byte for byte the gateway's own, for those
 * who have no encoder. A batch changes one row, and is 208 bytes on the socket.
 *
 * <p>The time of a position is the moment at which the batch was due: clients find in each message
 * how old it is.
 */
final class Ticks {

  static final Relation SHAPE =
      new Relation(
          "public.ticks",
          "ticks-1",
          List.of(
              new Column("id", "int4"), new Column("price", "numeric"), new Column("note", "text")),
          List.of("id"));

  private static final String NOTE = "some words of the usual length of a row";

  private static final int FIRST_ID = 10_000;

  /** Bytes of a message, and what the gateway keeps of them for what stands behind the rows. */
  private static final int MAX_MESSAGE = 256 << 10;

  private static final int TAIL = 300;

  private static final int MAX_DIGITS = 19;

  private final int rows;

  /** Batches whose seq has so many digits. */
  private final byte[][] templates = new byte[MAX_DIGITS + 1][];

  /**
   * @param rows that there are, at most 90,000
   */
  Ticks(int rows) {
    this.rows = rows;
  }

  static Position position(long time) {
    return new Position("bench", time, SHAPE.print());
  }

  /** All rows, as they are before the first batch. */
  List<Row> all() {
    return IntStream.range(0, rows).mapToObj(i -> row(FIRST_ID + i, 0)).toList();
  }

  /** What a batch changes. */
  Row changed(long seq) {
    return row(id(seq), seq);
  }

  private int id(long seq) {
    return FIRST_ID + (int) (seq % rows);
  }

  private static Row row(int id, long seq) {
    String hundredths = Long.toString(hundredths(seq));
    int point = hundredths.length() - 2;
    return Row.of(
        Integer.toString(id),
        hundredths.substring(0, point) + "." + hundredths.substring(point),
        NOTE);
  }

  /** Always seven digits, and another one whenever the row changes. */
  private static long hundredths(long seq) {
    return 1_000_000 + seq % 1_000_000;
  }

  /** The payload of a batch. The first call with a number of digits makes a pattern for others. */
  byte[] batch(long seq, long time) {
    int digits = Long.toString(seq).length();
    byte[] template = templates[digits];
    if (template == null) {
      template = ascii(batchText(seq, time));
      templates[digits] = template;
    }
    byte[] batch = template.clone();
    int at = "{'type':'batch','feed':1,'seq':".length();
    put(seq, 10, digits, batch, at);
    at += digits + ",'position':'bench.".length();
    put(time, 16, 16, batch, at);
    at += 16 + ".','changes':[{'op':'update','row':{'id':".length() + SHAPE.print().length();
    put(id(seq), 10, 5, batch, at);
    at += 5 + ",'price':'".length();
    put(hundredths(seq) / 100, 10, 5, batch, at);
    put(hundredths(seq) % 100, 10, 2, batch, at + 6);
    return batch;
  }

  private static void put(long number, int base, int digits, byte[] into, int at) {
    long left = number;
    for (int i = at + digits - 1; i >= at; i--) {
      into[i] = (byte) Character.forDigit((int) (left % base), base);
      left /= base;
    }
  }

  private String batchText(long seq, long time) {
    return "{\"type\":\"batch\",\"feed\":1,\"seq\":%d,\"position\":\"%s\",\"changes\":[{\"op\":\"update\",\"row\":%s}]}"
        .formatted(seq, position(time), rowText(changed(seq)));
  }

  private static String rowText(Row row) {
    return "{\"id\":%s,\"price\":\"%s\",\"note\":\"%s\"}"
        .formatted(row.value(0), row.value(1), row.value(2));
  }

  /** The payloads of a snapshot's parts, as many rows in each as the gateway puts there. */
  List<byte[]> snapshot(long time) {
    List<byte[]> parts = new ArrayList<>();
    StringBuilder part = begin(0);
    boolean first = true;
    for (Row row : all()) {
      String text = rowText(row);
      if (!first && part.length() + 1 + text.length() > MAX_MESSAGE - TAIL) {
        parts.add(ascii(part.append("],\"more\":true}").toString()));
        part = begin(parts.size());
        first = true;
      }
      part.append(first ? "" : ",").append(text);
      first = false;
    }
    part.append("],\"more\":false,\"position\":\"").append(position(time)).append("\",\"seq\":0}");
    parts.add(ascii(part.toString()));
    return parts;
  }

  private static StringBuilder begin(int part) {
    return new StringBuilder("{\"type\":\"snapshot\",\"feed\":1,\"part\":")
        .append(part)
        .append(",\"rows\":[");
  }

  /** What follows a snapshot: nothing else has changed. */
  static byte[] progress(long time) {
    return ascii(
        "{\"type\":\"progress\",\"feed\":1,\"position\":\"%s\"}".formatted(position(time)));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
