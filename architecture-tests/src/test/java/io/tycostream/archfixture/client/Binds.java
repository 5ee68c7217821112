package io.tycostream.archfixture.client;

import com.fasterxml.jackson.databind.ObjectMapper;

record Binds(ObjectMapper mapper) {}
