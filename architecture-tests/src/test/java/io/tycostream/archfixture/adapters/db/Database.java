package io.tycostream.archfixture.adapters.db;

import io.tycostream.archfixture.domain.chicken.Chicken;
import java.sql.Connection;

/** An adapter with its own library. */
public record Database(Connection connection, Chicken domain) {}
