package io.tycostream.app.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.util.Map;

/**
 * The OpenAPI document and its schemas. As it is published they let unknown fields through; here
 * none does, so that a field that is not documented is found.
 */
final class OpenApiDocument {

  private static final String NAME = "urn:tycostream:openapi";

  private final JsonNode published;
  private final SchemaRegistry closed;

  OpenApiDocument(byte[] yaml) throws IOException {
    published = new ObjectMapper(new YAMLFactory()).readTree(yaml);
    JsonNode closing = published.at("/components/schemas").deepCopy();
    close(closing);
    String definitions = "{\"$defs\":" + inside(closing.toString()) + "}";
    closed =
        SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            builder -> builder.schemas(Map.of(NAME, definitions)));
  }

  /** With references into a document of schemas alone, for a validator that knows no OpenAPI. */
  private static String inside(String text) {
    return text.replace("#/components/schemas/", "#/$defs/");
  }

  private static void close(JsonNode node) {
    if (node instanceof ObjectNode object
        && object.path("type").asText().equals("object")
        && object.has("properties")) {
      object.put("additionalProperties", false);
    }
    node.forEach(OpenApiDocument::close);
  }

  /** As it is published. */
  JsonNode published() {
    return published;
  }

  /** What stands at a place such as {@code /components/schemas/Source}. */
  JsonNode at(String place) {
    JsonNode found = published.at(place);
    if (found.isMissingNode()) {
      throw new AssertionError("the document has nothing at " + place);
    }
    return found;
  }

  /** The schema of what a path answers in JSON. */
  Schema answerOf(String path, int status) {
    JsonNode response =
        at("/paths/" + path.replace("/", "~1") + "/get/responses").path(Integer.toString(status));
    if (response.has("$ref")) {
      response = at(response.get("$ref").textValue().substring(1));
    }
    String schema = response.at("/content/application~1json/schema/$ref").textValue();
    if (schema == null) {
      throw new AssertionError("no schema for " + path + " answered with " + status);
    }
    return closed.getSchema(SchemaLocation.of(NAME + inside(schema)));
  }
}
