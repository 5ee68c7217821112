package io.tycostream.adapters.db.simulator.wire;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The first packets of a connection, which have no type. */
final class Handshake {

  private static final int PROTOCOL_3 = 3;
  private static final int CANCEL_REQUEST = 80877102;
  private static final int SSL_REQUEST = 80877103;
  private static final int GSS_REQUEST = 80877104;

  private final WireServer server;
  private final DataInputStream in;
  private final Line line;

  Handshake(WireServer server, DataInputStream in, Line line) {
    this.server = server;
    this.in = in;
    this.line = line;
  }

  /** What the client says of itself; nothing if it wanted only to cancel, or speaks otherwise. */
  Optional<Startup> read() throws IOException {
    for (; ; ) {
      int length = in.readInt();
      if (length < 8 || length > 10_000) {
        return Optional.empty();
      }
      byte[] packet = in.readNBytes(length - 4);
      ClientMessage message = new ClientMessage(' ', packet);
      int code = message.int4();
      switch (code) {
        case SSL_REQUEST, GSS_REQUEST -> {
          line.raw('N');
          line.flush();
        }
        case CANCEL_REQUEST -> {
          server.cancel(message.int4(), message.int4());
          return Optional.empty();
        }
        default -> {
          if (code >>> 16 != PROTOCOL_3) {
            throw Report.fatal(
                    "08004", "server does not support the client's requested protocol version")
                .refusal();
          }
          Startup startup = new Startup(parameters(message));
          if ((code & 0xffff) > 0) {
            line.message('v', new MessageBody().int4(PROTOCOL_3 << 16).int4(0).array());
          }
          return Optional.of(startup);
        }
      }
    }
  }

  private static Map<String, String> parameters(ClientMessage message) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String name = message.string(); !name.isEmpty(); name = message.string()) {
      parameters.put(name, message.string());
    }
    return parameters;
  }
}
