package io.tycostream.app.config;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationDocumentTest {

  @Test
  void shouldListWhatThisVersionRefuses() throws IOException {
    String document = Files.readString(Path.of("..", "docs", "configuration.md"));
    for (LaterKeys.LaterKey key : LaterKeys.all()) {
      String name = key.path().replace("endpoints.*", "endpoints").replace("*", "NAME");
      String honoured = key.honoured().map(value -> "`" + value + "` ").orElse("");
      String row = "| `" + name + "` | " + honoured + "|";
      assertTrue(document.contains(row), "docs/configuration.md lacks the row " + row);
    }
  }
}
