package io.tycostream.client;

import io.tycostream.domain.protocol.ServerMessage;

/**
 * The program takes less than there is, or has caught up.
 *
 * @param buffered row changes that wait at the gateway
 * @param capacity how many may, before its drop policy decides
 * @param level {@code warn}, {@code critical} or {@code normal}
 */
public record Pressure(long buffered, long capacity, String level) {

  static Pressure of(ServerMessage.Pressure pressure) {
    return new Pressure(pressure.buffered(), pressure.capacity(), pressure.level());
  }
}
