package io.tycostream.archfixture.adapters.db;

import io.tycostream.archfixture.app.Thing;

record KnowsApp(Thing thing) {}
