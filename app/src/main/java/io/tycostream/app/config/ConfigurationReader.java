package io.tycostream.app.config;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.tycostream.adapters.ws.auth.StaticToken;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads a configuration: a YAML file, with the environment's variables put in. */
public final class ConfigurationReader {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,50}");
  private static final String NAME_RULE = "made of 1 to 50 letters, digits, _ and -";

  private final Mistakes mistakes = new Mistakes();
  private final EnvironmentReferences references;
  private final Path folder;

  private ConfigurationReader(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.references = new EnvironmentReferences(environment, mistakes);
  }

  /**
   * Reads a file, and those that it names; nothing is connected to.
   *
   * @param environment what {@code ${NAME}} stands for
   * @throws ConfigurationException when anything is wrong with it
   */
  public static Configuration read(Path file, Map<String, String> environment)
      throws ConfigurationException {
    ConfigurationReader reader = new ConfigurationReader(folder(file), environment);
    String text = text(file);
    if (!YamlText.check(text, reader.mistakes)) {
      throw new ConfigurationException(file, reader.mistakes.sentences());
    }
    Configuration configuration =
        Section.read(reader.tree(text), reader.mistakes, reader::configuration);
    if (!reader.mistakes.isEmpty()) {
      throw new ConfigurationException(file, reader.mistakes.sentences());
    }
    return configuration;
  }

  private static Path folder(Path file) {
    Path parent = file.toAbsolutePath().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  private static String text(Path file) throws ConfigurationException {
    try {
      if (Files.isDirectory(file)) {
        throw new ConfigurationException(file, List.of("it is a folder; name the file in it"));
      }
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ConfigurationException(
          file,
          List.of(
              "there is no such file"
                  + (file.isAbsolute() ? "" : " in " + Path.of("").toAbsolutePath())));
    } catch (AccessDeniedException e) {
      throw new ConfigurationException(
          file, List.of("it may not be read; give this program's user the right to"));
    } catch (CharacterCodingException e) {
      throw new ConfigurationException(file, List.of("it is not text in UTF-8; save it as that"));
    } catch (IOException e) {
      throw new ConfigurationException(file, List.of("it cannot be read: " + e.getMessage()));
    }
  }

  /** Helidon's tree as ours, with nothing but what the file says: no other source, no filters. */
  private Node.Mapping tree(String text) {
    Config root =
        Config.builder(ConfigSources.create(text, MediaTypes.APPLICATION_YAML))
            .disableEnvironmentVariablesSource()
            .disableSystemPropertiesSource()
            .disableKeyResolving()
            .disableValueResolving()
            .disableFilterServices()
            .disableMapperServices()
            .disableCaching()
            .build();
    return new Node.Mapping(members("", root));
  }

  private SortedMap<String, Node> members(String path, Config config) {
    SortedMap<String, Node> members = new TreeMap<>();
    for (Config member : config.asNodeList().orElse(List.of())) {
      String name = member.name();
      members.put(name, node(path.isEmpty() ? name : path + "." + name, member));
    }
    return members;
  }

  private Node node(String path, Config config) {
    return switch (config.type()) {
      case OBJECT -> new Node.Mapping(members(path, config));
      case LIST -> {
        List<Node> items = new ArrayList<>();
        for (Config item : config.asNodeList().orElse(List.of())) {
          items.add(node(path + "[" + items.size() + "]", item));
        }
        yield new Node.Sequence(List.copyOf(items));
      }
      case VALUE -> references.resolve(path, config.asString().orElse(""));
      case MISSING -> new Node.Scalar("");
    };
  }

  private Configuration configuration(Section root) {
    String node = root.value("node", "main", Values.matching(NAME, NAME_RULE));
    Configuration.Server server = root.section("server", this::server);
    DatabaseReader databaseReader = new DatabaseReader(node);
    List<Configuration.Database> databases =
        root.namedSections("databases", section -> databaseReader.read(named(section)));
    SortedMap<String, Configuration.Product> products = new TreeMap<>();
    databases.forEach(database -> products.put(database.name(), database.product()));
    SourceReader sourceReader = new SourceReader(products);
    List<Configuration.StreamedTable> sources =
        root.namedSections("sources", section -> sourceReader.read(named(section)));
    Optional<String> resumeSecret = resumeSecret(root);
    Configuration.Clients clients =
        root.section("clients", section -> ClientsReader.read(section, resumeSecret));
    AuthReader authReader =
        new AuthReader(
            sources.stream().map(Configuration.StreamedTable::name).collect(Collectors.toSet()),
            folder);
    Configuration.Auth auth = root.section("auth", authReader::read);
    Coherence.check(databases, sources, mistakes);
    return new Configuration(server, databases, sources, clients, auth, node);
  }

  /** What is wrong with it is told without it. */
  private static Optional<String> resumeSecret(Section root) {
    String secret = root.textOrNothing("resume-secret");
    if (root.has("resume-secret")
        && root.sound("resume-secret")
        && secret.length() < StaticToken.MIN_LENGTH) {
      root.mistake(
          "resume-secret",
          "is too short; it needs at least " + StaticToken.MIN_LENGTH + " characters");
    }
    return root.has("resume-secret") ? Optional.of(secret) : Optional.empty();
  }

  private Section named(Section section) {
    if (!NAME.matcher(section.name()).matches()) {
      mistakes.add(section.path(), "has a name that is not " + NAME_RULE);
    }
    return section;
  }

  private Configuration.Server server(Section section) {
    return new Configuration.Server(
        section.value("host", "127.0.0.1", Values.text()),
        section.value("port", 8080L, Values.wholeNumber(0, 65_535)).intValue(),
        Set.copyOf(section.values("allowed-origins", Values.origin()).orElse(List.of())),
        section.has("tls")
            ? section.section("tls", tls -> TlsReader.read(tls, folder))
            : Optional.empty());
  }
}
