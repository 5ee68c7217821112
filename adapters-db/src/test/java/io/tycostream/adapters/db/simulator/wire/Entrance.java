package io.tycostream.adapters.db.simulator.wire;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;

/** Authenticates one client. */
final class Entrance {

  private final Line line;
  private final BlockingQueue<ClientMessage> inbox;

  Entrance(Line line, BlockingQueue<ClientMessage> inbox) {
    this.line = line;
    this.inbox = inbox;
  }

  /**
   * Ends with AuthenticationOk.
   *
   * @throws Refusal with what the client is turned away for
   */
  void authenticate(Authentication authentication, Startup startup) throws InterruptedException {
    switch (authentication) {
      case Authentication.Trust() -> {}
      case Authentication.Cleartext(Map<String, String> passwords) -> {
        request(3, new byte[0]);
        require(answer().string().equals(password(passwords, startup)));
      }
      case Authentication.ScramSha256(Map<String, String> passwords) ->
          scram(password(passwords, startup));
    }
    line.message('R', new MessageBody().int4(0).array());
  }

  private void scram(String password) throws InterruptedException {
    request(10, new MessageBody().string(Scram.MECHANISM).int1(0).array());
    ClientMessage first = answer();
    require(first.string().equals(Scram.MECHANISM));
    Scram scram = new Scram(text(first.bytes(first.int4())), password, "0123456789");
    request(11, scram.serverFirst().getBytes(StandardCharsets.UTF_8));
    String end = scram.serverFinal(text(answer().rest()));
    require(!end.isEmpty());
    line.message('R', new MessageBody().int4(12).raw(end.getBytes(StandardCharsets.UTF_8)).array());
  }

  private void request(int kind, byte[] rest) {
    line.message('R', new MessageBody().int4(kind).raw(rest).array());
    line.flush();
  }

  private ClientMessage answer() throws InterruptedException {
    ClientMessage message = inbox.take();
    if (message.type() != 'p') {
      throw new ClientGone();
    }
    return message;
  }

  private static String password(Map<String, String> passwords, Startup startup) {
    String password = passwords.get(startup.user());
    if (password == null) {
      throw Report.fatal("28000", "role \"" + startup.user() + "\" does not exist").refusal();
    }
    return password;
  }

  private static void require(boolean right) {
    if (!right) {
      throw Report.fatal("28P01", "invalid password").refusal();
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
