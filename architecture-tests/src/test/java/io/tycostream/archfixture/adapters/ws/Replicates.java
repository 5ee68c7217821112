package io.tycostream.archfixture.adapters.ws;

import org.postgresql.PGConnection;

record Replicates(PGConnection connection) {}
