package io.tycostream.app.web;

import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives test classes the one demo and the one browser that they share; both end with the run. Where
 * there is no Chromium the classes are skipped.
 */
final class LiveDemo implements BeforeAllCallback, ParameterResolver {

  /** The demo, and a browser to look at it. */
  record Running(DemoGateway gateway, Browser browser) implements AutoCloseable {

    static Running start(Browser.Installation installation) {
      DemoGateway gateway = new DemoGateway();
      try {
        return new Running(gateway, Browser.start(installation));
      } catch (RuntimeException | Error e) {
        gateway.close();
        throw e;
      }
    }

    /** The page with live rows of this source, on a database that runs. */
    LivePage open(String source) throws Exception {
      gateway.ensureDatabaseRuns();
      LivePage page = browser.open(gateway.page(source));
      page.awaitLive();
      page.await("buttons for a running database", () -> page.offers("stop-database"));
      return page;
    }

    @Override
    public void close() {
      try (gateway) {
        browser.close();
      }
    }
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    Assumptions.assumeTrue(
        Browser.Installation.find().isPresent(), "no Chromium with a chromedriver on the PATH");
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Running.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Optional<Browser.Installation> installation = Browser.Installation.find();
    return context
        .getRoot()
        .getStore(Namespace.create(LiveDemo.class))
        .computeIfAbsent(
            Running.class, type -> Running.start(installation.orElseThrow()), Running.class);
  }
}
