package io.tycostream.archfixture.domain.bad;

sealed interface LooseState {
  record Tight() implements LooseState {}

  final class Loose implements LooseState {}
}
