package io.tycostream.archfixture.app.demo;

import java.sql.Connection;

record Writes(Connection connection) {}
