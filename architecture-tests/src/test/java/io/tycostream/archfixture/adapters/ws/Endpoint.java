package io.tycostream.archfixture.adapters.ws;

import io.helidon.webserver.WebServer;

/** An adapter with its own library. */
record Endpoint(WebServer server) {}
