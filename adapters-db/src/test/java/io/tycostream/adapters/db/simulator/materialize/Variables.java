package io.tycostream.adapters.db.simulator.materialize;

import io.tycostream.adapters.db.simulator.wire.Report;
import io.tycostream.adapters.db.simulator.wire.Startup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The settings of one session. */
final class Variables {

  /** Told as ParameterStatus, in this order. */
  private static final List<String> REPORTED =
      List.of(
          "application_name",
          "client_encoding",
          "DateStyle",
          "integer_datetimes",
          "server_version",
          "standard_conforming_strings",
          "TimeZone",
          "IntervalStyle",
          "cluster",
          "cluster_replica",
          "default_cluster_replication_factor",
          "database",
          "search_path",
          "mz_version");

  private static final Set<String> FIXED =
      Set.of("integer_datetimes", "server_version", "mz_version");

  private static final Pattern OPTION = Pattern.compile("(?:-c\\s*|--)([\\w.-]+)=((?:\\\\.|\\S)*)");

  private final Map<String, String> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final Map<String, String> defaults = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
  private final List<Report> complaints = new ArrayList<>();

  Variables(String version, Startup startup) {
    values.put("application_name", "");
    values.put("client_encoding", "UTF8");
    values.put("DateStyle", "ISO, MDY");
    values.put("integer_datetimes", "on");
    values.put("server_version", "9.5.0");
    values.put("standard_conforming_strings", "on");
    values.put("TimeZone", "UTC");
    values.put("IntervalStyle", "postgres");
    values.put("cluster", "quickstart");
    values.put("cluster_replica", "");
    values.put("default_cluster_replication_factor", "1");
    values.put("database", "materialize");
    values.put("search_path", "public");
    values.put("mz_version", version);
    values.put("extra_float_digits", "3");
    values.put("client_min_messages", "notice");
    values.put("idle_in_transaction_session_timeout", "2min");
    values.put("statement_timeout", "1min");
    values.put("transaction_isolation", "strict serializable");
    values.put("welcome_message", "on");
    values.put("auto_route_catalog_queries", "on");
    values.put("emit_timestamp_notice", "off");
    values.put("max_query_result_size", "1GB");
    values.put("real_time_recency", "off");
    values.put("max_result_size", "1GB");
    values.put("max_connections", "5000");
    startup.parameters().forEach(this::atStart);
    defaults.putAll(values);
  }

  /** Of start-up settings, which are notices and not errors. */
  List<Report> complaints() {
    return List.copyOf(complaints);
  }

  Map<String, String> reported() {
    Map<String, String> reported = new LinkedHashMap<>();
    REPORTED.forEach(name -> reported.put(name, get(name)));
    return reported;
  }

  static boolean isReported(String name) {
    return REPORTED.stream().anyMatch(name::equalsIgnoreCase);
  }

  String get(String name) {
    String value = values.get(name);
    if (value == null) {
      throw unknown(name).refusal();
    }
    return value;
  }

  void set(String name, String value) {
    String old = get(name);
    if (FIXED.contains(name.toLowerCase(Locale.ROOT)) && !old.equals(value)) {
      throw Report.error("55P02", "parameter \"" + name + "\" cannot be changed").refusal();
    }
    values.put(name, value);
  }

  void reset(String name) {
    values.put(name, defaults.getOrDefault(name, get(name)));
  }

  void resetAll() {
    values.putAll(defaults);
  }

  /** A time out of 0 is none. */
  boolean endsIdleTransactions() {
    return !get("idle_in_transaction_session_timeout").matches("0\\s*[a-z]*");
  }

  private void atStart(String name, String value) {
    switch (name) {
      case "user", "replication" -> {}
      case "options" -> {
        Matcher option = OPTION.matcher(value);
        while (option.find()) {
          atStart(option.group(1).replace('-', '_'), option.group(2).replaceAll("\\\\(.)", "$1"));
        }
      }
      default -> {
        if (values.containsKey(name)) {
          values.put(name, value);
        } else {
          complaints.add(
              Report.notice(
                  "01000", "startup setting " + name + " not set: " + unknown(name).message()));
        }
      }
    }
  }

  private static Report unknown(String name) {
    return Report.error("42704", "unrecognized configuration parameter \"" + name + "\"");
  }
}
