package io.tycostream.adapters.db.simulator.wire;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The way from the server to one client. It counts the bytes that it has sent, and ends after
 * exactly as many as a fault says, be it inside a message.
 */
final class Line {

  /** Bytes that are gathered before they are sent without being asked to. */
  private static final int FULL = 32 * 1024;

  private final Socket socket;
  private final OutputStream out;
  private final Faults faults;
  private final AtomicLong streamedInAll;
  private final ReentrantLock lock = new ReentrantLock();
  private final ByteArrayOutputStream gathered = new ByteArrayOutputStream();
  private final AtomicLong sent = new AtomicLong();
  private volatile long connectionCut;
  private long streamCut = Long.MAX_VALUE;
  private long streamStart = Long.MAX_VALUE;
  private volatile boolean streaming;
  private volatile boolean alive = true;

  Line(Socket socket, Faults faults, AtomicLong streamedInAll) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.faults = faults;
    this.streamedInAll = streamedInAll;
    this.connectionCut = faults.nextConnectionCut();
  }

  boolean isAlive() {
    return alive;
  }

  boolean isStreaming() {
    return streaming;
  }

  /** A single byte outside any message. */
  void raw(int value) {
    lock.lock();
    try {
      gathered.write(value);
    } finally {
      lock.unlock();
    }
  }

  /** Gathers a message; sends when enough has come together. */
  void message(char type, byte[] body) {
    boolean full;
    lock.lock();
    try {
      gathered.write(type);
      int length = body.length + 4;
      gathered.write(length >>> 24);
      gathered.write(length >>> 16);
      gathered.write(length >>> 8);
      gathered.write(length);
      gathered.writeBytes(body);
      full = gathered.size() >= FULL;
    } finally {
      lock.unlock();
    }
    if (full) {
      flush();
    }
  }

  /** Sends what was gathered. Blocks while the client does not read, or a fault has it so. */
  void flush() {
    faults.pass(this);
    lock.lock();
    try {
      if (!alive) {
        throw new ClientGone();
      }
      byte[] bytes = gathered.toByteArray();
      gathered.reset();
      long cut = Math.min(connectionCut, streamCut);
      long room = cut - sent.get();
      if (bytes.length >= room) {
        transmit(bytes, (int) Math.max(0, room));
        end();
        throw new ClientGone();
      }
      transmit(bytes, bytes.length);
    } catch (IOException e) {
      end();
      throw new ClientGone();
    } finally {
      lock.unlock();
    }
  }

  /** What is gathered from here on belongs to a stream, until {@link #streamEnded()}. */
  void streamBegun() {
    lock.lock();
    try {
      if (streaming) {
        return;
      }
      streamStart = sent.get() + gathered.size();
      long after = faults.nextStreamCut();
      streamCut = after == Long.MAX_VALUE ? after : streamStart + after;
      streaming = true;
    } finally {
      lock.unlock();
    }
  }

  void streamEnded() {
    if (!streaming) {
      return;
    }
    flush();
    lock.lock();
    try {
      streamStart = Long.MAX_VALUE;
      streamCut = Long.MAX_VALUE;
      streaming = false;
    } finally {
      lock.unlock();
    }
  }

  /** Ends after so many more bytes. */
  void cutAfter(long bytes) {
    connectionCut = sent.get() + bytes;
  }

  long sent() {
    return sent.get();
  }

  /**
   * Ends now. What was sent arrives, then the client reads the end of the stream. Never blocks: a
   * writer that does is woken.
   */
  void end() {
    alive = false;
    try {
      socket.shutdownOutput();
    } catch (IOException alreadyClosed) {
      alive = false;
    }
    faults.wake();
  }

  /** Ends now, with a RST: what the client has not read may be lost. */
  void reset() {
    alive = false;
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException alreadyClosed) {
      alive = false;
    }
    faults.wake();
  }

  private void transmit(byte[] bytes, int length) throws IOException {
    out.write(bytes, 0, length);
    out.flush();
    long after = sent.addAndGet(length);
    if (after > streamStart) {
      streamedInAll.addAndGet(after - Math.max(after - length, streamStart));
    }
  }
}
