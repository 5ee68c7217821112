/** The PostgreSQL source against a real server. */
@NullMarked
package io.tycostream.app.postgres;

import org.jspecify.annotations.NullMarked;
