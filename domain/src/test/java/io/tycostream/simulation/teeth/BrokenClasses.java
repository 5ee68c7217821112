package io.tycostream.simulation.teeth;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * A second copy of the project's classes, some of them broken. What is not the project's is shared
 * with everybody.
 */
final class BrokenClasses extends ClassLoader {

  private static final String PROJECT = "io.tycostream.";

  private final Map<String, byte[]> broken;

  /**
   * @param broken class files by the names of the classes; those that are not named are as they are
   */
  BrokenClasses(Map<String, byte[]> broken) {
    super(BrokenClasses.class.getClassLoader());
    this.broken = broken;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(PROJECT)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        byte[] file = broken.containsKey(name) ? broken.get(name) : read(name);
        loaded = defineClass(name, file, 0, file.length);
      }
      return loaded;
    }
  }

  private byte[] read(String name) throws ClassNotFoundException {
    try (InputStream file = getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (file == null) {
        throw new ClassNotFoundException(name);
      }
      return file.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
