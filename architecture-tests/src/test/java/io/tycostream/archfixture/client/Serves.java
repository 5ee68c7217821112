package io.tycostream.archfixture.client;

import io.helidon.webserver.WebServer;

record Serves(WebServer server) {}
