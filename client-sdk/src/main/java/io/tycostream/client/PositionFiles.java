package io.tycostream.client;

import io.tycostream.domain.change.Position;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** A file for each name with its position in it, which is a line of text. */
final class PositionFiles implements PositionStore {

  private final Path directory;

  PositionFiles(Path directory) {
    this.directory = directory;
  }

  @Override
  public Optional<String> load(String name) throws IOException {
    Path file = file(name, ".position");
    String text;
    try {
      text = Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (Position.parse(text).isEmpty()) {
      throw new IOException(
          file
              + " holds no position but \""
              + text
              + "\"; put the right one there, or delete the file to begin with all rows");
    }
    return Optional.of(text);
  }

  @Override
  public void save(String name, String position) throws IOException {
    Path fresh = file(name, ".position.new");
    try {
      write(fresh, position);
    } catch (NoSuchFileException e) {
      Files.createDirectories(directory);
      write(fresh, position);
    }
    // A reader, and a program that starts after a kill, see either the one or the other.
    Files.move(fresh, file(name, ".position"), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void write(Path file, String position) throws IOException {
    Files.writeString(file, position + "\n");
  }

  private Path file(String name, String suffix) {
    return directory.resolve(URLEncoder.encode(name, StandardCharsets.UTF_8) + suffix);
  }
}
