package io.tycostream.archfixture.domain.good;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** The one thing that is read by many threads. */
final class Published {
  private static final VarHandle HEAD;

  static {
    try {
      HEAD = MethodHandles.lookup().findVarHandle(Published.class, "head", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile long head;

  void publish(long head) {
    HEAD.setRelease(this, head);
  }

  long head() {
    return head;
  }
}
