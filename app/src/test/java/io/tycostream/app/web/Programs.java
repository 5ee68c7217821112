package io.tycostream.app.web;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;

/** The programs of this machine that a test can use when they are there. */
public final class Programs {
  private Programs() {}

  /** The first of these names that the PATH has. */
  public static Optional<Path> onPath(String... names) {
    String[] folders =
        Pattern.compile(Pattern.quote(File.pathSeparator)).split(System.getenv("PATH"));
    return Arrays.stream(names)
        .flatMap(name -> Arrays.stream(folders).map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
