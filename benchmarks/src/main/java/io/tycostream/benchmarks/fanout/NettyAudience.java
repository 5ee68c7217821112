package io.tycostream.benchmarks.fanout;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.ChannelMatchers;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;

/** Those whom a Netty server tells of each batch. A channel that is gone closes by itself. */
@SuppressWarnings("FutureReturnValueIgnored") // void promises
sealed interface NettyAudience {

  /** From now on. On the channel's event loop. */
  void add(Channel channel);

  /** Tells all; takes the frame over. One thread. */
  void tell(ByteBuf frame);

  /**
   * A channel group, as it is in every book, with Netty's own handler that consolidates flushes.
   */
  final class Group implements NettyAudience {
    private static final int FLUSHES =
        FlushConsolidationHandler.DEFAULT_EXPLICIT_FLUSH_AFTER_FLUSHES;

    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);

    @Override
    public void add(Channel channel) {
      channel.pipeline().addFirst(new FlushConsolidationHandler(FLUSHES, true));
      channels.add(channel);
    }

    @Override
    public void tell(ByteBuf frame) {
      channels.writeAndFlush(frame, ChannelMatchers.all(), true);
    }
  }

  /**
   * As fast as it can be made by hand without becoming something else: each event loop is told once
   * for all its channels, takes all batches that there are by then, writes them past the codec, and
   * flushes a channel once for them.
   */
  final class Loops implements NettyAudience {
    private final Map<EventLoop, Loop> loops = new ConcurrentHashMap<>();

    @Override
    public void add(Channel channel) {
      loops.computeIfAbsent(channel.eventLoop(), Loop::new).add(channel);
    }

    @Override
    public void tell(ByteBuf frame) {
      for (Loop each : loops.values()) {
        each.tell(frame.retainedDuplicate());
      }
      frame.release();
    }
  }

  /** The channels of one event loop. */
  final class Loop {
    private final EventLoop loop;
    private final List<ChannelHandlerContext> sockets = new ArrayList<>(); // the loop's own
    private final Queue<ByteBuf> told = new ArrayDeque<>(); // guarded by itself

    private Loop(EventLoop loop) {
      this.loop = loop;
    }

    private void add(Channel channel) {
      // Complete frames need no codec: from the first handler on there is only the socket.
      sockets.add(channel.pipeline().firstContext());
    }

    private void tell(ByteBuf frame) {
      boolean idle;
      synchronized (told) {
        idle = told.isEmpty();
        told.add(frame);
      }
      if (idle) {
        loop.execute(this::pass);
      }
    }

    private void pass() {
      List<ByteBuf> frames;
      synchronized (told) {
        frames = List.copyOf(told);
        told.clear();
      }
      sockets.removeIf(socket -> !socket.channel().isActive());
      for (ChannelHandlerContext socket : sockets) {
        for (ByteBuf frame : frames) {
          socket.write(frame.retainedDuplicate(), socket.voidPromise());
        }
        socket.flush();
      }
      frames.forEach(ByteBuf::release);
    }
  }
}
