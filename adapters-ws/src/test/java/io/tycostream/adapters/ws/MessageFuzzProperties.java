package io.tycostream.adapters.ws;

import io.tycostream.adapters.ws.DocumentedDialogue.Step;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeContainer;

/**
 * Messages of every type with fields of every kind, before and after {@code hello}: each is
 * answered as the documents say, by {@link DocumentedDialogue}, and at the end a {@code ping} is.
 */
class MessageFuzzProperties {

  private static FuzzedGateway gateway;

  @BeforeContainer
  static void start() {
    gateway = new FuzzedGateway();
  }

  @AfterContainer
  static void stop() {
    gateway.close();
  }

  @AfterProperty
  void nothingIsLeft() {
    gateway.check();
  }

  @Property(tries = 500, seed = "3")
  void everyMessageIsAnsweredAsItShouldBe(@ForAll("dialogues") List<Step> steps) {
    perform(steps);
  }

  @Property(tries = 5_000, seed = "1003")
  @Tag("long")
  @AddLifecycleHook(ProofLine.class)
  void everyMessageIsAnsweredAsItShouldBeForLong(@ForAll("dialogues") List<Step> steps) {
    perform(steps);
  }

  @Provide
  Arbitrary<List<Step>> dialogues() {
    Step hello = new Step.Say(new FuzzedMessage("\"hello\"", List.of()));
    return Combinators.combine(
            Arbitraries.frequency(Tuple.of(9, true), Tuple.of(1, false)),
            steps().list().ofMinSize(1).ofMaxSize(12))
        .as((greets, steps) -> {
          ArrayList<Step> all = new ArrayList<>(steps);
          if (greets) {
            all.addFirst(hello);
          }
          return List.copyOf(all);
        });
  }

  private static Arbitrary<Step> steps() {
    return Arbitraries.frequencyOf(
        Tuple.of(60, FuzzedMessage.any().map(Step.Say::new)),
        Tuple.of(6, Arbitraries.integers().between(1, 7).map(Step.Change::new)),
        Tuple.of(2, garbage()));
  }

  /** What is no message at all. */
  private static Arbitrary<Step> garbage() {
    Arbitrary<String> cut =
        Combinators.combine(FuzzedMessage.any(), Arbitraries.integers().between(0, 9_999))
            .as((message, at) -> {
              String whole = message.text(1, "p");
              return whole.substring(0, (int) ((long) at * whole.length() / 10_000));
            });
    Arbitrary<String> texts =
        Arbitraries.of(
            "[]",
            "null",
            "nul",
            "{}",
            "{\"type\":null}",
            "{\"type\":[\"ping\"]}",
            "\uFEFF{}",
            "{\"type\":\"ping\"} {}",
            "{\"type\":\"ping\",}",
            "{'type':'ping'}",
            "{type:\"ping\"}",
            "{\"type\":\"ping\",\"x\":NaN}",
            "{\"type\":\"ping\",\"x\":01}",
            "{\"type\":\"ping\",\"x\":\"\u0001\"}",
            "{\"type\":\"ping\",\"x\":" + "[".repeat(1_001) + "]".repeat(1_001) + "}",
            "{\"type\":\"ping\",\"x\":" + "9".repeat(1_001) + "}",
            "{\"type\":\"ping\",\"x\":1e99999999999}");
    return Arbitraries.oneOf(
        texts.map(Step.Garbage::new),
        cut.map(Step.Garbage::new),
        Arbitraries.of("{\"type\":\"ping\"}").map(Step.Binary::new));
  }

  private static void perform(List<Step> steps) {
    try (RawClient client = gateway.client()) {
      DocumentedDialogue dialogue = new DocumentedDialogue(client, gateway.things());
      for (Step each : steps) {
        if (dialogue.goesOn()) {
          dialogue.take(each);
        }
      }
      dialogue.end();
    }
  }
}
