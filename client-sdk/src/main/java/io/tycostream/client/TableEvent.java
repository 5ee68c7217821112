package io.tycostream.client;

/** What a {@linkplain TycostreamClient#publisher publisher} tells, in order. */
public sealed interface TableEvent permits TableState, TableBatch, Gap {}
