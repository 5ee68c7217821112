package io.tycostream.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The class files of the project: shipped ones, those of tests, and the fixtures. */
final class ProjectClasses {
  /** Surefire runs in the folder of this module. */
  static final Path CHECKOUT = Path.of("").toAbsolutePath().getParent();

  private ProjectClasses() {}

  static JavaClasses shipped() {
    return new ClassFileImporter()
        .withImportOption(new ImportOption.DoNotIncludeTests())
        .importPackages(Layout.PROJECT.root());
  }

  /** Tests of all modules that are built before this one, and its own. */
  static JavaClasses tests() {
    List<Path> folders =
        modules().stream()
            .map(module -> module.resolve("target/test-classes"))
            .filter(Files::isDirectory)
            .toList();
    return new ClassFileImporter()
        .importPaths(folders)
        .that(
            DescribedPredicate.not(
                JavaClass.Predicates.resideInAPackage(Layout.FIXTURES.everything())));
  }

  static JavaClasses fixtures() {
    return new ClassFileImporter().importPackages(Layout.FIXTURES.root());
  }

  static List<Path> modules() {
    try (var folders = Files.list(CHECKOUT)) {
      return folders.filter(folder -> Files.exists(folder.resolve("pom.xml"))).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot list the modules in " + CHECKOUT, e);
    }
  }
}
