package io.tycostream.domain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A page of {@code docs/state-machines} about a machine: its invariants, a diagram and the whole
 * table. It is printed from the same table that the machine is tested with, so that it cannot say
 * anything else than what the machine does.
 *
 * <p>The invariants stand in the Javadoc of the machine, as {@code <li><b>U1</b> text}.
 *
 * @param title of the page
 * @param about what the machine is for, a sentence or two
 * @param machine its class
 * @param table what is printed
 * @param step what the machine answers at the moment the table is about
 * @param enforcedBy for each invariant, the tests that enforce it
 */
public record MachineDocument<R extends Enum<R>, S, E, F>(
    String title,
    String about,
    Class<?> machine,
    TransitionTable<R, S, E, F> table,
    BiFunction<S, E, Step<S, F>> step,
    Map<String, String> enforcedBy) {

  /** Set to {@code true}, the pages are written instead of compared. */
  private static final String WRITE = "state-machines.write";

  private static final Path PAGES = Path.of("..", "docs", "state-machines");
  private static final Pattern INVARIANT =
      Pattern.compile("<li><b>(\\w+)</b>(.*?)(?=<li>|</ol>|</ul>)", Pattern.DOTALL);

  /**
   * Compares the page with the file of that name, or writes it when asked to.
   *
   * @param test what prints the page, to be named in the instruction
   */
  public void assertIsWritten(String file, Class<?> test) throws IOException {
    Path page = PAGES.resolve(file);
    String text = print();
    if (Boolean.getBoolean(WRITE)) {
      Files.createDirectories(PAGES);
      Files.writeString(page, text);
    }
    assertEquals(
        text,
        Files.exists(page) ? Files.readString(page) : "",
        "docs/state-machines/%s is not what the machine does. Write it anew with: ".formatted(file)
            + "mvn test -pl domain -am -Dsurefire.failIfNoSpecifiedTests=false -Dtest=%s -D%s=true"
                .formatted(test.getSimpleName(), WRITE));
  }

  private String print() throws IOException {
    StringBuilder page = new StringBuilder();
    page.append(
        "<!-- Printed from the table that the machine is tested with; not to be edited. -->\n");
    page.append("# ").append(title).append("\n\n").append(about).append("\n\n");
    page.append("Code: `").append(machine.getName()).append("`. Every state answers every event; ");
    page.append("what is not shown in the diagram stays in its state.\n\n");
    printDiagram(page);
    printInvariants(page);
    printTable(page);
    return page.toString();
  }

  private void printDiagram(StringBuilder page) {
    Map<String, Set<String>> edges = new LinkedHashMap<>();
    Set<String> left = new LinkedHashSet<>();
    for (R row : table.rows()) {
      for (E event : table.events()) {
        String from = name(table.state().apply(row));
        String to = name(answer(row, event).state());
        if (!from.equals(to)) {
          left.add(from);
          edges.computeIfAbsent(from + " --> " + to, e -> new LinkedHashSet<>()).add(name(event));
        }
      }
    }
    page.append("```mermaid\nstateDiagram-v2\n");
    page.append("  [*] --> ")
        .append(name(table.state().apply(table.rows().getFirst())))
        .append('\n');
    edges.forEach(
        (edge, events) -> page.append("  %s : %s\n".formatted(edge, String.join(", ", events))));
    for (String state : states()) {
      if (!left.contains(state)) {
        page.append("  ").append(state).append(" --> [*]\n");
      }
    }
    page.append("```\n\n");
  }

  private void printInvariants(StringBuilder page) throws IOException {
    Map<String, String> invariants = invariants();
    assertEquals(invariants.keySet(), enforcedBy.keySet(), "the invariants and what enforces them");
    if (invariants.isEmpty()) {
      return;
    }
    page.append("## Invariants\n\n| | what always holds | enforced by |\n| --- | --- | --- |\n");
    invariants.forEach((name, text) ->
        page.append("| %s | %s | %s |\n".formatted(name, text, enforcedBy.get(name))));
    page.append('\n');
  }

  private Map<String, String> invariants() throws IOException {
    Path source =
        Path.of("src", "main", "java").resolve(machine.getName().replace('.', '/') + ".java");
    String text = Files.readString(source);
    String javadoc = text.substring(0, text.indexOf("class " + machine.getSimpleName()));
    Map<String, String> invariants = new LinkedHashMap<>();
    Matcher matcher = INVARIANT.matcher(javadoc);
    while (matcher.find()) {
      String words = matcher.group(2).replaceAll("\\s*\\n\\s*\\*?\\s*", " ").strip();
      invariants.put(matcher.group(1), words.replaceAll("\\{@(?:link|code)\\s+#?([^}]*)}", "`$1`"));
    }
    return invariants;
  }

  private void printTable(StringBuilder page) {
    page.append("## Every state and every event\n\n");
    page.append("A state stands here more than once when its answer depends on what it holds. ");
    page.append("Of effects, times and texts are left out.\n");
    for (R row : table.rows()) {
      S from = table.state().apply(row);
      page.append("\n### %s: %s\n\n".formatted(name(from), words(row)));
      page.append("| event | next state | effects |\n| --- | --- | --- |\n");
      for (E event : table.events()) {
        Step<S, F> answer = answer(row, event);
        String to = name(answer.state());
        String next = answer.state().equals(from) ? "as it is" : to;
        String effects =
            answer.effects().stream()
                .map(MachineDocument::particulars)
                .collect(Collectors.joining(", "));
        page.append("| %s | %s | %s |\n".formatted(particulars(event), next, effects));
      }
    }
  }

  private Step<S, F> answer(R row, E event) {
    return step.apply(table.state().apply(row), event);
  }

  private Set<String> states() {
    return table.rows().stream()
        .map(row -> name(table.state().apply(row)))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static String name(Object of) {
    return of.getClass().getSimpleName();
  }

  private static String words(Enum<?> row) {
    return row.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  /** The name of a record, with what it holds of whole numbers, yes or no, and kinds. */
  private static String particulars(Object of) {
    List<String> particulars = new ArrayList<>();
    collect(of, particulars);
    return particulars.isEmpty()
        ? name(of)
        : name(of) + " (" + String.join(", ", particulars) + ")";
  }

  private static void collect(Object of, List<String> particulars) {
    for (RecordComponent component : of.getClass().getRecordComponents()) {
      Class<?> type = component.getType();
      Object value = value(component, of);
      if (type == int.class || type == long.class || type == boolean.class || type.isEnum()) {
        particulars.add(component.getName() + " " + value);
      } else if (type.isRecord()) {
        collect(value, particulars);
      }
    }
  }

  private static Object value(RecordComponent component, Object of) {
    try {
      component.getAccessor().setAccessible(true);
      return component.getAccessor().invoke(of);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
