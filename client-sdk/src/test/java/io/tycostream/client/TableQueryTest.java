package io.tycostream.client;

import static io.tycostream.client.Where.column;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class TableQueryTest {

  private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");
  private static final UUID ID = new UUID(1, 2);

  private static void assertAsks(String more, TableQuery query) {
    String expected = "{'type':'subscribe','ref':'r','source':'t'" + more + "}";
    assertEquals(expected.replace('\'', '"'), ClientMessageWriter.write(query.subscribe("r")));
  }

  private static void assertWhere(String where, Where condition) {
    assertAsks(",'where':" + where, TableQuery.of("t").where(condition));
  }

  @Test
  void asksForAllUnlessToldOtherwise() {
    assertAsks("", TableQuery.of("t"));
    assertAsks(",'columns':['a','b']", TableQuery.of("t").columns("b", "a"));
    assertAsks(",'buffer':{'dropPolicy':'conflate'}", TableQuery.of("t").conflated());
    assertAsks(",'maxRate':0.5,'priority':9", TableQuery.of("t").priority(9).maxRate(0.5));
  }

  @Test
  void asksForEveryBuffer() {
    assertBuffer("'dropPolicy':'drop-oldest'", ClientBuffer.dropOldest());
    assertBuffer("'dropPolicy':'drop-newest'", ClientBuffer.dropNewest());
    assertBuffer("'dropPolicy':'conflate'", ClientBuffer.conflate());
    assertBuffer("'dropPolicy':'by-priority'", ClientBuffer.byPriority());
    assertBuffer(
        "'dropPolicy':'by-age','maxAgeMs':2500", ClientBuffer.byAge(Duration.ofMillis(2_500)));
    assertBuffer("'dropPolicy':'sample','sample':10", ClientBuffer.sample(10));
    assertBuffer(
        "'maxSize':500,'dropPolicy':'drop-oldest'", ClientBuffer.dropOldest().maxSize(500));
    assertBuffer(
        "'maxSize':'auto','dropPolicy':'sample','sample':2",
        ClientBuffer.sample(2).maxSize(1).asLargeAsTheHistory());
  }

  @Test
  void refusesWhatIsNoBuffer() {
    assertThrows(IllegalArgumentException.class, () -> ClientBuffer.byAge(Duration.ofNanos(1)));
    assertThrows(IllegalArgumentException.class, () -> ClientBuffer.sample(0));
    assertThrows(IllegalArgumentException.class, () -> ClientBuffer.dropOldest().maxSize(0));
  }

  private static void assertBuffer(String buffer, ClientBuffer wanted) {
    assertAsks(",'buffer':{" + buffer + "}", TableQuery.of("t").buffer(wanted));
  }

  @Test
  void eachMethodGivesAnotherOne() {
    TableQuery all = TableQuery.of("t");
    TableQuery some = all.where(column("a").is(1)).columns("a").conflated().maxRate(1).priority(1);
    assertAsks("", all);
    assertEquals("t", some.source());
    assertAsks(
        ",'where':{'a':{'_eq':1}},'columns':['a'],'buffer':{'dropPolicy':'conflate'},"
            + "'maxRate':1.0,'priority':1",
        some);
  }

  @Test
  void writesEveryCondition() {
    assertWhere("{'a':{'_eq':'x'}}", column("a").is("x"));
    assertWhere("{'a':{'_neq':true}}", column("a").isNot(true));
    assertWhere("{'a':{'_gt':1}}", column("a").isAbove(1));
    assertWhere("{'a':{'_gte':2.5}}", column("a").isAtLeast(2.5));
    assertWhere("{'a':{'_lt':9007199254740993}}", column("a").isBelow(9_007_199_254_740_993L));
    assertWhere("{'a':{'_lte':1000}}", column("a").isAtMost(new BigDecimal("1E+3")));
    assertWhere("{'a':{'_in':[1,'b']}}", column("a").isIn(1, "b"));
    assertWhere("{'a':{'_nin':[]}}", column("a").isNotIn());
    assertWhere("{'a':{'_is_null':true}}", column("a").isNull());
    assertWhere("{'a':{'_lt':'2026-11-26T12:00:00Z'}}", column("a").isBelow(NOON));
    assertWhere("{'a':{'_eq':'2026-11-26'}}", column("a").is(LocalDate.of(2026, 11, 26)));
    assertWhere("{'a':{'_eq':'HALF_UP'}}", column("a").is(RoundingMode.HALF_UP));
    assertWhere("{'a':{'_eq':'00000000-0000-0001-0000-000000000002'}}", column("a").is(ID));
    assertWhere("{'a':{'_is_null':false}}", column("a").isNotNull());
    assertWhere("{'a':{'_like':'x%'}}", column("a").isLike("x%"));
    assertWhere("{'a':{'_ilike':'x_'}}", column("a").isLikeIgnoringCase("x_"));
    assertWhere(
        "{'_and':[{'_or':[{'a':{'_eq':1}}]},{'_not':{'b':{'_eq':2}}}]}",
        Where.all(Where.any(column("a").is(1)), Where.not(column("b").is(2))));
  }

  @Test
  void refusesWhatNoGatewayWouldTake() {
    TableQuery all = TableQuery.of("t");
    Class<IllegalArgumentException> refused = IllegalArgumentException.class;
    assertThrows(refused, () -> all.maxRate(0));
    assertThrows(refused, () -> all.maxRate(Double.NaN));
    assertThrows(refused, () -> all.maxRate(Double.POSITIVE_INFINITY));
    assertThrows(refused, () -> all.priority(0));
    assertThrows(refused, () -> all.priority(10));
    assertThrows(refused, () -> column("a").is(Double.NaN));
    assertThrows(refused, () -> column("a").is(new Object()));
  }
}
