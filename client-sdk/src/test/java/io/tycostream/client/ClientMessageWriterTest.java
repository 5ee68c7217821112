package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.tycostream.domain.feed.Filter;
import io.tycostream.domain.feed.Literal;
import io.tycostream.domain.log.Buffer;
import io.tycostream.domain.log.DropPolicy;
import io.tycostream.domain.protocol.ClientMessage;
import io.tycostream.domain.protocol.ClientMessage.BufferRequest;
import io.tycostream.domain.protocol.ClientMessage.OnGap;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ClientMessageWriterTest {

  @Test
  void writesEveryMessage() {
    assertWrites(
        "{'type':'hello'}",
        new ClientMessage.Hello(
            Optional.empty(), Optional.empty(), Optional.empty(), Map.of(), false));
    assertWrites(
        "{'type':'hello','token':'t','client':'c','resume':'r','positions':{'a':'p'},'acks':true}",
        new ClientMessage.Hello(
            Optional.of("t"), Optional.of("c"), Optional.of("r"), Map.of("a", "p"), true));
    assertWrites(
        "{'type':'subscribe','ref':'a','source':'s'}",
        new ClientMessage.Subscribe("a", "s", Optional.empty()));
    assertWrites(
        "{'type':'subscribe','ref':'a','source':'s','after':'p'}",
        new ClientMessage.Subscribe("a", "s", Optional.of("p")));
    assertWrites(
        "{'type':'unsubscribe','ref':'a'}",
        new ClientMessage.Unsubscribe(Optional.of("a"), OptionalInt.empty()));
    assertWrites(
        "{'type':'unsubscribe','feed':4}",
        new ClientMessage.Unsubscribe(Optional.empty(), OptionalInt.of(4)));
    assertWrites("{'type':'ack','feed':4,'position':'p'}", new ClientMessage.Ack(4, "p"));
    assertWrites("{'type':'ping','nonce':'n'}", new ClientMessage.Ping(Optional.of("n")));
  }

  @Test
  void writesWhatDiffersFromTheDefaults() {
    assertWrites(
        "{'type':'hello','buffer':{'maxSize':'auto','dropPolicy':'by-priority'}}",
        new ClientMessage.Hello(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Map.of(),
            false,
            Optional.of(
                new BufferRequest(
                    OptionalLong.of(Buffer.AUTO),
                    Optional.of(DropPolicy.BY_PRIORITY),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    Optional.empty(),
                    OptionalInt.empty()))));
    assertWrites(
        "{'type':'subscribe','ref':'a','source':'s','where':{'qty':{'_gt':1.50}},"
            + "'columns':['note','qty'],'after':'p','snapshot':false,'onGap':'continue',"
            + "'delta':true,'buffer':{'maxSize':9,'dropPolicy':'sample','warnThreshold':0.5,"
            + "'disconnectThreshold':0.75,'maxAgeMs':1500,'sample':3},'maxRate':2.5,'priority':9}",
        new ClientMessage.Subscribe(
            "a",
            "s",
            new Filter.Compared("qty", Filter.Comparison.GT, new Literal.Number("1.50")),
            Optional.of(Set.of("qty", "note")),
            Optional.of("p"),
            false,
            OnGap.CONTINUE,
            true,
            Optional.of(
                new BufferRequest(
                    OptionalLong.of(9),
                    Optional.of(DropPolicy.SAMPLE),
                    OptionalDouble.of(0.5),
                    OptionalDouble.of(0.75),
                    Optional.of(Duration.ofMillis(1_500)),
                    OptionalInt.of(3))),
            OptionalDouble.of(2.5),
            9));
    assertWrites(
        "{'type':'subscribe','ref':'a','source':'s','columns':[],'buffer':{}}",
        new ClientMessage.Subscribe(
            "a",
            "s",
            Filter.EVERYTHING,
            Optional.of(Set.of()),
            Optional.empty(),
            true,
            OnGap.SNAPSHOT,
            false,
            Optional.of(
                new BufferRequest(
                    OptionalLong.empty(),
                    Optional.empty(),
                    OptionalDouble.empty(),
                    OptionalDouble.empty(),
                    Optional.empty(),
                    OptionalInt.empty())),
            OptionalDouble.empty(),
            ClientMessage.Subscribe.DEFAULT_PRIORITY));
  }

  @Test
  void writesEveryCondition() {
    Filter like = new Filter.Like("s", "a%\"", false);
    Literal text = new Literal.Text("buy");
    assertFilter("{'_and':[{'s':{'_like':'a%\\\''}}]}", new Filter.And(List.of(like)));
    assertFilter(
        "{'_or':[{'s':{'_ilike':'x'}},{'s':{'_is_null':false}}]}",
        new Filter.Or(List.of(new Filter.Like("s", "x", true), new Filter.IsNull("s", false))));
    assertFilter(
        "{'_not':{'s':{'_in':['buy',7,true]}}}",
        new Filter.Not(
            new Filter.OneOf(
                "s", List.of(text, new Literal.Number("7"), new Literal.Truth(true)), false)));
    assertFilter("{'s':{'_nin':[]}}", new Filter.OneOf("s", List.of(), true));
    assertFilter("{'_or':[]}", new Filter.Or(List.of()));
    for (Filter.Comparison comparison : Filter.Comparison.values()) {
      String operator =
          switch (comparison) {
            case EQ -> "_eq";
            case NEQ -> "_neq";
            case GT -> "_gt";
            case GTE -> "_gte";
            case LT -> "_lt";
            case LTE -> "_lte";
          };
      assertFilter(
          "{'side':{'" + operator + "':'buy'}}", new Filter.Compared("side", comparison, text));
    }
  }

  private static void assertFilter(String expected, Filter where) {
    assertWrites(
        "{'type':'subscribe','ref':'a','source':'s','where':" + expected + "}",
        new ClientMessage.Subscribe(
            "a",
            "s",
            where,
            Optional.empty(),
            Optional.empty(),
            true,
            OnGap.SNAPSHOT,
            false,
            Optional.empty(),
            OptionalDouble.empty(),
            ClientMessage.Subscribe.DEFAULT_PRIORITY));
  }

  private static void assertWrites(String expected, ClientMessage message) {
    assertEquals(expected.replace('\'', '"'), ClientMessageWriter.write(message));
  }
}
