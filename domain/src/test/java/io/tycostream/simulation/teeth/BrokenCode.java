package io.tycostream.simulation.teeth;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** The class files of one source file with a {@link Bug} in it, by the names of the classes. */
final class BrokenCode {

  private BrokenCode() {}

  /**
   * The sources of this module. Maven runs the tests in its folder.
   *
   * @throws IllegalStateException when they are not there
   */
  static Path sources() {
    Path sources = module().resolve("src/main/java");
    if (!Files.isDirectory(sources)) {
      throw new IllegalStateException(
          "no sources to break in "
              + sources
              + ": run the test in the folder of the module domain, or with -Dbasedir=…/domain");
    }
    return sources;
  }

  /** The folder of this module. */
  static Path module() {
    return Path.of(System.getProperty("basedir", "")).toAbsolutePath();
  }

  /**
   * Compiles a file with the bug in it; takes well under a second.
   *
   * @throws Bug.OutOfDateException when the bug has lost its place in the file
   * @throws IllegalArgumentException when the broken file does not compile
   */
  static Map<String, byte[]> compile(Path sources, Bug bug) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IllegalStateException("this Java has no compiler: use a JDK");
    }
    String source = bug.in(read(sources.resolve(bug.file()), bug));
    StringWriter messages = new StringWriter();
    try (InMemory files = new InMemory(compiler)) {
      List<String> options =
          List.of(
              "-proc:none",
              "-nowarn",
              "-parameters",
              "-classpath",
              System.getProperty("java.class.path"));
      boolean compiles =
          compiler
              .getTask(messages, files, null, options, null, List.of(new Source(bug, source)))
              .call();
      if (!compiles) {
        throw new IllegalArgumentException(
            "the bug " + bug.name() + " does not compile: " + messages);
      }
      return files.classes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file, Bug bug) {
    if (!Files.exists(file)) {
      throw new Bug.OutOfDateException(bug, "is not there any more");
    }
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static final class Source extends SimpleJavaFileObject {
    private final String text;

    Source(Bug bug, String text) {
      super(URI.create("bug:///" + bug.file()), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static final class ClassFile extends SimpleJavaFileObject {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    ClassFile(String name) {
      super(URI.create("bug:///" + name.replace('.', '/') + ".class"), Kind.CLASS);
    }

    @Override
    public OutputStream openOutputStream() {
      return bytes;
    }
  }

  /** Reads where everybody reads; what is written stays here. */
  private static final class InMemory extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, ClassFile> written = new HashMap<>();

    InMemory(JavaCompiler compiler) {
      super(compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8));
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      return written.computeIfAbsent(className, ClassFile::new);
    }

    Map<String, byte[]> classes() {
      return written.entrySet().stream()
          .collect(
              Collectors.toUnmodifiableMap(
                  Map.Entry::getKey, file -> file.getValue().bytes.toByteArray()));
    }
  }
}
