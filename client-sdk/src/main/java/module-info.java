/**
 * The Java client of tycostream: follows sources of a gateway and never loses its place. {@link
 * io.tycostream.client} is where to begin.
 *
 * <p>A program that is a module itself opens the packages of its records to this one, so that rows
 * can become records. One that takes {@link io.tycostream.client.micrometer} has Micrometer; no
 * other needs it.
 */
@SuppressWarnings({
  "requires-automatic",
  "requires-transitive-automatic"
}) // Micrometer is no module
module io.tycostream.client {
  requires com.fasterxml.jackson.core;
  requires io.tycostream.domain;
  requires static org.jspecify;
  requires static transitive micrometer.core;

  exports io.tycostream.client;
  exports io.tycostream.client.micrometer;
}
