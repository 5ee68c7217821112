package io.tycostream.archfixture.domain.chicken;

import io.tycostream.archfixture.domain.egg.Egg;

public record Chicken(Egg from) {}
