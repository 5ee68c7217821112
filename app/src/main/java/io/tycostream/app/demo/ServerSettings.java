package io.tycostream.app.demo;

import java.util.LinkedHashMap;
import java.util.Map;

/** PostgreSQL's settings for a small server with logical replication on loopback. */
final class ServerSettings {
  private ServerSettings() {}

  /** The caller's settings win, but for where the server listens. */
  static Map<String, String> of(EmbeddedPostgres.Options options, String host, int port) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("wal_level", "logical");
    settings.put("max_wal_senders", "20");
    settings.put("max_replication_slots", "20");
    settings.put("fsync", options.fsync() ? "on" : "off");
    settings.put("shared_buffers", "64MB");
    settings.put("max_wal_size", "256MB");
    settings.put("io_method", "sync");
    settings.put("jit", "off");
    settings.put("timezone", "UTC");
    settings.put("log_timezone", "UTC");
    // Files in the data folder, which is removed, and not in /dev/shm, where a crash leaves them.
    settings.put("dynamic_shared_memory_type", "mmap");
    settings.putAll(options.settings());
    settings.put("listen_addresses", host);
    settings.put("port", Integer.toString(port));
    settings.put("unix_socket_directories", "");
    return settings;
  }
}
