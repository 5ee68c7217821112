package io.tycostream.adapters.ws;

import java.util.Set;

/**
 * How a node presents itself to clients.
 *
 * @param node its name, told to clients
 * @param origins of browsers' pages that may connect, besides the gateway's own
 * @param resumeSecret what resume tokens are signed with; the same on all nodes that one client may
 *     come to
 */
public record GatewaySettings(
    String node, ClientLimits limits, Set<String> origins, String resumeSecret) {

  public GatewaySettings {
    origins = Set.copyOf(origins);
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return node + " with " + limits + " for pages of " + origins;
  }
}
