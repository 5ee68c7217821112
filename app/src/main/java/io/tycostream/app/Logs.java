package io.tycostream.app;

import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** One line a log record, on stderr. */
final class Logs {

  /** They show a trace for what we say ourselves, in a sentence: that a port is taken. */
  private static final Logger[] HELIDON_START = {
    Logger.getLogger("io.helidon.webserver.LoomServer"),
    Logger.getLogger("io.helidon.webserver.ServerListener")
  };

  private static final String FORMAT = "%1$tFT%1$tT.%1$tL %4$-7s %5$s%6$s%n";

  private Logs() {}

  static void configure(boolean debug) {
    LogManager.getLogManager().reset();
    System.setProperty("java.util.logging.SimpleFormatter.format", FORMAT);
    Handler console = new ConsoleHandler();
    console.setFormatter(new SimpleFormatter());
    console.setLevel(Level.ALL);
    Logger root = Logger.getLogger("");
    root.addHandler(console);
    root.setLevel(Level.WARNING);
    for (Logger start : HELIDON_START) {
      start.setLevel(debug ? Level.FINE : Level.OFF);
    }
    // Driver and pool report every connection that they lose; so do we, once and in our words.
    Logger.getLogger("org.postgresql").setLevel(debug ? Level.FINE : Level.OFF);
    Logger.getLogger("com.zaxxer.hikari").setLevel(debug ? Level.INFO : Level.OFF);
    Logger.getLogger("io.tycostream").setLevel(debug ? Level.FINE : Level.INFO);
  }
}
