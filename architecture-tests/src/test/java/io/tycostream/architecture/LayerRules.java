package io.tycostream.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;
import java.util.TreeSet;

/** Who may know whom, and which library is known where. */
final class LayerRules {
  private static final String HELIDON_POOL = "io.helidon.dbclient.jdbc..";
  private static final String[] HELIDON_CONFIG = {
    "io.helidon.config..", "io.helidon.common.config.."
  };

  private LayerRules() {}

  static ArchRule adaptersKnowTheDomainOnly(Layout layout) {
    return noClasses()
        .that()
        .resideInAPackage(layout.adapters())
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(layout.app(), layout.client());
  }

  static ArchRule adaptersDoNotKnowEachOther(Layout layout) {
    return slices().matching(layout.adapterSlices()).should().notDependOnEachOther();
  }

  static ArchRule clientStandsOnDomainJacksonCoreAndJdk(Layout layout) {
    return classes()
        .that()
        .resideInAPackage(layout.client())
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                layout.client(),
                layout.domain(),
                "com.fasterxml.jackson.core..",
                "io.micrometer.core..",
                "java..",
                "javax.net..",
                "javax.security..",
                "org.jspecify.annotations"));
  }

  /** Beside the package that is there to bind it: programs may do without. */
  static ArchRule micrometerStaysInItsBinding(Layout layout) {
    return noClasses()
        .that()
        .resideInAPackage(layout.everything())
        .and()
        .resideOutsideOfPackage(layout.micrometer())
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.micrometer..", layout.micrometer());
  }

  static ArchRule helidonStaysInTheShells(Layout layout) {
    return noClasses()
        .that()
        .resideInAPackage(layout.everything())
        .and()
        .resideOutsideOfPackages(layout.databases(), layout.webSocket(), layout.app())
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.helidon..");
  }

  static ArchRule sqlStaysWithTheDatabases(Layout layout) {
    return noClasses()
        .that()
        .resideInAPackage(layout.everything())
        .and()
        .resideOutsideOfPackages(layout.databases(), layout.demo())
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..");
  }

  /** Nested classes count as one with the class around them. */
  static ArchRule configurationIsReadInOneClass(Layout layout) {
    return classes()
        .that()
        .resideInAPackage(layout.everything())
        .should(
            new ArchCondition<>("know Helidon Config only if no other class does") {
              private final Set<String> readers = new TreeSet<>();

              @Override
              public void check(JavaClass type, ConditionEvents events) {
                // DbClient's pool takes its settings in no other form than as a Config.
                if (dependsOn(type, HELIDON_CONFIG) && !dependsOn(type, HELIDON_POOL)) {
                  readers.add(outermost(type).getFullName());
                }
              }

              @Override
              public void finish(ConditionEvents events) {
                if (readers.size() > 1) {
                  for (String reader : readers) {
                    events.add(
                        SimpleConditionEvent.violated(
                            reader,
                            "Class <%s> is one of %d that read Helidon Config"
                                .formatted(reader, readers.size())));
                  }
                }
              }
            });
  }

  private static boolean dependsOn(JavaClass type, String... packages) {
    return type.getDirectDependenciesFromSelf().stream()
        .anyMatch(dependency -> resideInAnyPackage(packages).test(dependency.getTargetClass()));
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(LayerRules::outermost).orElse(type);
  }
}
