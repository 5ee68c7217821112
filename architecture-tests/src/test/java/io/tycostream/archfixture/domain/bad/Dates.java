package io.tycostream.archfixture.domain.bad;

import java.time.LocalDate;
import java.time.ZoneOffset;

final class Dates {
  LocalDate today() {
    return LocalDate.now(ZoneOffset.UTC);
  }
}
