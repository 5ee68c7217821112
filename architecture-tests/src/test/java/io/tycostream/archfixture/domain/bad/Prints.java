package io.tycostream.archfixture.domain.bad;

final class Prints {
  void print(String text) {
    System.out.println(text);
  }
}
