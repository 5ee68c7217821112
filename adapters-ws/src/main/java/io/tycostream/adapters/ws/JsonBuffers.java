package io.tycostream.adapters.ws;

import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.core.util.RecyclerPool;

/**
 * What Jackson works in while it reads or writes a message, 8 to 16 KiB.
 *
 * <p>By itself it keeps one set for each thread. Each connection has two threads of its own, so
 * that an idle one would take more for this than for everything else.
 */
final class JsonBuffers {

  /** As many as are read or written at the same time, and more: nobody waits while he has one. */
  private static final int KEPT = 64;

  static final RecyclerPool<BufferRecycler> SHARED = JsonRecyclerPools.newBoundedPool(KEPT);

  private JsonBuffers() {}
}
