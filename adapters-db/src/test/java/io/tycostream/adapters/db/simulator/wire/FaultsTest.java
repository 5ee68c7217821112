package io.tycostream.adapters.db.simulator.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.postgresql.util.PSQLException;

/** What can go wrong between a server and its clients. */
class FaultsTest {

  private final WireServer server = WireServer.listening(new ScriptedBackend());

  @AfterEach
  void end() {
    server.close();
    assertEquals(List.of(), server.failures());
  }

  @Test
  void aConnectionIsCutAfterEveryNumberOfBytes() throws IOException {
    byte[] whole = conversation();
    int key = new String(whole, StandardCharsets.ISO_8859_1).indexOf("K\0\0\0\f") + 5;
    for (int k = 0; k <= whole.length; k++) {
      server.faults().cutConnectionsAfter(k);
      byte[] part = conversation();
      assertEquals(k, part.length);
      // Process id and secret of BackendKeyData differ.
      for (int i = key; i < Math.min(key + 8, k); i++) {
        part[i] = whole[i];
      }
      assertArrayEquals(Arrays.copyOf(whole, k), part, "byte " + k);
    }
  }

  @Test
  void aStreamIsCutAfterEveryNumberOfBytes() throws IOException {
    conversation();
    int stream = Math.toIntExact(server.streamedBytes());
    byte[] whole = conversation();
    // ReadyForQuery, 6 bytes, comes after the stream.
    int before = whole.length - 6 - stream;
    assertEquals('H', whole[before]);
    for (int k = 0; k <= stream; k++) {
      server.faults().cutStreamsAfter(k);
      assertEquals(before + k, conversation().length);
    }
    server.faults().cutStreamsAfter(stream + 1);
    assertEquals(whole.length, conversation().length);
  }

  @Test
  void cutsAreTakenInTheirOrder() throws IOException {
    int whole = conversation().length;
    server.faults().cutConnectionsAfter(3, 5);
    assertEquals(3, conversation().length);
    assertEquals(5, conversation().length);
    assertEquals(whole, conversation().length);
  }

  @Test
  void whatWasSentBeforeACutArrives() throws Exception {
    try (Connection connection = connect()) {
      server.faults().cutStreamsAfter(12 + 14);
      CopyOut copy = connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY 3");
      assertEquals(8, copy.readFromCopy().length);
      assertEquals("08006", assertThrows(PSQLException.class, copy::readFromCopy).getSQLState());
    }
  }

  @Test
  void allConnectionsAreCutWithoutAWord() throws SQLException {
    try (Connection one = connect();
        Connection two = connect()) {
      server.cutAll();
      for (Connection connection : List.of(one, two)) {
        assertEquals(
            "08006",
            assertThrows(PSQLException.class, () -> connection.createStatement().execute("SET a"))
                .getSQLState());
      }
    }
    try (Connection again = connect()) {
      again.createStatement().execute("SET a");
    }
  }

  @Test
  void streamsAloneAreSilent() throws Exception {
    try (Connection stream = connect();
        Connection probe = connect()) {
      server.faults().mute(Faults.Mute.STREAMS);
      CopyOut[] copy = new CopyOut[1];
      Thread reader =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  copy[0] = stream.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY 1");
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      assertTrue(server.awaitConnections(ServerConnection::isStreaming, 1, Duration.ofSeconds(10)));
      probe.createStatement().execute("SET a");
      assertEquals(0, server.streamedBytes());
      server.faults().unmute();
      assertTrue(reader.join(Duration.ofSeconds(10)));
      assertEquals(8, copy[0].readFromCopy().length);
    }
  }

  @Test
  void aMutedConnectionCanBeCut() throws Exception {
    try (RawClient client = RawClient.connected(server)) {
      client.readUntil('Z');
      server.faults().mute(Faults.Mute.ALL);
      client.query("ROWS 1");
      server.cutAll();
      assertEquals(0, client.readAll().length);
    }
  }

  @Test
  void aDelayedAnswerComes() throws SQLException {
    try (Connection connection = connect()) {
      server.faults().delay(Duration.ofMillis(20));
      connection.createStatement().execute("SET a");
    }
  }

  @Test
  void clientsAreTurnedAwayUntilTheyAreAdmitted() throws SQLException {
    server.faults().refuse(Report.fatal("08004", "upstream server not available"));
    PSQLException refused = assertThrows(PSQLException.class, this::connect);
    assertEquals("08004", refused.getSQLState());
    assertEquals("upstream server not available", refused.getServerErrorMessage().getMessage());
    server.faults().admit();
    connect().close();
  }

  @Test
  void aServerThatIsRestartedListensOnTheSamePort() throws SQLException {
    int port = server.port();
    server.stopListening();
    server.cutAll();
    assertEquals("08001", assertThrows(PSQLException.class, this::connect).getSQLState());
    server.listen();
    assertEquals(port, server.port());
    connect().close();
    assertNotEquals(0, server.accepted());
  }

  /** Every byte that the server sends for one COPY. */
  private byte[] conversation() throws IOException {
    try (RawClient client = RawClient.connected(server)) {
      byte[] welcome = client.readUntil('Z');
      client.query("COPY 2");
      byte[] answer = client.readUntil('Z');
      return ByteBuffer.allocate(welcome.length + answer.length).put(welcome).put(answer).array();
    }
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://"
            + server.host()
            + ":"
            + server.port()
            + "/db?user=tester&socketTimeout=10");
  }
}
