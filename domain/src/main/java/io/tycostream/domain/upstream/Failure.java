package io.tycostream.domain.upstream;

/**
 * Why a stream ended or could not be opened.
 *
 * @param message one sentence for an operator: what, where and, where one can know, what to do
 */
public record Failure(FailureKind kind, String message) {}
