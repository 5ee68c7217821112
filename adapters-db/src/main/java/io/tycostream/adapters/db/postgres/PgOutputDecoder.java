package io.tycostream.adapters.db.postgres;

import io.tycostream.adapters.db.postgres.PgOutputMessage.Attribute;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Begin;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Commit;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Delete;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Insert;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Logical;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Origin;
import io.tycostream.adapters.db.postgres.PgOutputMessage.RelationDescribed;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Truncate;
import io.tycostream.adapters.db.postgres.PgOutputMessage.TypeDescribed;
import io.tycostream.adapters.db.postgres.PgOutputMessage.Update;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.upstream.FailureKind;
import io.tycostream.domain.upstream.StreamException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the messages of the {@code pgoutput} plugin, protocol version 1, values as text. */
final class PgOutputDecoder {

  private PgOutputDecoder() {}

  /**
   * The message that fills the rest of the buffer.
   *
   * @throws StreamException when it is cut short, has bytes left over or is of an unknown kind
   */
  static PgOutputMessage decode(ByteBuffer in) throws StreamException {
    int length = in.remaining();
    char type = '?';
    PgOutputMessage message;
    try {
      type = (char) (in.get() & 0xff);
      message = message(type, in);
    } catch (BufferUnderflowException e) {
      throw malformed("a message of type '" + type + "' is cut short at " + length + " bytes", e);
    }
    if (in.hasRemaining()) {
      throw malformed(
          "a message of type '" + type + "' has " + in.remaining() + " bytes too many", null);
    }
    return message;
  }

  private static PgOutputMessage message(char type, ByteBuffer in) throws StreamException {
    return switch (type) {
      case 'B' -> new Begin(in.getLong(), in.getLong(), in.getInt());
      case 'C' -> {
        in.get(); // flags, none defined
        yield new Commit(in.getLong(), in.getLong(), in.getLong());
      }
      case 'O' -> new Origin(in.getLong(), string(in));
      case 'R' -> relation(in);
      case 'Y' -> new TypeDescribed(in.getInt(), string(in), string(in));
      case 'I' -> {
        int oid = in.getInt();
        expect('N', in);
        yield new Insert(oid, tuple(in));
      }
      case 'U' -> update(in);
      case 'D' -> {
        int oid = in.getInt();
        char kind = (char) in.get();
        if (kind != 'K' && kind != 'O') {
          throw malformed("a deleted row is marked '" + kind + "' instead of 'K' or 'O'", null);
        }
        yield new Delete(oid, tuple(in));
      }
      case 'T' -> truncate(in);
      case 'M' -> {
        boolean transactional = (in.get() & 1) != 0;
        long lsn = in.getLong();
        String prefix = string(in);
        byte[] content = bytes(in, in.getInt());
        yield new Logical(transactional, lsn, prefix, ByteBuffer.wrap(content));
      }
      default ->
          throw new StreamException(
              FailureKind.QUERY,
              "the replication stream has a message of the unknown type '"
                  + type
                  + "': this server speaks a newer protocol than was asked for");
    };
  }

  private static RelationDescribed relation(ByteBuffer in) {
    int oid = in.getInt();
    String schema = string(in);
    String name = string(in);
    char replicaIdentity = (char) in.get();
    int count = in.getShort();
    List<Attribute> attributes = new ArrayList<>(Math.max(0, count));
    for (int i = 0; i < count; i++) {
      attributes.add(new Attribute((in.get() & 1) != 0, string(in), in.getInt(), in.getInt()));
    }
    // The server leaves the name of pg_catalog away.
    return new RelationDescribed(
        oid, schema.isEmpty() ? "pg_catalog" : schema, name, replicaIdentity, attributes);
  }

  private static Update update(ByteBuffer in) throws StreamException {
    int oid = in.getInt();
    in.mark();
    char kind = (char) in.get();
    Optional<Row> before = Optional.empty();
    if (kind == 'K' || kind == 'O') {
      before = Optional.of(tuple(in));
    } else {
      in.reset();
    }
    expect('N', in);
    return new Update(oid, before, tuple(in));
  }

  private static Truncate truncate(ByteBuffer in) {
    int count = in.getInt();
    in.get(); // CASCADE and RESTART IDENTITY, which change nothing for the rows that are told
    List<Integer> oids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      oids.add(in.getInt());
    }
    return new Truncate(oids);
  }

  private static Row tuple(ByteBuffer in) throws StreamException {
    int count = in.getShort();
    if (count < 0) {
      throw malformed("a row has " + count + " values", null);
    }
    @Nullable String[] values = new @Nullable String[count];
    for (int i = 0; i < count; i++) {
      char kind = (char) in.get();
      values[i] =
          switch (kind) {
            case 'n' -> null;
            case 'u' -> Row.UNCHANGED;
            case 't' -> new String(bytes(in, in.getInt()), StandardCharsets.UTF_8);
            default -> throw malformed("a value of the unknown kind '" + kind + "'", null);
          };
    }
    return Row.of(values);
  }

  private static void expect(char expected, ByteBuffer in) throws StreamException {
    char found = (char) in.get();
    if (found != expected) {
      throw malformed("a row is marked '" + found + "' instead of '" + expected + "'", null);
    }
  }

  private static String string(ByteBuffer in) {
    int start = in.position();
    while (in.get() != 0) {
      // on to the end of the text
    }
    int length = in.position() - start - 1;
    byte[] text = new byte[length];
    in.get(start, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ByteBuffer in, int length) {
    if (length < 0 || length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static StreamException malformed(String what, @Nullable Throwable cause) {
    String message = "the replication stream is damaged: " + what;
    return cause == null
        ? new StreamException(FailureKind.NETWORK, message)
        : new StreamException(FailureKind.NETWORK, message, cause);
  }
}
