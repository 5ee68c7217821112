package io.tycostream.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/** How a class is called, made and described. */
final class CodeRules {
  private static final String BANNED_NAME =
      ".*(Manager|Helper|Utils?|Processor|Impl|Dto|DTO|Mapper|Service)";
  private static final String MACHINE_NAME = ".*(State|Event|Effect|Message)";

  private CodeRules() {}

  static ArchRule namesAreTheFieldsNouns(Layout layout) {
    return noClasses()
        .that()
        .resideInAPackage(layout.everything())
        .should()
        .haveNameMatching(BANNED_NAME);
  }

  /** So that a switch over them is complete and a new one breaks the build. */
  static ArchRule machineTypesAreSealed(Layout layout) {
    return classes()
        .that()
        .resideInAPackage(layout.domain())
        .and()
        .haveNameMatching(MACHINE_NAME)
        .and()
        .areNotEnums()
        .and()
        .haveModifier(JavaModifier.ABSTRACT)
        .should(
            new ArchCondition<>("be sealed") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                events.add(
                    new SimpleConditionEvent(
                        type,
                        type.reflect().isSealed(),
                        "Class <%s> is open, not sealed".formatted(type.getFullName())));
              }
            });
  }

  static ArchRule membersOfMachineTypesAreRecords(Layout layout) {
    return classes()
        .that()
        .resideInAPackage(layout.everything())
        .and()
        .haveNameMatching(MACHINE_NAME)
        .should(
            new ArchCondition<>("have records, enums or sealed types as members if sealed") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                Class<?> reflected = type.reflect();
                if (!reflected.isSealed() || reflected.isEnum()) {
                  return;
                }
                for (Class<?> member : reflected.getPermittedSubclasses()) {
                  events.add(
                      new SimpleConditionEvent(
                          type,
                          member.isRecord() || member.isEnum() || member.isSealed(),
                          "Class <%s> permits %s, which is no record"
                              .formatted(type.getFullName(), member.getName())));
                }
              }
            });
  }

  /** The compiler checks nullness with or without it; whoever calls us learns of it only here. */
  static ArchRule packagesAreNullMarked(Layout layout) {
    return classes()
        .that()
        .resideInAPackage(layout.everything())
        .should(
            new ArchCondition<>("be in a package whose package-info.java says @NullMarked") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                events.add(
                    new SimpleConditionEvent(
                        type,
                        type.getPackage().isAnnotatedWith(NullMarked.class),
                        "Class <%s> is in a package without @NullMarked"
                            .formatted(type.getFullName())));
              }
            });
  }

  /** A test awaits a condition, with a deadline. */
  static ArchRule testsDoNotSleep(Layout layout) {
    return noClasses()
        .that()
        .resideInAPackage(layout.everything())
        .should()
        .callMethod(Thread.class, "sleep", long.class)
        .orShould()
        .callMethod(Thread.class, "sleep", long.class, int.class)
        .orShould()
        .callMethod(Thread.class, "sleep", Duration.class)
        .orShould()
        .callMethod(TimeUnit.class, "sleep", long.class);
  }
}
