package io.tycostream.app.web;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** A headless Chromium with a profile of its own, which its driver makes and removes. */
final class Browser implements AutoCloseable {

  private static final List<String> FLAGS =
      List.of(
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Where Chromium and its driver are. */
  record Installation(Path chromium, Path driver) {

    /** Nothing where the PATH does not have both. */
    static Optional<Installation> find() {
      return Programs.onPath("chromium", "chromium-browser", "google-chrome")
          .flatMap(chromium ->
              Programs.onPath("chromedriver").map(driver -> new Installation(chromium, driver)));
    }
  }

  /** Starts one whose window shows 1440 × 900 pixels of a page, on a dark desktop. */
  static Browser start(Installation installation) {
    LoggingPreferences logged = new LoggingPreferences();
    logged.enable(LogType.BROWSER, Level.ALL);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(installation.chromium().toFile());
    options.addArguments(FLAGS);
    options.setCapability(ChromeOptions.LOGGING_PREFS, logged);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(installation.driver().toFile())
            .usingAnyFreePort()
            .build();
    Browser browser = new Browser(new ChromeDriver(service, options));
    browser.driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", 1440, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    browser.driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", "dark"))));
    return browser;
  }

  /** Loads the page anew, whatever it showed before. */
  LivePage open(String url) {
    driver.get("about:blank");
    driver.get(url);
    return new LivePage(driver);
  }

  /** What the console said since the last time it was asked, warnings and worse. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(entry -> entry.getLevel() + " " + entry.getMessage())
        .toList();
  }

  @Override
  public void close() {
    driver.quit();
  }
}
