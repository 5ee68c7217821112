package io.tycostream.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The sources are as google-java-format writes them. Checked here and not by a Maven plugin,
 * because the formatter needs the JDK that the sources are compiled with, and Maven may run on an
 * older one.
 */
class FormattingTest {
  private final Formatter formatter = new Formatter();

  @Test
  void sourcesOfAllModulesAreFormatted() throws IOException {
    List<Path> unformatted = new ArrayList<>();
    for (Path module : ProjectClasses.modules()) {
      Path sources = module.resolve("src");
      if (Files.notExists(sources)) {
        continue;
      }
      try (Stream<Path> files = Files.walk(sources)) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .filter(file -> !isFormatted(file))
            .map(ProjectClasses.CHECKOUT::relativize)
            .forEach(unformatted::add);
      }
    }
    assertEquals(
        List.of(), unformatted, "run `mvn spotless:apply` with JAVA_HOME at a JDK 21 or newer");
  }

  private boolean isFormatted(Path file) {
    try {
      String source = Files.readString(file);
      return formatter.formatSourceAndFixImports(source).equals(source);
    } catch (FormatterException e) {
      throw new IllegalStateException("Cannot format " + file, e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }
}
