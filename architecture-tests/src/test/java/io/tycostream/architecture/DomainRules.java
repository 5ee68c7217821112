package io.tycostream.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The domain decides and does nothing else: it stands on a part of the JDK, and time, chance,
 * threads and the outside world come to it as arguments or not at all.
 */
final class DomainRules {
  private static final String[] ALLOWED_PACKAGES = {
    "java.lang",
    "java.lang.invoke",
    "java.lang.runtime",
    "java.math",
    "java.nio.charset",
    "java.time",
    "java.time.temporal",
    "java.util",
    "java.util.function",
    "java.util.regex",
    "java.util.stream",
    "org.jspecify.annotations",
  };

  /** The digest of a definition is the one thing that the domain takes from these packages. */
  private static final Set<String> ALLOWED_CLASSES =
      Set.of("java.security.MessageDigest", "java.security.NoSuchAlgorithmException");

  private static final Set<String> CLOCKS =
      Set.of("java.time.Clock", "java.time.InstantSource", "java.util.Calendar", "java.util.Date");

  private static final Set<String> DICE = Set.of("java.util.Random", "java.util.SplittableRandom");

  private static final Set<String> THREADS =
      Set.of(
          "java.lang.InheritableThreadLocal",
          "java.lang.Thread",
          "java.lang.Thread$Builder",
          "java.lang.ThreadGroup",
          "java.lang.ThreadLocal",
          "java.util.Timer",
          "java.util.TimerTask");

  private static final Set<String> OUTSIDE =
      Set.of(
          "java.lang.ClassLoader",
          "java.lang.Process",
          "java.lang.ProcessBuilder",
          "java.lang.ProcessHandle",
          "java.lang.Runtime",
          "java.lang.System$Logger",
          "java.util.ResourceBundle",
          "java.util.Scanner",
          "java.util.ServiceLoader");

  /** What remains of {@code java.lang.System}; its clocks are a matter of their own rule. */
  private static final Set<String> PURE_SYSTEM =
      Set.of("arraycopy", "identityHashCode", "currentTimeMillis", "nanoTime");

  private DomainRules() {}

  static ArchRule standsOnTheJdkAlone(Layout layout) {
    return classes()
        .that()
        .resideInAPackage(layout.domain())
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(ALLOWED_PACKAGES)
                .or(resideInAnyPackage(layout.domain()))
                .or(named(ALLOWED_CLASSES))
                .as("are the domain's own or of the allowed part of the JDK"));
  }

  static ArchRule asksNoClock(Layout layout) {
    return noClasses()
        .that()
        .resideInAPackage(layout.domain())
        .should()
        .dependOnClassesThat(named(CLOCKS))
        .orShould()
        .accessTargetWhere(
            accessTo(
                "the current time",
                target ->
                    (target.getOwner().getPackageName().startsWith("java.time")
                            && target.getName().equals("now"))
                        || is(target, "java.lang.System", "nanoTime", "currentTimeMillis")))
        .because("now is an argument");
  }

  static ArchRule throwsNoDice(Layout layout) {
    return noClasses()
        .that()
        .resideInAPackage(layout.domain())
        .should()
        .dependOnClassesThat(named(DICE))
        .orShould()
        .accessTargetWhere(
            accessTo(
                "randomness",
                target ->
                    is(target, "java.lang.Math", "random")
                        || is(target, "java.lang.StrictMath", "random")
                        || is(target, "java.util.UUID", "randomUUID")
                        || is(target, "java.util.Collections", "shuffle")))
        .because("chance is an argument");
  }

  static ArchRule hasNoThreads(Layout layout) {
    return noClasses()
        .that()
        .resideInAPackage(layout.domain())
        .should()
        .dependOnClassesThat(named(THREADS))
        .orShould()
        .accessTargetWhere(
            accessTo(
                "monitors and parallel streams",
                target ->
                    is(target, "java.lang.Object", "wait", "notify", "notifyAll")
                        || Set.of("parallel", "parallelStream").contains(target.getName())))
        .orShould(haveASynchronizedMethodOrBlock())
        .because("every structure has one owner");
  }

  static ArchRule touchesNothingOutside(Layout layout) {
    return noClasses()
        .that()
        .resideInAPackage(layout.domain())
        .should()
        .dependOnClassesThat(named(OUTSIDE))
        .orShould()
        .accessTargetWhere(
            accessTo(
                "the process and its console",
                target ->
                    (target.getOwner().getFullName().equals("java.lang.System")
                            && !PURE_SYSTEM.contains(target.getName()))
                        || target.getName().equals("printStackTrace")))
        .because("what acts is a shell around the domain");
  }

  static ArchRule hasNoCycles(Layout layout) {
    return slices().matching(layout.domainSlices()).should().beFreeOfCycles();
  }

  /** The one class whose writer and readers exclude each other: docs/adr/0003. */
  private static final String SHARED_WITH_READERS = "io.tycostream.domain.source.Source";

  private static ArchCondition<JavaClass> haveASynchronizedMethodOrBlock() {
    return new ArchCondition<>("have a synchronized method or block") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        if (type.getFullName().equals(SHARED_WITH_READERS)) {
          return;
        }
        for (String method : Monitors.enteredBy(type)) {
          events.add(
              SimpleConditionEvent.satisfied(
                  type, "Class <" + type.getFullName() + "> enters a monitor in " + method));
        }
        for (JavaMethod method : type.getMethods()) {
          if (method.getModifiers().contains(JavaModifier.SYNCHRONIZED)) {
            events.add(
                SimpleConditionEvent.satisfied(
                    method, method.getDescription() + " is synchronized"));
          }
        }
      }
    };
  }

  private static DescribedPredicate<JavaClass> named(Set<String> names) {
    return describe(
        "are one of " + names.stream().sorted().toList(),
        type -> names.contains(type.getBaseComponentType().getFullName()));
  }

  private static DescribedPredicate<JavaAccess<?>> accessTo(
      String description, Predicate<AccessTarget> targets) {
    return describe(description, access -> targets.test(access.getTarget()));
  }

  private static boolean is(AccessTarget target, String owner, String... names) {
    return target.getOwner().getFullName().equals(owner)
        && Arrays.asList(names).contains(target.getName());
  }
}
