package io.tycostream.archfixture.domain.bad;

import java.io.File;

final class Reads {
  boolean exists(File file) {
    return file.exists();
  }
}
