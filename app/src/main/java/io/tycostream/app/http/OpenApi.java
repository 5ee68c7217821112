package io.tycostream.app.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The description of what is answered over HTTP for machines: OpenAPI 3.1. */
final class OpenApi {

  private OpenApi() {}

  /** The document: YAML, in UTF-8. */
  static byte[] yaml() {
    try (InputStream document = OpenApi.class.getResourceAsStream("openapi.yaml")) {
      if (document == null) {
        throw new IllegalStateException("openapi.yaml is not beside " + OpenApi.class);
      }
      return document.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
