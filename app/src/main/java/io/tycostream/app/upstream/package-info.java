/** What is seen of the connections to databases, for logs, metrics, reports and the page. */
@org.jspecify.annotations.NullMarked
package io.tycostream.app.upstream;
