package io.tycostream.benchmarks.fanout;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * Netty on its NIO transport: a batch is one direct buffer with the complete frame, of which each
 * channel gets a duplicate.
 */
final class NettyRival implements Rival {

  /** The other processors are the load client's: with more loops it is slower on this machine. */
  private static final int LOOPS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

  private final Ticks ticks;
  private final NettyAudience audience;
  private final List<ByteBuf> greeting;
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(LOOPS, NioIoHandler.newFactory());
  private final Channel listening;

  NettyRival(Ticks ticks, NettyAudience audience) {
    this.ticks = ticks;
    this.audience = audience;
    greeting = Frames.greeting(ticks).stream().map(NettyRival::direct).toList();
    listening =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_SNDBUF, SEND_BUFFER_BYTES)
            .childHandler(new Upgrading())
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  private static ByteBuf direct(byte[] payload) {
    byte[] frame = Frames.whole(payload);
    return Unpooled.directBuffer(frame.length).writeBytes(frame);
  }

  @Override
  public int port() {
    return ((InetSocketAddress) listening.localAddress()).getPort();
  }

  @Override
  public void publish(long seq, long time) {
    audience.tell(direct(ticks.batch(seq, time)));
  }

  @Override
  public void close() {
    group.shutdownGracefully().syncUninterruptibly();
  }

  private final class Upgrading extends ChannelInitializer<SocketChannel> {
    @Override
    protected void initChannel(SocketChannel channel) {
      channel
          .pipeline()
          .addLast(
              new HttpServerCodec(),
              new HttpObjectAggregator(64 << 10),
              new WebSocketServerProtocolHandler(PATH),
              new Listener());
    }
  }

  private final class Listener extends SimpleChannelInboundHandler<TextWebSocketFrame> {

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // void promises
    protected void channelRead0(ChannelHandlerContext context, TextWebSocketFrame message) {
      if (message.text().contains("\"subscribe\"")) {
        Channel channel = context.channel();
        audience.add(channel); // first: who has the greeting is there
        greeting.forEach(part -> channel.write(part.retainedDuplicate(), channel.voidPromise()));
        channel.flush();
      }
    }
  }
}
