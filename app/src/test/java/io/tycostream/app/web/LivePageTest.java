package io.tycostream.app.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/**
 * The live page in a real Chromium, on a real gateway and a real PostgreSQL.
 *
 * <p>The picture in the README is made by
 *
 * <pre>
 * mvn test -pl app -am -Dtest=LivePageTest#shouldLookWell -Dsurefire.failIfNoSpecifiedTests=false \
 *   -Dtycostream.picture=../docs/images/live-page.png
 * </pre>
 */
@Timeout(120)
@ExtendWith(LiveDemo.class)
class LivePageTest {

  private static final String PICTURE = "tycostream.picture";

  private final LiveDemo.Running demo;

  LivePageTest(LiveDemo.Running demo) {
    this.demo = demo;
  }

  @AfterEach
  void shouldHaveLeftTheConsoleEmpty() {
    assertEquals(List.of(), demo.browser().complaints());
  }

  @ParameterizedTest
  @FieldSource("io.tycostream.app.web.DemoGateway#SOURCES")
  void shouldShowLiveRowsThatKeepChanging(String source) throws Exception {
    LivePage page = demo.open(source);

    for (int round = 0; round < 3; round++) {
      List<List<String>> before = page.cells();
      assertFalse(before.isEmpty());
      page.awaitProgress();
      page.await("other cells", () -> !page.cells().equals(before));
    }
    assertEquals(1, page.counters().snapshots());
    assertEquals("0", page.byTest("gaps").getText());
    assertRowsAreThoseOf(source, page);
  }

  @Test
  void shouldShowTheDatabasesOwnRows() throws Exception {
    LivePage page = demo.open("prices");
    demo.gateway().pauseWorkload();
    try {
      page.await("the rows", () -> page.rows().equals(demo.gateway().rows("prices")));
      List<String> columns =
          page.texts("document.querySelectorAll('[data-testid=grid] [role=columnheader]')");
      Set<List<String>> expected =
          demo.gateway().rows("prices").stream()
              .map(row -> columns.stream().map(name -> shown(row.get(name))).toList())
              .collect(Collectors.toSet());
      page.await("the cells", () -> Set.copyOf(page.cells()).equals(expected), page::cells);
    } finally {
      demo.gateway().resumeWorkload();
    }
  }

  @Test
  void shouldComeBackByReplayWhenItsSocketIsDropped() throws Exception {
    LivePage page = demo.open("trades");
    page.recordConnection();

    page.press("drop-socket");

    page.await("what was cut", () -> page.tells("connection cut: socket dropped by this page"));
    page.await("resumed", () -> page.counters().resumes() == 1);
    assertTrue(page.tells("reconnected after"), () -> page.events().toString());
    assertTrue(page.tells("resumed at"), () -> page.events().toString());
    page.awaitLive();
    page.awaitProgress();
    assertEquals("waiting", page.recordedConnection().getFirst());
    assertEquals("open", page.recordedConnection().getLast());
    page.await("shown", () -> page.byTest("resumes").getText().equals("1"));
    LivePage.Counters after = page.counters();
    assertTrue(after.replayed() > 0, after::toString);
    assertOneSnapshotAndNoGap(page);
    assertRowsAreThoseOf("trades", page);
  }

  @Test
  void shouldShowACutOfReplicationAndItsEnd() throws Exception {
    LivePage page = demo.open("positions");

    page.press("cut-replication");

    page.await("reconnecting", () -> page.tells("database: reconnecting"));
    page.await("live again", () -> page.tells("database: live again after"));
    page.awaitLive();
    page.awaitProgress();
    assertEquals(0, page.counters().reconnects());
    assertOneSnapshotAndNoGap(page);
    assertRowsAreThoseOf("positions", page);
  }

  @Test
  void shouldKeepItsRowsWhileTheDatabaseIsAway() throws Exception {
    LivePage page = demo.open("trades");

    page.press("stop-database");
    page.await("reconnecting", () -> page.database().equals("reconnecting"));
    page.await(
        "the note",
        () ->
            page.ask("document.getElementById('rows-note').textContent")
                .equals("database away: the rows as it last told"));
    assertEquals("open", page.connection());
    assertTrue(page.rowCount() > 0);
    assertEquals(page.rowCount(), page.rows().size());
    assertFalse(page.cells().isEmpty());

    page.await("the button", () -> page.offers("start-database"));
    page.press("start-database");
    page.awaitLive();
    page.awaitProgress();
    assertTrue(page.tells("database: live again after"), () -> page.events().toString());
    assertEquals(0, page.counters().reconnects());
    assertOneSnapshotAndNoGap(page);
    assertRowsAreThoseOf("trades", page);
  }

  @Test
  void shouldSwitchToAnotherSourceAndKeepItOverAReload() throws Exception {
    LivePage page = demo.open("trades");

    page.byTest("source-picker").sendKeys("positions");

    page.await("its name", () -> page.driver().getTitle().startsWith("positions"));
    page.await("its rows", () -> page.counters().snapshots() == 2);
    page.awaitLive();
    page.awaitProgress();
    assertEquals("positions", page.ask("window.tycostream.state().source"));
    assertEquals("positions", page.ask("document.getElementById('source-name').textContent"));
    assertRowsAreThoseOf("positions", page);

    page.driver().navigate().refresh();
    page.awaitLive();
    assertEquals("positions", page.ask("window.tycostream.state().source"));
  }

  @Test
  void shouldSortByKeyboard() throws Exception {
    LivePage page = demo.open("trades");
    WebElement header =
        page.driver().findElement(By.xpath("//*[@role='columnheader'][.//button='price']"));
    int column =
        ((Number)
                page.driver()
                    .executeScript(
                        "return [...arguments[0].parentNode.children].indexOf(arguments[0])",
                        header))
            .intValue();
    WebElement button = header.findElement(By.tagName("button"));
    assertEquals("none", header.getDomAttribute("aria-sort"));

    button.sendKeys(Keys.ENTER);
    awaitSorted(page, column, Comparator.naturalOrder());
    assertEquals("ascending", header.getDomAttribute("aria-sort"));

    button.sendKeys(Keys.SPACE);
    awaitSorted(page, column, Comparator.reverseOrder());
    assertEquals("descending", header.getDomAttribute("aria-sort"));
    assertEquals(button, page.driver().switchTo().activeElement());
  }

  @Test
  @EnabledIfSystemProperty(named = PICTURE, matches = ".+")
  void shouldLookWell() throws Exception {
    LivePage page = demo.open("trades");
    page.await("some changes", () -> page.counters().changes() > 700);
    page.press("cut-replication");
    page.await("live again", () -> page.tells("database: live again after"));
    page.await("more changes", () -> page.counters().changes() > 1_200);
    page.press("sleep");
    page.await("resumed", () -> page.counters().resumes() == 1);
    page.await("more changes", () -> page.counters().changes() > 2_600);

    Path file = Path.of(System.getProperty(PICTURE)).toAbsolutePath();
    page.saveScreenshot(file);
    assertTrue(Files.size(file) < 300_000, () -> file + " is too large");
  }

  private static void awaitSorted(LivePage page, int column, Comparator<? super BigDecimal> order)
      throws Exception {
    page.await(
        "rows in order",
        () -> {
          List<BigDecimal> shown =
              page.cells().stream().map(row -> new BigDecimal(row.get(column))).toList();
          return shown.size() > 1 && shown.equals(shown.stream().sorted(order).toList());
        });
  }

  /** Times are shown with a blank. */
  private static String shown(String value) {
    return value.replaceFirst("(?<=^\\d{4}-\\d\\d-\\d\\d)T", " ");
  }

  private static void assertOneSnapshotAndNoGap(LivePage page) {
    assertEquals(1, page.counters().snapshots(), () -> page.events().toString());
    assertEquals(0, page.counters().gaps(), () -> page.events().toString());
  }

  /** With the workload at rest, since the page is always a little behind. */
  private void assertRowsAreThoseOf(String source, LivePage page) throws Exception {
    demo.gateway().pauseWorkload();
    try {
      page.await("the rows of " + source, () -> page.rows().equals(demo.gateway().rows(source)));
      page.await("their count", () -> page.rowCount() == page.rows().size());
    } finally {
      demo.gateway().resumeWorkload();
    }
  }
}
