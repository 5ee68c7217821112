package io.tycostream.app.web;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;

/** The page as a test sees it: what stands there, what can be pressed, and what it knows. */
final class LivePage {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

  private final ChromeDriver driver;

  LivePage(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Counts since the page was loaded. */
  record Counters(
      long snapshots, long gaps, long reconnects, long resumes, long replayed, long changes) {}

  ChromeDriver driver() {
    return driver;
  }

  WebElement byTest(String name) {
    return driver.findElement(By.cssSelector("[data-testid=" + name + "]"));
  }

  void press(String button) {
    byTest(button).click();
  }

  /** Whether a button stands for something that can be done now. */
  boolean offers(String button) {
    return "false".equals(byTest(button).getDomAttribute("aria-disabled"));
  }

  String connection() {
    return byTest("connection-state").getDomAttribute("data-state");
  }

  /** Keeps every state of the connection that is shown from now on, however short. */
  void recordConnection() {
    driver.executeScript(
        """
        const shown = arguments[0];
        window.recorded = [];
        new MutationObserver(() => window.recorded.push(shown.dataset.state))
          .observe(shown, { attributes: true, attributeFilter: ["data-state"] });
        """,
        byTest("connection-state"));
  }

  List<String> recordedConnection() {
    return ((List<?>) ask("window.recorded")).stream().map(String::valueOf).toList();
  }

  String database() {
    return byTest("database-state").getDomAttribute("data-state");
  }

  long rowCount() {
    return Long.parseLong(byTest("row-count").getDomAttribute("data-value"));
  }

  String position() {
    return byTest("position").getDomAttribute("data-position");
  }

  /** Newest first. */
  List<String> events() {
    return texts("document.querySelectorAll('#events li > span')");
  }

  boolean tells(String event) {
    return events().stream().anyMatch(each -> each.startsWith(event));
  }

  Counters counters() {
    Map<?, ?> counters = (Map<?, ?>) ask("window.tycostream.state().counters");
    return new Counters(
        number(counters, "snapshots"),
        number(counters, "gaps"),
        number(counters, "reconnects"),
        number(counters, "resumes"),
        number(counters, "replayed"),
        number(counters, "changes"));
  }

  /** All rows that the page holds, in sight or not: column → text. */
  Set<Map<String, String>> rows() {
    return ((List<?>) ask("window.tycostream.state().rows"))
        .stream().map(row -> textsOf((Map<?, ?>) row)).collect(Collectors.toSet());
  }

  /** The cells of the rows in sight, from the top, as they are written there. */
  List<List<String>> cells() {
    List<?> rows =
        (List<?>)
            ask(
                """
                [...document.querySelectorAll('[data-testid=grid] [data-key]')]
                  .map((row) => [...row.children].map((cell) => cell.textContent))\
                """);
    return rows.stream()
        .map(row -> ((List<?>) row).stream().map(String::valueOf).toList())
        .toList();
  }

  List<String> texts(String elements) {
    return ((List<?>) ask("[..." + elements + "].map((each) => each.textContent)"))
        .stream().map(String::valueOf).toList();
  }

  /** The value of a JavaScript expression. */
  Object ask(String expression) {
    return driver.executeScript("return " + expression);
  }

  /** Writes what is seen as a PNG that is packed well, which the browser's own is not. */
  void saveScreenshot(Path file) throws IOException {
    byte[] taken = driver.getScreenshotAs(OutputType.BYTES);
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(taken));
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    ImageWriteParam packing = writer.getDefaultWriteParam();
    packing.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    packing.setCompressionQuality(0);
    Files.createDirectories(file.getParent());
    Files.deleteIfExists(file);
    try (ImageOutputStream out = ImageIO.createImageOutputStream(file.toFile())) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, List.of(), null), packing);
    } finally {
      writer.dispose();
    }
  }

  void awaitLive() throws Exception {
    await("live rows", () -> database().equals("live") && connection().equals("open"));
    await("rows", () -> rowCount() > 0);
  }

  void awaitProgress() throws Exception {
    String before = position();
    await("a position after " + before, () -> !position().equals(before));
  }

  void await(String what, Callable<Boolean> condition) throws Exception {
    await(what, condition, this::events);
  }

  /** Fails with what the page tells when the condition does not come to hold in time. */
  void await(String what, Callable<Boolean> condition, Supplier<?> told) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(
            "not within %d s: %s, but %s".formatted(PATIENCE.toSeconds(), what, told.get()));
      }
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  private static long number(Map<?, ?> counters, String name) {
    return ((Number) counters.get(name)).longValue();
  }

  private static Map<String, String> textsOf(Map<?, ?> row) {
    Map<String, String> texts = new TreeMap<>();
    row.forEach((column, value) -> texts.put(String.valueOf(column), String.valueOf(value)));
    return texts;
  }
}
