package io.tycostream.adapters.db.connection;

/**
 * A server that a database can be read from.
 *
 * @param product what runs there, as people call it: {@code PostgreSQL}
 * @param replica whether it copies another server: it may lag, and being behind us is then nothing
 *     wrong
 * @param region where it stands; empty when nobody said
 */
public record DatabaseEndpoint(
    String product, String host, int port, String database, boolean replica, String region) {

  /** For messages, notifications and labels: {@code PostgreSQL host:5432/db (replica, eu)}. */
  public String name() {
    String role = replica ? "replica" : "";
    String both = role + (role.isEmpty() || region.isEmpty() ? "" : ", ") + region;
    return product
        + " "
        + host
        + ":"
        + port
        + "/"
        + database
        + (both.isEmpty() ? "" : " (" + both + ")");
  }
}
