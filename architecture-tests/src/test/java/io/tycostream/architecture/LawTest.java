package io.tycostream.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LawTest {
  private static final JavaClasses SHIPPED = ProjectClasses.shipped();
  private static final JavaClasses TESTS = ProjectClasses.tests();
  private static final JavaClasses FIXTURES = ProjectClasses.fixtures();

  /**
   * ArchUnit begins each line of a complaint with the offender, {@code Method <a.b.C.d()> calls …},
   * behind a dash where it lists what makes up a cycle.
   */
  private static final Pattern OFFENDER = Pattern.compile("(?m)^[\\s-]*\\w+ <([\\w.$]+)");

  @ParameterizedTest
  @EnumSource(Law.class)
  void holds(Law law) {
    JavaClasses classes = law == Law.TESTS_DO_NOT_SLEEP ? TESTS : SHIPPED;
    EvaluationResult result = law.heldAgainst(classes, Layout.PROJECT);
    assertEquals(List.of(), result.getFailureReport().getDetails(), law::name);
  }

  @ParameterizedTest
  @EnumSource(Law.class)
  void isBrokenByItsFixturesAndByNoOther(Law law) {
    EvaluationResult result = law.heldAgainst(FIXTURES, Layout.FIXTURES);
    Set<String> offenders =
        result.getFailureReport().getDetails().stream()
            .flatMap(complaint -> OFFENDER.matcher(complaint).results())
            .map(match -> fixtureOf(match.group(1)))
            .collect(Collectors.toCollection(TreeSet::new));
    assertFalse(law.breakers().isEmpty(), "no fixture shows that the law can be broken");
    assertEquals(new TreeSet<>(law.breakers()), offenders, result.getFailureReport()::toString);
  }

  /** The class that {@code name}, its own or that of one of its members, belongs to. */
  private static String fixtureOf(String name) {
    return FIXTURES.stream()
        .map(JavaClass::getFullName)
        .filter(type -> name.equals(type) || name.startsWith(type + "."))
        .max(Comparator.comparingInt(String::length))
        .orElseThrow(() -> new AssertionError("no fixture is called " + name));
  }
}
