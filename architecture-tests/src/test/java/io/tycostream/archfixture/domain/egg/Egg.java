package io.tycostream.archfixture.domain.egg;

import io.tycostream.archfixture.domain.chicken.Chicken;

public record Egg(Chicken from) {}
