package io.tycostream.archfixture.app;

record ThingManager() {}
