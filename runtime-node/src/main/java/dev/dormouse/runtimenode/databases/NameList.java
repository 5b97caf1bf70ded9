package dev.dormouse.runtimenode.databases;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.dormouse.runtimenode.http.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A JSON array of database names. */
final class NameList {
  private static final JsonFactory JSON = new JsonFactory();

  private NameList() {}

  static List<String> parse(byte[] body, int most) {
    List<String> names = new ArrayList<>();
    try (JsonParser parser = JSON.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw notNames();
      }
      while (parser.nextToken() == JsonToken.VALUE_STRING) {
        if (names.size() == most) {
          throw Refusal.text(400, "more than %d names".formatted(most));
        }
        names.add(DatabaseRef.name(parser.getText()));
      }
      if (parser.currentToken() != JsonToken.END_ARRAY || parser.nextToken() != null) {
        throw notNames();
      }
    } catch (IOException e) {
      throw notNames();
    }
    return names;
  }

  private static Refusal notNames() {
    return Refusal.text(400, "the body must be a JSON array of names, such as [\"chat\"]");
  }
}
