package io.tycostream.archfixture.adapters.ws;

import io.tycostream.archfixture.adapters.db.Database;

record KnowsDatabases(Database database) {}
