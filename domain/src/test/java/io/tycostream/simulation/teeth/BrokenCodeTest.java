package io.tycostream.simulation.teeth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The harness itself, on a file and a story that are as small as can be. */
final class BrokenCodeTest {

  private static final String FILE = "io/tycostream/simulation/teeth/Sum.java";
  private static final Trial TRIAL = new Trial(SumTrial.class.getName(), "violation");

  @TempDir private Path sources;

  @BeforeEach
  void writeTheSource() throws IOException {
    Path file = sources.resolve(FILE);
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        """
        package io.tycostream.simulation.teeth;

        final class Sum {
          static long of(
              long a, long b) {
            long carried = new Object() {
              long all() {
                return a + b;
              }
            }.all();
            return carried;
          }
        }
        """);
  }

  private Bug bug(String original, String broken) {
    return new Bug("TRIED", "nothing that counts", FILE, original, broken);
  }

  private Optional<Trial.Caught> caught(Bug bug, long seeds) {
    return TRIAL.firstCaught(BrokenCode.compile(sources, bug), LongStream.rangeClosed(1, seeds));
  }

  @Test
  void aBugIsCaughtOnTheFirstSeedThatShowsIt() {
    assertEquals(
        Optional.of(new Trial.Caught(3, "3 + 1 is 5")),
        caught(bug("a + b", "a < 3 ? a + b : a + b + 1"), 10));
    assertEquals(Optional.empty(), caught(bug("a + b", "a < 3 ? a + b : a + b + 1"), 2));
  }

  @Test
  void aChangeThatBreaksNothingIsNotCaught() {
    assertEquals(Optional.empty(), caught(bug("a + b", "b + a"), 10));
  }

  @Test
  void anExceptionIsCaughtAsWell() {
    assertEquals(
        Optional.of(new Trial.Caught(1, "java.lang.IllegalStateException: broken")),
        caught(bug("return carried;", "throw new IllegalStateException(\"broken\");"), 10));
    assertEquals(
        Optional.of(new Trial.Caught(1, "java.lang.AssertionError: 2")),
        caught(bug("return carried;", "throw new AssertionError(carried);"), 10));
  }

  @Test
  void anErrorOfTheMachineIsNoCatch() {
    Bug bug = bug("return carried;", "throw new NoSuchMethodError(\"gone\");");
    assertThrows(NoSuchMethodError.class, () -> caught(bug, 1));
  }

  @Test
  void theLayoutOfTheOriginalDoesNotMatter() {
    assertTrue(
        caught(bug("of(long a,long b){", "of(long a, long c) { long b = c * 2;"), 1).isPresent());
  }

  @Test
  void aBugWhosePlaceIsGoneIsOutOfDate() {
    assertSays("does not hold", bug("a - b", "a + b"));
    assertSays("does not hold", bug("longa", "int a"));
    assertSays("more than once", bug("carried", "0"));
    assertSays("is not there", new Bug("TRIED", "nothing", "io/tycostream/Gone.java", "a", "b"));
  }

  private void assertSays(String why, Bug bug) {
    Bug.OutOfDateException refusal =
        assertThrows(Bug.OutOfDateException.class, () -> BrokenCode.compile(sources, bug));
    assertTrue(refusal.getMessage().startsWith("the bug TRIED is out of date: " + bug.file()));
    assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
  }

  @Test
  void aBugThatDoesNotCompileSaysWhy() {
    Bug bug = bug("return carried;", "return uncarried;");
    String message =
        assertThrows(IllegalArgumentException.class, () -> BrokenCode.compile(sources, bug))
            .getMessage();
    assertTrue(message.contains("TRIED") && message.contains("uncarried"), message);
  }

  @Test
  void allClassesOfTheFileAreBroken() {
    assertEquals(
        Set.of("io.tycostream.simulation.teeth.Sum", "io.tycostream.simulation.teeth.Sum$1"),
        BrokenCode.compile(sources, bug("a + b", "a")).keySet());
  }

  @Test
  void theRealClassesStayAsTheyAre() throws ClassNotFoundException {
    Map<String, byte[]> broken = BrokenCode.compile(sources, bug("a + b", "a"));
    BrokenClasses classes = new BrokenClasses(broken);
    Class<?> copy = classes.loadClass(SumTrial.class.getName());
    assertNotEquals(SumTrial.class, copy);
    assertEquals(copy, classes.loadClass(SumTrial.class.getName()));
    assertEquals(String.class, classes.loadClass("java.lang.String"));
    assertThrows(ClassNotFoundException.class, () -> classes.loadClass("io.tycostream.Gone"));
    assertTrue(caught(bug("a + b", "a"), 1).isPresent());
    assertEquals(Optional.empty(), SumTrial.violation(1));
  }

  @Test
  void aTrialThatIsNotThereSaysSo() {
    for (Trial trial :
        new Trial[] {
          new Trial("io.tycostream.Gone", "violation"),
          new Trial(SumTrial.class.getName(), "gone"),
          new Trial(SumTrial.class.getName(), "notStatic"),
          new Trial(SumTrial.class.getName(), "notOptional")
        }) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> trial.firstCaught(Map.of(), LongStream.of(1)))
              .getMessage();
      assertTrue(message.contains(trial.method()), message);
    }
  }
}
