package io.tycostream.app.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** What those need who do not see the live page or do not use a mouse. */
@Timeout(120)
@ExtendWith(LiveDemo.class)
class LivePageAccessibilityTest {

  private static final int MORE_STOPS_THAN_THERE_ARE = 60;

  private final LiveDemo.Running demo;

  LivePageAccessibilityTest(LiveDemo.Running demo) {
    this.demo = demo;
  }

  @Test
  void shouldHaveLandmarksAndOneTitle() throws Exception {
    LivePage page = demo.open("trades");

    assertEquals("en", page.ask("document.documentElement.lang"));
    assertEquals(List.of("tycostream"), page.texts("document.querySelectorAll('h1')"));
    assertEquals("banner", only(page, "body > header").getAriaRole());
    assertEquals("main", only(page, "main").getAriaRole());
    WebElement aside = only(page, "aside");
    assertEquals("complementary", aside.getAriaRole());
    assertEquals("Connections", aside.getAccessibleName());
    assertEquals("log", page.byTest("event-log").getAriaRole());
    assertEquals("Events", page.byTest("event-log").getAccessibleName());
  }

  @Test
  void shouldNameEveryControl() throws Exception {
    LivePage page = demo.open("trades");

    assertEquals("Source", page.byTest("source-picker").getAccessibleName());
    List<WebElement> controls =
        page.driver().findElements(By.cssSelector("a, button, select, summary, [tabindex]"));
    assertTrue(controls.size() > 10);
    for (WebElement control : controls) {
      assertNotEquals("", control.getAccessibleName(), () -> control.getDomProperty("outerHTML"));
    }
  }

  @Test
  void shouldTellTheGridAsATable() throws Exception {
    LivePage page = demo.open("trades");
    WebElement grid = page.byTest("grid");

    assertEquals("table", grid.getAriaRole());
    assertEquals("trades", grid.getAccessibleName());
    page.await(
        "the count of all rows, not only of those in sight",
        () -> Integer.parseInt(grid.getDomAttribute("aria-rowcount")) == page.rowCount() + 1);
    // In one look, since the rows move on.
    assertEquals(
        true,
        page.ask(
            """
            (() => {
              const grid = document.querySelector("[data-testid=grid]");
              const rows = [...grid.querySelectorAll("[data-key]")];
              const numbers = rows.map((row) => Number(row.getAttribute("aria-rowindex")));
              const headers = grid.querySelectorAll("[role=columnheader]").length;
              return rows.length > 10
                && rows.every((row) => row.getAttribute("role") === "row"
                  && row.querySelectorAll("[role=cell]").length === headers)
                && numbers.every((number, index) => number === numbers[0] + index)
                && grid.getAttribute("aria-colcount") === String(headers);
            })()\
            """));
  }

  @Test
  void shouldShowTheFocusOnItsWayInTheOrderOfThePage() throws Exception {
    LivePage page = demo.open("trades");
    List<String> stops = new ArrayList<>();
    while (stops.size() < MORE_STOPS_THAN_THERE_ARE) {
      new Actions(page.driver()).sendKeys(Keys.TAB).perform();
      if (page.ask("document.activeElement === document.body").equals(true)) {
        break;
      }
      WebElement stop = page.driver().switchTo().activeElement();
      String what = stop.getAccessibleName();
      if (stops.contains(what)) {
        break;
      }
      assertEquals(true, page.ask("document.activeElement.matches(':focus-visible')"), what);
      assertEquals("solid", stop.getCssValue("outline-style"), what);
      assertFalse(stop.getCssValue("outline-width").equals("0px"), what);
      assertEquals(
          true,
          page.ask(
              """
              (() => {
                const before = window.stopBefore;
                window.stopBefore = document.activeElement;
                return before === undefined || Boolean(
                  before.compareDocumentPosition(window.stopBefore)
                    & Node.DOCUMENT_POSITION_FOLLOWING);
              })()\
              """),
          what);
      stops.add(what);
    }
    assertTrue(
        stops.containsAll(
            List.of(
                "Skip to the rows",
                "Source",
                "Rows",
                "id",
                "executed_at",
                "Cut replication",
                "Stop database",
                "Start database",
                "Drop this page’s socket",
                "Sleep 10 s",
                "Events")),
        stops::toString);
    assertEquals("Skip to the rows", stops.get(0));
  }

  private static WebElement only(LivePage page, String selector) {
    List<WebElement> found = page.driver().findElements(By.cssSelector(selector));
    assertEquals(1, found.size(), selector);
    return found.get(0);
  }
}
