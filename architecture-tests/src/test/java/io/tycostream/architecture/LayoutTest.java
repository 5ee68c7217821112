package io.tycostream.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A rule about an empty package passes silently, so none of them may be empty. */
class LayoutTest {
  private static final JavaClasses SHIPPED = ProjectClasses.shipped();

  static List<String> parts() {
    return Layout.PROJECT.parts();
  }

  @ParameterizedTest
  @MethodSource("parts")
  void everyPartHoldsClasses(String part) {
    assertTrue(
        SHIPPED.stream()
            .filter(type -> !type.getSimpleName().equals("package-info"))
            .anyMatch(resideInAPackage(part)),
        () -> part + " holds no class: has it moved? Then Layout has to follow");
  }

  @Test
  void everyClassBelongsToAPart() {
    List<String> strangers =
        SHIPPED.stream()
            .filter(type -> parts().stream().noneMatch(part -> resideInAPackage(part).test(type)))
            .map(JavaClass::getFullName)
            .toList();
    assertTrue(strangers.isEmpty(), () -> "in no part that the laws speak about: " + strangers);
  }

  @Test
  void testsOfThisModuleAreFound() {
    assertFalse(ProjectClasses.tests().isEmpty());
  }
}
