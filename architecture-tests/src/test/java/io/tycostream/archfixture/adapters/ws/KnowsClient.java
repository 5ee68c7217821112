package io.tycostream.archfixture.adapters.ws;

import io.tycostream.archfixture.client.Follows;

record KnowsClient(Follows client) {}
