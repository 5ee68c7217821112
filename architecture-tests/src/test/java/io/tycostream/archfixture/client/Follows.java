package io.tycostream.archfixture.client;

import com.fasterxml.jackson.core.JsonParser;
import io.tycostream.archfixture.domain.egg.Egg;
import java.net.http.HttpClient;

/** A client with all that it may use. */
public record Follows(HttpClient client, JsonParser parser, Egg domain) {}
