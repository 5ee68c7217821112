package io.tycostream.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The Java in the documents compiles: each {@code java} block of the project's Markdown and each
 * {@code <pre>{@code …}</pre>} of the client's Javadoc, that of its gateway for tests included.
 *
 * <p>A block is members of a class, statements, or one expression, below its imports, or a whole
 * file with its package. It has the imports that {@link #IMPORTS} lists, and what {@link #SETTING}
 * declares, so that it need not say again what the text around it has said. What cannot compile has
 * a line {@code <!-- not compiled: why -->} above it.
 */
final class DocumentationTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Set<String> NOT_OURS = Set.of("target", "node_modules", ".git");
  private static final Pattern NOT_COMPILED = Pattern.compile("<!-- not compiled: \\S.*-->");
  private static final Pattern IMPORT = Pattern.compile("\\s*import [\\w.* ]+;\\s*(//.*)?|\\s*");
  private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

  /** Of all, so that the libraries are opened once. */
  private static final StandardJavaFileManager FILES =
      COMPILER.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8);

  private static final String IMPORTS =
      """
      import static org.junit.jupiter.api.Assertions.*;
      import io.micrometer.core.instrument.MeterRegistry;
      import io.tycostream.client.*;
      import io.tycostream.client.micrometer.*;
      import io.tycostream.client.testing.*;
      import java.math.*;
      import java.nio.file.*;
      import java.time.*;
      import java.util.*;
      import java.util.concurrent.*;
      import java.util.function.*;
      import org.junit.jupiter.api.Test;
      """;

  private static final String SETTING =
      """
      record Trade(
          long id,
          String symbol,
          String side,
          BigDecimal price,
          int quantity,
          Instant executedAt) {}
      TycostreamClient client;
      SubscriptionListener listener;
      MeterRegistry registry;
      TestGateway gateway;
      TestSource trades;
      """;

  /**
   * Java in a document.
   *
   * @param line of the file where its first line is, from 1
   */
  record Block(Path file, int line, List<String> lines) {
    @Override
    public String toString() {
      return ROOT.relativize(file) + ":" + line;
    }
  }

  /** What is put around a block: in this order the first with which it can be parsed. */
  private enum Frame {
    MEMBERS("class Example extends Setting {", "", "}"),
    STATEMENTS("class Example extends Setting { void example() throws Exception {", "", "}}"),
    EXPRESSION(
        "class Example extends Setting { Object example() throws Exception { return", ";", "}}"),
    /** One that names its package, and has all imports. */
    FILE("", "", "");

    private final String before;
    private final String end;
    private final String after;

    Frame(String before, String end, String after) {
      this.before = before;
      this.end = end;
      this.after = after;
    }

    /** With the block's lines where they are in their file, so that what is said of them fits. */
    String around(Block block) {
      List<String> lines = block.lines();
      int imports = 0;
      while (imports < lines.size() && IMPORT.matcher(lines.get(imports)).matches()) {
        imports++;
      }
      String fixed = this == FILE ? "" : IMPORTS.replace("\n", " ");
      return "\n".repeat(block.line() - 1)
          + fixed
          + String.join("\n", lines.subList(0, imports))
          + (imports == 0 ? "" : " ")
          + before
          + (imports == 0 ? " " : "\n")
          + String.join("\n", lines.subList(imports, lines.size()))
          + end
          + "\n"
          + after;
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(String name, String text) {
      super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  @AfterAll
  static void close() throws IOException {
    FILES.close();
  }

  static List<Block> blocks() throws IOException {
    List<Block> blocks = new ArrayList<>();
    for (Path file : files(ROOT, ".md")) {
      markdown(file, Files.readAllLines(file), blocks);
    }
    for (String folder : List.of("src/main/java", "src/test/java/io/tycostream/client/testing")) {
      for (Path file : files(ROOT.resolve("client-sdk").resolve(folder), ".java")) {
        javadoc(file, Files.readAllLines(file), blocks);
      }
    }
    return blocks;
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void compiles(Block block) {
    assertEquals(List.of(), mistakes(block));
  }

  /** Else nothing would be looked at, and nothing said. */
  @Test
  void thereAreBlocksWhereTheyAreLookedFor() throws IOException {
    List<String> files =
        blocks().stream().map(block -> ROOT.relativize(block.file()).toString()).toList();
    assertTrue(files.contains("README.md"), files::toString);
    assertTrue(files.contains("docs/sdk.md"), files::toString);
    assertTrue(
        files.contains("client-sdk/src/main/java/io/tycostream/client/package-info.java"),
        files::toString);
    assertTrue(
        files.stream().anyMatch(file -> file.endsWith("/TestGateway.java")), files::toString);
  }

  @Test
  void aMistakeIsSaidWithFileAndLine() {
    List<Block> blocks = new ArrayList<>();
    markdown(
        ROOT.resolve("docs/any.md"),
        """
        # Any
        ```java
        import java.util.regex.Pattern;

        int a = 1;
        String b = a;
        ```
        ```java
        record R(int a) {}
        R r = new R("one");
        void m() {}
        ```
        ```java
        package x;
        class Y extends Missing {}
        ```
        ```java
        client.figures().changes(1)
        ```
        ```java
        if (client {
        ```
        ```js
        let no = java;
        ```
        <!-- not compiled: shows a mistake -->
        ```java
        int = 1;
        ```
          ```java
          client.close();
          ```
        """
            .lines()
            .toList(),
        blocks);
    assertEquals(List.of(3, 9, 14, 18, 21, 31), blocks.stream().map(Block::line).toList());
    List<String> first = blocks.stream().map(block -> first(mistakes(block))).toList();
    assertTrue(first.get(0).startsWith("docs/any.md:6: incompatible types: int"), first.get(0));
    assertTrue(first.get(1).startsWith("docs/any.md:10: incompatible types: "), first.get(1));
    assertTrue(first.get(2).startsWith("docs/any.md:15: cannot find symbol"), first.get(2));
    assertTrue(first.get(3).startsWith("docs/any.md:18: method changes in record"), first.get(3));
    assertTrue(first.get(4).startsWith("docs/any.md:21: "), first.get(4));
    assertEquals("", first.get(5));
  }

  private static String first(List<String> mistakes) {
    return mistakes.isEmpty() ? "" : mistakes.getFirst();
  }

  private static List<Path> files(Path folder, String suffix) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(suffix))
          .filter(file ->
              Stream.iterate(file, Path::getParent)
                  .takeWhile(each -> !each.equals(ROOT))
                  .noneMatch(each -> NOT_OURS.contains(each.getFileName().toString())))
          .sorted()
          .toList();
    }
  }

  private static void markdown(Path file, List<String> lines, List<Block> blocks) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().equals("```java")) {
        int begin = i + 1;
        int end = begin;
        while (!lines.get(end).strip().equals("```")) {
          end++;
        }
        if (i == 0 || !NOT_COMPILED.matcher(lines.get(i - 1).strip()).matches()) {
          blocks.add(new Block(file, begin + 1, lines.subList(begin, end)));
        }
        i = end;
      }
    }
  }

  private static void javadoc(Path file, List<String> lines, List<Block> blocks) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().equals("* <pre>{@code")) {
        int begin = i + 1;
        int end = begin;
        while (!lines.get(end).strip().equals("* }</pre>")) {
          end++;
        }
        List<String> code =
            lines.subList(begin, end).stream()
                .map(line -> line.replaceFirst("^\\s*\\* ?", ""))
                .toList();
        blocks.add(new Block(file, begin + 1, code));
        i = end;
      }
    }
  }

  /** What javac finds wrong with a block, each with its file and line. */
  private static List<String> mistakes(Block block) {
    for (Frame frame : Frame.values()) {
      if (mistakes(block, frame, true).isEmpty()) {
        return mistakes(block, frame, false);
      }
    }
    return mistakes(block, Frame.STATEMENTS, true);
  }

  private static List<String> mistakes(Block block, Frame frame, boolean syntax) {
    DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
    Source setting = new Source("Setting", IMPORTS + "abstract class Setting {" + SETTING + "}");
    JavacTask task =
        (JavacTask)
            COMPILER.getTask(
                null,
                FILES,
                found,
                List.of("-proc:none", "-classpath", System.getProperty("java.class.path")),
                null,
                List.of(new Source("Example", frame.around(block)), setting));
    try {
      task.parse();
      if (!syntax) {
        task.analyze();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return found.getDiagnostics().stream()
        .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
        .map(each ->
            "%s:%d: %s"
                .formatted(
                    ROOT.relativize(block.file()),
                    each.getLineNumber(),
                    each.getMessage(Locale.ROOT)))
        .toList();
  }
}
