package io.tycostream.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

@Timeout(60)
final class WatchCommandTest {

  private static final List<String> SCRIPT =
      List.of(
          "{'type':'welcome','heartbeatMs':15000,'node':'n'}",
          "{'type':'subscribed','ref':'s1','feed':1,'source':'t','key':['id'],'columns':["
              + "{'name':'id','type':'int4'},{'name':'price','type':'numeric'}],'start':'snapshot'}",
          "{'type':'snapshot','feed':1,'part':0,'rows':[{'id':1,'price':'10.1'}],'more':false,"
              + "'position':'p1','seq':1}",
          "{'type':'batch','feed':1,'seq':2,'position':'p2','changes':["
              + "{'op':'update','row':{'id':1,'price':'10.2'}},"
              + "{'op':'insert','row':{'id':2,'price':null}}]}",
          "{'type':'gap','feed':1,'after':'p2','upTo':'p4','dropped':7,'reason':'drop-oldest',"
              + "'recovery':'fold'}",
          "{'type':'batch','feed':1,'seq':4,'merged':2,'position':'p4','changes':["
              + "{'op':'delete','row':{'id':2}}]}",
          "{'type':'error','ref':'s1','code':'unknown-source','message':'no','retryable':false}");

  private static final List<String> AFTER_A_CUT =
      List.of(
          "{'type':'welcome','heartbeatMs':15000,'node':'n','resumed':false}",
          "{'type':'subscribed','ref':'s1','feed':1,'source':'t','key':['id'],'columns':["
              + "{'name':'id','type':'int4'},{'name':'price','type':'numeric'}],'start':'replay',"
              + "'position':'p2','seq':2}",
          "{'type':'batch','feed':1,'seq':3,'position':'p3','changes':["
              + "{'op':'update','row':{'id':2,'price':'9'}}]}",
          "{'type':'pressure','buffered':900,'capacity':1000,'level':'warn','feed':1}",
          "{'type':'error','ref':'s1','code':'unknown-source','message':'no','retryable':false}");

  private static final List<String> WITHOUT_A_KEY =
      List.of(
          "{'type':'welcome','heartbeatMs':15000,'node':'n'}",
          "{'type':'subscribed','ref':'s1','feed':1,'source':'t','key':[],'columns':["
              + "{'name':'id','type':'int4'},{'name':'price','type':'numeric'}],'start':'snapshot'}",
          "{'type':'snapshot','feed':1,'part':0,'rows':[{'id':1,'price':'10.1'}],'more':false,"
              + "'position':'p1','seq':1}",
          "{'type':'batch','feed':1,'seq':2,'position':'p2','changes':["
              + "{'op':'delete','row':{'id':1,'price':'10.1'}}]}",
          "{'type':'error','ref':'s1','code':'unknown-source','message':'no','retryable':false}");

  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void showsOneLineAChange() throws IOException {
    try (ServerSocket server = serve(SCRIPT)) {
      String address = "http://127.0.0.1:" + server.getLocalPort();
      assertEquals(1, watch(address, "t"));
      assertEquals(
          """
          + id=1 price=10.1
          ~ id=1 price 10.1 → 10.2
          + id=2 price=NULL
          - id=2
          """,
          out.toString());
      assertEquals(
          """
          # connected to ws://127.0.0.1:%1$d/v1/stream
          # snapshot of 1 rows at p1
          # gap: 7 single changes up to p4 are not shown (drop-oldest); what follows has them all in one
          # the gateway says: no
          """
              .formatted(server.getLocalPort()),
          // Said only if it is not connected yet when it begins to follow.
          err.toString().replaceFirst("# connecting to .*\n", ""));
    }
  }

  @Test
  void printsOneObjectALine() throws IOException {
    try (ServerSocket server = serve(SCRIPT)) {
      assertEquals(
          1, watch("ws://127.0.0.1:" + server.getLocalPort() + "/v1/stream", "t", "--json"));
      List<String> lines = out.toString().lines().toList();
      assertEquals(
          "{\"op\":\"update\",\"row\":{\"id\":\"1\",\"price\":\"10.2\"},\"position\":\"p2\"}",
          lines.get(4));
      assertEquals(
          "{\"op\":\"insert\",\"row\":{\"id\":\"2\",\"price\":null},\"position\":\"p2\"}",
          lines.get(5));
      assertEquals(
          "{\"op\":\"gap\",\"reason\":\"drop-oldest\",\"recovery\":\"fold\",\"dropped\":7,"
              + "\"position\":\"p4\"}",
          lines.get(6));
      assertTrue(lines.getLast().startsWith("{\"op\":\"source\",\"state\":\"unknown-source\""));
      assertEquals("", err.toString());
    }
  }

  @Test
  void goesOnBehindACutAndSaysWhatHappens() throws IOException, InterruptedException {
    try (ServerSocket server = serve(SCRIPT.subList(0, 4), AFTER_A_CUT)) {
      assertEquals(1, watch("http://127.0.0.1:" + server.getLocalPort(), "t"));
      asked.take();
      assertTrue(asked.take().endsWith(",\"after\":\"p2\"}"));
      assertEquals(
          """
          + id=1 price=10.1
          ~ id=1 price 10.1 → 10.2
          + id=2 price=NULL
          ~ id=2 price NULL → 9
          """,
          out.toString());
      assertEquals(
          2, err.toString().lines().filter(each -> each.startsWith("# connected")).count());
      assertTrue(err.toString().contains("# no connection: the connection ended"), err.toString());
      assertTrue(
          err.toString()
              .contains("# 900 row changes wait at the gateway, of 1000 that may: warn\n"),
          err.toString());
    }
  }

  @Test
  void showsAllOfARowThatIsGoneWhereThereIsNoKey() throws IOException {
    try (ServerSocket server = serve(WITHOUT_A_KEY)) {
      watch("http://127.0.0.1:" + server.getLocalPort(), "t");
      assertEquals("+ id=1 price=10.1\n- id=1 price=10.1\n", out.toString());
    }
  }

  @Test
  void coloursWhatGoesToATerminalAndNothingElse() throws IOException {
    try (ServerSocket server = serve(SCRIPT, SCRIPT)) {
      System.setProperty("tycostream.terminals", "out");
      watch("http://127.0.0.1:" + server.getLocalPort(), "t");
      assertTrue(out.toString().startsWith("\u001b[32m+ id=1 price=10.1\u001b[0m\n"), "" + out);
      assertFalse(err.toString().contains("\u001b"), err.toString());
      out.getBuffer().setLength(0);
      System.setProperty("tycostream.terminals", ",err");
      watch("http://127.0.0.1:" + server.getLocalPort(), "t");
      assertFalse(out.toString().contains("\u001b"), out.toString());
      assertTrue(err.toString().contains("\u001b[31m# gap: 7 single changes"), err.toString());
    } finally {
      System.clearProperty("tycostream.terminals");
    }
  }

  @Test
  void asksForAPart() throws IOException, InterruptedException {
    try (ServerSocket server = serve(SCRIPT)) {
      String address = "http://127.0.0.1:" + server.getLocalPort();
      String where = "{\"price\":{\"_gt\":10}}";
      assertEquals(1, watch(address, "t", "--where", where, "--columns", "price,id"));
      assertEquals(
          "{\"type\":\"subscribe\",\"ref\":\"s1\",\"source\":\"t\",\"where\":"
              + where
              + ",\"columns\":[\"id\",\"price\"]}",
          asked.take());
    }
  }

  @Test
  void goesOnBehindAPosition() throws IOException, InterruptedException {
    try (ServerSocket server = serve(SCRIPT)) {
      watch("http://127.0.0.1:" + server.getLocalPort(), "t", "--after", "p0");
      assertEquals(
          "{\"type\":\"subscribe\",\"ref\":\"s1\",\"source\":\"t\",\"after\":\"p0\"}",
          asked.take());
      assertTrue(out.toString().contains("~ id=1 price=10.2\n"), "without what was before");
    }
  }

  @Test
  void refusesWhatIsNoCondition() {
    assertEquals(2, watch("http://localhost:1", "t", "--where", "price > 10"));
    assertTrue(err.toString().startsWith("--where is no JSON: "), err.toString());
    err.getBuffer().setLength(0);
    assertEquals(2, watch("http://localhost:1", "t", "--where", "{\"price\":10}"));
    assertTrue(err.toString().startsWith("--where: where.price is "), err.toString());
  }

  @Test
  void refusesWhatIsNoUrl() {
    assertEquals(2, watch("localhost:8080", "t"));
    assertTrue(err.toString().startsWith("\"localhost:8080\" does not begin with"), err.toString());
  }

  private int watch(String... arguments) {
    return new CommandLine(new WatchCommand())
        .setOut(new PrintWriter(out))
        .setErr(new PrintWriter(err))
        .execute(arguments);
  }

  /** A gateway that says a script to each who connects, and then cuts all but the last. */
  @SafeVarargs
  private ServerSocket serve(List<String>... scripts) throws IOException {
    ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(() -> {
          try {
            for (int i = 0; i < scripts.length; i++) {
              try (Socket socket = server.accept()) {
                say(socket, scripts[i], i == scripts.length - 1);
              }
            }
          } catch (IOException | NoSuchAlgorithmException e) {
            throw new AssertionError(e);
          }
        });
    return server;
  }

  private void say(Socket socket, List<String> script, boolean stays)
      throws IOException, NoSuchAlgorithmException {
    BufferedReader in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
    String key = "";
    for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
      key = line.startsWith("Sec-WebSocket-Key: ") ? line.substring(19) : key;
    }
    byte[] digest =
        MessageDigest.getInstance("SHA-1")
            .digest(
                (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
    String head =
        "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: tycostream.v1.json\r\n"
            + "Sec-WebSocket-Accept: "
            + Base64.getEncoder().encodeToString(digest)
            + "\r\n\r\n";
    OutputStream out = socket.getOutputStream();
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    readFrame(in); // hello
    asked.add(
        readFrame(
            in)); // subscribe: what comes before it would be of a subscription that is not there
    for (String message : script) {
      byte[] text = message.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
      ByteBuffer frame = ByteBuffer.allocate(4 + text.length).put((byte) 0x81).put((byte) 126);
      out.write(frame.putShort((short) text.length).put(text).array());
    }
    while (stays && in.read() >= 0) {
      // until the client leaves
    }
  }

  /** A masked frame of a client, of less than 64 KiB and only ASCII. */
  private static String readFrame(BufferedReader in) throws IOException {
    in.read();
    int length = in.read() & 0x7f;
    if (length == 126) {
      length = in.read() << 8 | in.read();
    }
    int[] mask = {in.read(), in.read(), in.read(), in.read()};
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) (in.read() ^ mask[i % mask.length]));
    }
    return text.toString();
  }
}
