package io.tycostream.client;

/** Messages of feed 3, whose rows have an id and a note. */
final class Wire {

  private Wire() {}

  static String subscribed() {
    return start("\"start\":\"snapshot\"");
  }

  static String replay(String position, long seq) {
    return start("\"start\":\"replay\",\"position\":\"" + position + "\",\"seq\":" + seq);
  }

  static String snapshotPart(int part, String... rows) {
    return "{\"type\":\"snapshot\",\"feed\":3,\"part\":"
        + part
        + ",\"rows\":["
        + String.join(",", rows)
        + "],\"more\":true}";
  }

  static String snapshotEnd(int part, String position, long seq, String... rows) {
    return snapshotPart(part, rows)
        .replace(
            "\"more\":true", "\"more\":false,\"position\":\"" + position + "\",\"seq\":" + seq);
  }

  static String batch(String position, long seq, String... changes) {
    return "{\"type\":\"batch\",\"feed\":3,\"seq\":"
        + seq
        + ",\"position\":\""
        + position
        + "\",\"changes\":["
        + String.join(",", changes)
        + "]}";
  }

  static String progress(String position) {
    return "{\"type\":\"progress\",\"feed\":3,\"position\":\"" + position + "\"}";
  }

  private static String start(String how) {
    return "{\"type\":\"subscribed\",\"ref\":\"s1\",\"feed\":3,\"source\":\"t\",\"key\":[\"id\"],"
        + "\"columns\":[{\"name\":\"id\",\"type\":\"int4\"},{\"name\":\"note\",\"type\":\"text\"}],"
        + how
        + "}";
  }
}
