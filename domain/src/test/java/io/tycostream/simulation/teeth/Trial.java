package io.tycostream.simulation.teeth;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * A story per seed, told by the domain that a class loader knows: a method {@code static
 * Optional<String> name(long seed)} that returns what was not as promised, or nothing when all was
 * well. A story must end whatever the domain does, so it needs a bound on its steps.
 *
 * @param type the full name of the class; it need not be public
 * @param method the name of the method; it need not be public
 */
record Trial(String type, String method) {

  /** A violation, and the seed of the story in which it was seen. */
  record Caught(long seed, String violation) {}

  /**
   * Tells the stories one after another, until one goes wrong.
   *
   * @param broken class files that stand in for those of the project, by the names of the classes
   */
  Optional<Caught> firstCaught(Map<String, byte[]> broken, LongStream seeds) {
    Method story = story(new BrokenClasses(broken));
    return seeds
        .mapToObj(seed -> tell(story, seed).map(violation -> new Caught(seed, violation)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private Method story(ClassLoader classes) {
    try {
      Method story = Class.forName(type, true, classes).getDeclaredMethod(method, long.class);
      if (!Modifier.isStatic(story.getModifiers()) || story.getReturnType() != Optional.class) {
        throw new IllegalArgumentException(this + " must be static and return an Optional");
      }
      story.setAccessible(true);
      return story;
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("there is no " + this, e);
    }
  }

  /** An exception out of the story, or a broken assertion in it, is a violation too. */
  private static Optional<String> tell(Method story, long seed) {
    try {
      Optional<?> violation = (Optional<?>) story.invoke(null, seed);
      return violation.map(Object::toString);
    } catch (InvocationTargetException e) {
      Throwable thrown = e.getCause();
      if (thrown instanceof Error error && !(thrown instanceof AssertionError)) {
        // A class that does not link, no memory left: that would be a bug of the harness.
        throw error;
      }
      return Optional.of(String.valueOf(thrown));
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public String toString() {
    return "static Optional<String> " + type + "." + method + "(long)";
  }
}
