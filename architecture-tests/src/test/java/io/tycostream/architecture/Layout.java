package io.tycostream.architecture;

import java.util.List;

/**
 * Where the parts of the project are, as package patterns of ArchUnit, seen from a root package.
 * The fixtures repeat the layout under a root of their own.
 */
record Layout(String root) {
  static final Layout PROJECT = new Layout("io.tycostream");
  static final Layout FIXTURES = new Layout("io.tycostream.archfixture");

  String everything() {
    return root + "..";
  }

  String domain() {
    return root + ".domain..";
  }

  /** Each top package of the domain and what lies below it is one slice. */
  String domainSlices() {
    return root + ".domain.(*)..";
  }

  String adapters() {
    return root + ".adapters..";
  }

  /** Each adapter is one slice. */
  String adapterSlices() {
    return root + ".adapters.(*)..";
  }

  String databases() {
    return root + ".adapters.db..";
  }

  String webSocket() {
    return root + ".adapters.ws..";
  }

  String client() {
    return root + ".client..";
  }

  String micrometer() {
    return root + ".client.micrometer..";
  }

  String app() {
    return root + ".app..";
  }

  /** The demo plays the user's own program, the one that writes to the database. */
  String demo() {
    return root + ".app.demo..";
  }

  /** What the rules speak about, and what therefore must not be empty. */
  List<String> parts() {
    return List.of(domain(), databases(), webSocket(), client(), app());
  }
}
