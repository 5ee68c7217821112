package io.tycostream.app.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentReferencesTest {

  private static final Map<String, String> ENVIRONMENT =
      Map.of("A", "alpha", "EMPTY", "", "NESTED", "${A} $A \\ %s", "_b1", "beta");

  private final Mistakes mistakes = new Mistakes();
  private final EnvironmentReferences references = new EnvironmentReferences(ENVIRONMENT, mistakes);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "plain | plain",
        "${A} | alpha",
        "${_b1} | beta",
        "x${A}y${_b1}z | xalphaybetaz",
        "${A:other} | alpha",
        "${GONE:other} | other",
        "${GONE:http://a:1/b} | http://a:1/b",
        "${GONE:} | \"\"",
        "${EMPTY:other} | \"\"",
        "${NESTED} | \"${A} $A \\ %s\"",
        "$A {A} $ | $A {A} $",
      })
  void shouldReplace(String text, String expected) {
    assertEquals(new Node.Scalar(expected), references.resolve("a.b", text));
    assertEquals(List.of(), mistakes.sentences());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "${GONE} | a.b needs the environment variable GONE, which is not set; set it, or give a"
            + " default as in ${GONE:default}",
        "${A | a.b has the reference ${A, which has to be written as ${NAME} or ${NAME:default}",
        "${} | a.b has the reference ${}, which has to be written as ${NAME} or ${NAME:default}",
        "${A-B} | a.b has the reference ${A-B}, which has to be written as ${NAME} or"
            + " ${NAME:default}",
        "${1} | a.b has the reference ${1}, which has to be written as ${NAME} or ${NAME:default}",
      })
  void shouldNameWhatCannotBeReplaced(String text, String mistake) {
    assertEquals(new Node.Broken(), references.resolve("a.b", text));
    assertEquals(List.of(mistake), mistakes.sentences());
  }

  @Test
  void shouldTellOnceThatAVariableIsMissingWhateverTheValueIsFor() {
    String yaml =
        """
        server: {port: "${P}", allowed-origins: ["${O}"]}
        databases: {main: "${D}"}
        sources: {trades: {database: "${DB}", key: "${K}"}, books: {key: ["${C}"]}}
        auth: {mode: "${M}"}
        """;
    assertEquals(
        List.of("M", "D", "P", "O", "C", "DB", "K").stream().sorted().toList(),
        Yaml.mistakes(yaml).stream()
            .map(mistake -> mistake.replaceAll(".*variable ([A-Z]+),.*", "$1"))
            .sorted()
            .toList());
  }

  @Test
  void shouldReplaceInListsAndInWhatIsNotText() throws ConfigurationException {
    Configuration configuration =
        Yaml.read(
            Yaml.MINIMAL + "server: {port: \"${P}\", allowed-origins: [\"https://${H:a}.org\"]}",
            Map.of("P", "81"));
    assertEquals(81, configuration.server().port());
    assertEquals("[https://a.org]", configuration.server().allowedOrigins().toString());
  }
}
