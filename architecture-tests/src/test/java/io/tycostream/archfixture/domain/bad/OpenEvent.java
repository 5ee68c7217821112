package io.tycostream.archfixture.domain.bad;

interface OpenEvent {}
