package io.tycostream.adapters.ws;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The description of the WebSocket for machines: AsyncAPI 3.0 with a schema for each message. */
public final class AsyncApi {

  private AsyncApi() {}

  /** The document: YAML, in UTF-8. */
  public static byte[] yaml() {
    try (InputStream document = AsyncApi.class.getResourceAsStream("asyncapi.yaml")) {
      if (document == null) {
        throw new IllegalStateException("asyncapi.yaml is not beside " + AsyncApi.class);
      }
      return document.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
