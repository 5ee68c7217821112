package io.tycostream.app.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tycostream.app.GatewayServer;
import io.tycostream.app.config.ConfigurationReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The page of a gateway that asks for a token, in a real browser. */
@Timeout(120)
class SignInTest {

  private static final String TOKEN = "viewer-0123456789";

  @TempDir private Path folder;

  @Test
  void shouldAskForATokenAndKeepItForTheTabAlone() throws Exception {
    Optional<Browser.Installation> installation = Browser.Installation.find();
    assumeTrue(installation.isPresent(), "needs chromium and chromedriver on the PATH");
    Path file =
        Files.writeString(
            folder.resolve("tycostream.yaml"),
            """
            server: {port: 0}
            databases: {main: {endpoints: [{host: 127.0.0.1, port: 1}]}}
            sources: {trades: , books: }
            auth:
              mode: tokens
              tokens: [{token: viewer-0123456789, principal: ann, sources: [trades]}]
            """);
    try (GatewayServer gateway =
            GatewayServer.start(ConfigurationReader.read(file, Map.of()), Optional.empty());
        Browser browser = Browser.start(installation.get())) {
      String url = "http://localhost:" + gateway.port() + "/";
      LivePage page = browser.open(url);

      page.await("it asks", () -> isAsking(page));
      WebElement field = page.byTest("token");
      assertEquals("Token", field.getAccessibleName());
      assertEquals("password", field.getDomAttribute("type"));
      assertEquals(field, page.driver().switchTo().activeElement());
      field.sendKeys(Keys.ESCAPE);
      page.await("it asks on, because without a token there is nothing", () -> isAsking(page));

      field.sendKeys("wrong-0123456789", Keys.ENTER);
      page.await(
          "it says what is wrong",
          () -> page.byTest("sign-in-problem").getText().equals("the token is not known here"));
      assertTrue(isAsking(page));

      field.clear();
      field.sendKeys(TOKEN);
      page.press("sign-in-button");
      awaitSource(page);
      assertEquals(false, page.ask("location.href.includes('0123456789')"));
      assertEquals(false, page.ask("document.cookie.includes('0123456789')"));
      assertEquals(0L, page.ask("localStorage.length"));

      page.driver().navigate().refresh();
      awaitSource(page);

      page.driver().executeScript("document.getElementById('sign-out').click()");
      page.await("it asks again", () -> isAsking(page));
      assertEquals(0L, page.ask("sessionStorage.length"));
    }
  }

  private static void awaitSource(LivePage page) throws Exception {
    page.await(
        "the one source that may be seen",
        () ->
            List.of("trades")
                .equals(
                    page.texts("document.querySelectorAll('[data-testid=source-picker] option')")));
    assertEquals(false, isAsking(page));
  }

  private static boolean isAsking(LivePage page) {
    return Boolean.TRUE.equals(page.ask("document.querySelector('dialog[open]') !== null"));
  }
}
