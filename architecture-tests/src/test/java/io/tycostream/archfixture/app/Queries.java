package io.tycostream.archfixture.app;

import javax.sql.DataSource;

record Queries(DataSource source) {}
