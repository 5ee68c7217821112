package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tycostream.domain.change.Column;
import io.tycostream.domain.change.Key;
import io.tycostream.domain.change.Row;
import io.tycostream.domain.protocol.RowChange;
import io.tycostream.domain.protocol.ServerMessage;
import io.tycostream.domain.protocol.ServerMessage.BatchPart;
import io.tycostream.domain.protocol.ServerMessage.SnapshotPart;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerMessageReaderTest {

  private final ServerMessageReader reader = new ServerMessageReader();

  @Test
  void readsEveryMessage() throws MalformedMessageException {
    assertReads(
        new ServerMessage.Welcome(
            "s",
            Optional.of("r"),
            true,
            Duration.ofSeconds(15),
            Duration.ofMinutes(2),
            "main",
            new ServerMessage.Limits(1, 2, 3, 4)),
        "{'type':'welcome','session':'s','resume':'r','resumed':true,'heartbeatMs':15000,"
            + "'sessionTtlMs':120000,'node':'main','limits':{'maxMessage':1,'maxRequest':2,"
            + "'maxSubscriptions':3,'maxBuffer':4,'more':[1]}}");
    assertReads(
        new ServerMessage.Subscribed(
            "a",
            4,
            "t",
            List.of("id"),
            List.of(new Column("id", "int8")),
            ServerMessage.Start.LIVE,
            Optional.of("p"),
            OptionalLong.of(9)),
        "{'type':'subscribed','ref':'a','feed':4,'source':'t','key':['id'],"
            + "'columns':[{'name':'id','type':'int8','x':{}}],'start':'live','position':'p','seq':9}");
    assertReads(
        new ServerMessage.Progress(4, "p1"), "{'type':'progress','feed':4,'position':'p1'}");
    assertReads(
        new ServerMessage.SourceStatus(
            Optional.of("a"),
            OptionalInt.empty(),
            "reconnecting",
            Instant.parse("2026-11-21T20:45:16.5Z"),
            OptionalInt.of(2),
            Optional.of(Duration.ofMillis(300)),
            Optional.of("gone")),
        "{'type':'source','ref':'a','state':'reconnecting','since':'2026-11-21T20:45:16.5Z',"
            + "'attempt':2,'retryInMs':300,'reason':'gone'}");
    assertReads(
        new ServerMessage.Pressure(3, 10, "warn", 4),
        "{'type':'pressure','buffered':3,'capacity':10,'level':'warn','feed':4}");
    assertReads(
        new ServerMessage.Gap(4, Optional.empty(), "p9", -1, "source-reset", "snapshot"),
        "{'type':'gap','feed':4,'after':null,'upTo':'p9','dropped':-1,'reason':'source-reset',"
            + "'recovery':'snapshot'}");
    assertReads(
        new ServerMessage.Refused(
            Optional.of("a"), OptionalInt.of(4), "duplicate-subscription", "no", false),
        "{'type':'error','ref':'a','feed':4,'code':'duplicate-subscription','message':'no',"
            + "'retryable':false}");
    assertReads(new ServerMessage.Pong(Optional.of("n")), "{'type':'pong','nonce':'n'}");
    assertReads(
        new ServerMessage.Bye(1001, "draining", Optional.of(Duration.ofMillis(7)), true),
        "{'type':'bye','code':1001,'reason':'draining','retryInMs':7,'resumable':true}");
    assertReads(
        new ServerMessage.Unsubscribed("a", OptionalInt.of(4), Optional.of("why")),
        "{'type':'unsubscribed','ref':'a','feed':4,'reason':'why'}");
    assertEquals(
        Optional.empty(),
        read("{'type':'batch','feed':4,'seq':1,'position':'p','changes':[]}"),
        "the feed is forgotten");
  }

  @Test
  void keepsValuesAsTheTextThatWasWritten() throws MalformedMessageException {
    subscribe();
    assertEquals(
        Optional.of(
            new SnapshotPart(
                3,
                0,
                List.of(
                    Row.of("1.50e-3", "{\"a\":[1,2.000,1e400,null],\"b\":\"\\\"\"}"),
                    Row.of("true", null),
                    Row.of("123456789012345678901234567890.10", "é\n"),
                    Row.of("[]", "[\"x\",[1.0]]")),
                true,
                Optional.empty(),
                OptionalLong.empty())),
        read(
            "{'type':'snapshot','feed':3,'part':0,'rows':["
                + "{'id':1.50e-3,'note':{'a' : [1, 2.000, 1e400, null], 'b':'\\\"'}},"
                + "{'id':true,'note':null},"
                + "{'note':'\\u00e9\\n','x':{'y':[1]},'id':123456789012345678901234567890.10},"
                + "{'id':[],'note':['x', [1.0] ]}],'more':true}"));
  }

  @Test
  void fieldsMayComeInAnyOrder() throws MalformedMessageException {
    subscribe();
    BatchPart expected =
        new BatchPart(
            3,
            7,
            "p7",
            List.of(
                new RowChange.Insert(Row.of("1", "a")), new RowChange.Delete(new Key(Row.of("2")))),
            2,
            true,
            1,
            true);
    assertEquals(
        Optional.of(expected),
        read(
            "{'changes':[{'row':{'note':'a','id':1},'op':'insert'},"
                + "{'row':{'id':2},'op':'delete'}],'resync':true,'merged':2,'part':1,'more':true,"
                + "'position':'p7','feed':3,'seq':7,'type':'batch'}"));
  }

  @Test
  void anUpdateWithoutAllColumnsIsOfWhatChanged() throws MalformedMessageException {
    subscribe();
    List<RowChange> changes =
        List.of(
            new RowChange.Patch(Row.of("1", Row.UNCHANGED)),
            new RowChange.Update(Row.of("1", null)));
    assertEquals(
        Optional.of(new BatchPart(3, 1, "p", changes, 1, false, 0, false)),
        read(
            "{'type':'batch','feed':3,'seq':1,'position':'p','changes':["
                + "{'op':'update','row':{'id':1}},{'op':'update','row':{'id':1,'note':null}}]}"));
  }

  @Test
  void skipsWhatItDoesNotKnow() throws MalformedMessageException {
    subscribe();
    assertEquals(Optional.empty(), read("{'type':'new','feed':3,'rows':[1],'columns':7}"));
    assertEquals(Optional.empty(), read("{'type':'new','feed':'x','key':{}}"));
    assertEquals(
        Optional.empty(), read("{'type':'snapshot','feed':99,'part':0,'rows':[{}],'more':true}"));
    assertTrue(read("{'type':'progress','feed':3,'position':'p','new':{'a':[]}}").isPresent());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "7",
        "{'type':'progress','feed':3}",
        "{'type':'progress','feed':3,'position':'p'",
        "{'type':'progress','feed':3,'position':'p'} {}",
        "{'type':'progress','feed':'x','position':'p'}",
        "{'type':'batch','feed':3,'seq':1.5,'position':'p','changes':[]}",
        "{'type':'batch','feed':3,'seq':1,'position':'p'}",
        "{'type':'batch','feed':3,'seq':1,'position':'p','changes':[{'op':'insert'}]}",
        "{'type':'batch','feed':3,'seq':1,'position':'p','changes':[{'op':'x','row':{'id':1}}]}",
        "{'type':'batch','feed':3,'seq':1,'position':'p','changes':[{'op':'update','row':{'note':'a'}}]}",
        "{'type':'batch','feed':3,'seq':1,'position':'p','changes':[{'op':'insert','row':{'id':1}}]}",
        "{'type':'batch','feed':3,'seq':1,'position':'p','changes':[{'op':'delete','row':{}}]}",
        "{'type':'snapshot','feed':3,'part':0,'rows':[1],'more':true}",
        "{'type':'welcome','heartbeatMs':0}",
        "{'type':'source','state':'live','since':'yesterday'}",
        "{'type':'subscribed','ref':'a','feed':4,'source':'t','key':['no'],'columns':[],"
            + "'start':'snapshot'}",
      })
  void saysWhatIsWrong(String text) throws MalformedMessageException {
    subscribe();
    MalformedMessageException e =
        assertThrows(MalformedMessageException.class, () -> read(text), text);
    assertTrue(String.valueOf(e.getMessage()).startsWith("the gateway sent "), e.getMessage());
  }

  private void subscribe() throws MalformedMessageException {
    assertTrue(read(Wire.subscribed()).isPresent());
  }

  private void assertReads(ServerMessage expected, String text) throws MalformedMessageException {
    assertEquals(Optional.of(expected), read(text));
  }

  private Optional<ServerMessage> read(String text) throws MalformedMessageException {
    return reader.read(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }
}
