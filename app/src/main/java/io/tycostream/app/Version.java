package io.tycostream.app;

import picocli.CommandLine.IVersionProvider;

/** The version of the program, from its jar. */
public final class Version implements IVersionProvider {

  @Override
  public String[] getVersion() {
    String version = Version.class.getPackage().getImplementationVersion();
    return new String[] {
      "tycostream " + (version == null ? "(not packaged)" : version), "Java " + Runtime.version()
    };
  }
}
