package io.tycostream.benchmarks.fanout;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM of this benchmark, told what to do by lines. It ends when it is closed, or we end. */
final class Child implements AutoCloseable {

  private final Process process;
  private final BufferedWriter toldTo;
  private final BufferedReader answers;

  private Child(Process process) {
    this.process = process;
    this.toldTo = process.outputWriter(StandardCharsets.US_ASCII);
    this.answers = process.inputReader(StandardCharsets.US_ASCII);
  }

  /**
   * Starts one.
   *
   * @param options of the virtual machine, a space between them
   */
  static Child start(Class<?> main, String options, String... args) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options.split(" ", -1)));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(args));
    return new Child(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** Tells it something that is not answered. */
  void tell(String line) throws IOException {
    toldTo.write(line);
    toldTo.newLine();
    toldTo.flush();
  }

  /** Tells it something, and waits for the answer. */
  String ask(String line) throws IOException {
    tell(line);
    return answer();
  }

  /** Tells it something that is answered with numbers. */
  long[] numbers(String line) throws IOException {
    return numbersOf(ask(line));
  }

  /** What it says by itself. */
  String answer() throws IOException {
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("a process has ended: " + process.info());
    }
    return answer;
  }

  static long[] numbersOf(String answer) {
    return Arrays.stream(answer.split(" ", -1)).mapToLong(Long::parseLong).toArray();
  }

  /** What it has taken of the processors, in nanoseconds. */
  long cpuNanos() {
    return process.info().totalCpuDuration().orElseThrow().toNanos();
  }

  @Override
  public void close() throws IOException {
    toldTo.close();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
