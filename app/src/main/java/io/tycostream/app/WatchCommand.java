package io.tycostream.app;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tycostream.adapters.ws.WhereReader;
import io.tycostream.client.PositionStore;
import io.tycostream.client.TableQuery;
import io.tycostream.client.TycostreamClient;
import io.tycostream.domain.feed.BadFilterException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Follows a source from the terminal until it is interrupted, or the gateway refuses for good. */
@Command(
    name = "watch",
    description = "Follows a source: one line a change. Survives reconnects; Ctrl-C ends it.",
    mixinStandardHelpOptions = true)
public final class WatchCommand implements Callable<Integer> {

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "URL",
      description = "The gateway, such as http://localhost:8080")
  private String url = "";

  @Parameters(
      index = "1",
      paramLabel = "SOURCE",
      description = "The source, as the gateway's configuration names it")
  private String source = "";

  @Option(
      names = "--where",
      paramLabel = "JSON",
      description = "Only rows for which this holds, such as {\"price\":{\"_gt\":100}}")
  private @Nullable String where;

  @Option(
      names = "--columns",
      paramLabel = "NAME",
      split = ",",
      description = "Only these columns, and those of the key, such as symbol,price")
  private String @Nullable [] columns;

  @Option(
      names = "--after",
      paramLabel = "POSITION",
      description = "Go on behind this position, as --json prints it, in place of all rows first")
  private @Nullable String after;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "Credentials; better given as TYCOSTREAM_TOKEN in the environment",
      defaultValue = "${env:TYCOSTREAM_TOKEN}")
  private @Nullable String token;

  @Option(names = "--json", description = "Print one JSON object a line, for pipes")
  private boolean json;

  /**
   * Blocks until the gateway refuses for good (exit code 1) or the process is asked to end (0).
   *
   * @throws ParameterException when the URL is none, or the condition
   */
  @Override
  public Integer call() throws InterruptedException {
    CommandLine line = Objects.requireNonNull(spec, "made by picocli").commandLine();
    TableQuery query = query(line);
    WatchReport report =
        json
            ? new JsonReport(line.getOut())
            : new TextReport(line.getOut(), isColoured("out"), line.getErr(), isColoured("err"));
    WatchedSource watched = new WatchedSource(report, System.out::checkError);
    TycostreamClient client = connect(line);
    Thread leaving = Thread.ofPlatform().name("watch-leaving").unstarted(() -> leave(client));
    Runtime.getRuntime().addShutdownHook(leaving);
    client.subscribe(query, watched);
    int code = watched.awaitEnd();
    client.close();
    try {
      Runtime.getRuntime().removeShutdownHook(leaving);
    } catch (IllegalStateException e) {
      return code; // the process is ending already, and the hook is what ended the watching
    }
    return code;
  }

  /**
   * Whether a stream goes to a terminal, which bin/tycostream says, as Java cannot tell one stream
   * from the other; and nobody wants it plain (https://no-color.org).
   */
  private static boolean isColoured(String stream) {
    return List.of(System.getProperty("tycostream.terminals", "").split(",")).contains(stream)
        && System.getenv("NO_COLOR") == null;
  }

  /** To be interrupted is how watching ends: it is no failure, as the JVM's own 130 would say. */
  private static void leave(TycostreamClient client) {
    client.close();
    Runtime.getRuntime().halt(0);
  }

  private TableQuery query(CommandLine line) {
    TableQuery query = TableQuery.of(source);
    if (after != null) {
      query = query.durable("watch");
    }
    if (columns != null) {
      query = query.columns(columns);
    }
    if (where == null) {
      return query;
    }
    try {
      return query.where(WatchedRows.where(WhereReader.read(new ObjectMapper().readTree(where))));
    } catch (JsonProcessingException e) {
      String reason = "--where is no JSON: " + e.getOriginalMessage();
      throw new ParameterException(line, reason + "; quote it for the shell: '{…}'", e);
    } catch (BadFilterException e) {
      throw new ParameterException(line, "--where: " + e.getMessage(), e);
    }
  }

  /** Begins where it was asked to, and is asked anew each time. */
  private final class Start implements PositionStore {
    @Override
    public Optional<String> load(String name) {
      return Optional.ofNullable(after);
    }

    @Override
    public void save(String name, String position) {}
  }

  private TycostreamClient connect(CommandLine line) {
    try {
      TycostreamClient.Builder builder =
          TycostreamClient.builder(url).clientId("watch").positionStore(new Start());
      Optional.ofNullable(token).filter(given -> !given.isEmpty()).ifPresent(builder::token);
      return builder.connect();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(line, String.valueOf(e.getMessage()), e);
    }
  }
}
