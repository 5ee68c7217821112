package io.tycostream.adapters.ws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The schemas of the AsyncAPI document, by the type of the message. As it is published each lets
 * unknown fields through; here none does, so that a field that is not documented is found.
 */
final class MessageSchemas {

  /** AsyncAPI's schemas are those of this draft. */
  private static final SpecificationVersion DRAFT = SpecificationVersion.DRAFT_7;

  private static final String NAME = "urn:tycostream:asyncapi";
  private static final String SCHEMAS = "#/components/schemas/";

  /** As it is published. */
  static final JsonNode DOCUMENT = read();

  private static final Map<String, Schema> OF_TYPES = ofTypes();

  private MessageSchemas() {}

  private static JsonNode read() {
    try {
      return new ObjectMapper(new YAMLFactory()).readTree(AsyncApi.yaml());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Schema> ofTypes() {
    JsonNode closed = DOCUMENT.at("/components/schemas").deepCopy();
    close(closed);
    String definitions = "{\"definitions\":" + inside(closed.toString()) + "}";
    SchemaRegistry registry =
        SchemaRegistry.withDefaultDialect(
            DRAFT, builder -> builder.schemas(Map.of(NAME, definitions)));
    Map<String, Schema> schemas = new LinkedHashMap<>();
    DOCUMENT
        .at("/components/messages")
        .properties()
        .forEach(message ->
            schemas.put(
                message.getKey(),
                registry.getSchema(
                    SchemaLocation.of(
                        NAME + inside(message.getValue().at("/payload/$ref").textValue())))));
    return schemas;
  }

  /** With references into a document of schemas alone, for a validator that knows no AsyncAPI. */
  private static String inside(String text) {
    return text.replace(SCHEMAS, "#/definitions/");
  }

  private static void close(JsonNode node) {
    if (node instanceof ObjectNode object
        && object.path("type").asText().equals("object")
        && object.has("properties")
        && !object.has("additionalProperties")) {
      object.put("additionalProperties", false);
    }
    node.forEach(MessageSchemas::close);
  }

  /** A schema of the document, as it is published. */
  static JsonNode schema(String name) {
    JsonNode schema = DOCUMENT.at("/components/schemas/" + name);
    if (schema.isMissingNode()) {
      throw new AssertionError("the document has no schema " + name);
    }
    return schema;
  }

  /** The schema of the messages of a type, as it is published. */
  static JsonNode ofType(String type) {
    String payload = DOCUMENT.at("/components/messages/" + type + "/payload/$ref").asText();
    return schema(payload.replace(SCHEMAS, ""));
  }

  /** What is wrong with a message by the schema of its type; nothing where it is right. */
  static Optional<String> complaint(JsonNode message) {
    Schema schema = OF_TYPES.get(message.path("type").asText());
    if (schema == null) {
      return Optional.of("no message of the document has its type");
    }
    return Optional.of(schema.validate(message))
        .filter(errors -> !errors.isEmpty())
        .map(errors -> errors.stream().map(Error::toString).collect(Collectors.joining("; ")));
  }
}
