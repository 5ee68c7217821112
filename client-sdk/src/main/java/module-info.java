/**
 * The Java client of tycostream: follows sources of a gateway and never loses its place. {@link
 * io.tycostream.client} is where to begin.
 *
 * <p>A program that is a module itself opens the packages of its records to this one, so that rows
 * can become records.
 */
module io.tycostream.client {
  requires com.fasterxml.jackson.core;
  requires io.tycostream.domain;
  requires static org.jspecify;

  exports io.tycostream.client;
}
