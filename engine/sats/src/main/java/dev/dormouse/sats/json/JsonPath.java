package dev.dormouse.sats.json;

import com.fasterxml.jackson.core.JsonParser;
import dev.dormouse.sats.DecodeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Where in a document the reading is; made into text only when something is wrong there. */
final class JsonPath {
  private static final int SHOWN_MAX = 48;

  private final List<String> steps = new ArrayList<>();

  // A step of an array has no name; its position is kept beside.
  private int[] positions = new int[16];

  void enter(String name) {
    steps.add(name);
  }

  void enter(int position) {
    if (steps.size() >= positions.length) {
      positions = java.util.Arrays.copyOf(positions, 2 * positions.length + steps.size());
    }
    positions[steps.size()] = position;
    steps.add("");
  }

  void leave() {
    steps.removeLast();
  }

  /** A refusal that begins with the path. */
  DecodeException problem(String text) {
    return new DecodeException(steps.isEmpty() ? text : this + ": " + text);
  }

  /** A refusal of the token that the parser stands on. */
  DecodeException expected(String what, JsonParser parser) throws IOException {
    return problem("expected " + what + ", found " + found(parser));
  }

  private static String found(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_ARRAY -> "an array";
      case START_OBJECT -> "an object";
      case VALUE_NULL -> "null";
      case VALUE_TRUE, VALUE_FALSE -> parser.getText();
      case VALUE_STRING -> "the string " + shown(parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "the number " + cut(parser.getText());
      case END_ARRAY -> "the end of an array";
      case END_OBJECT -> "the end of an object";
      case FIELD_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE -> parser.currentToken().toString();
    };
  }

  /** A text as it is shown in a refusal. */
  static String shown(String text) {
    return "`" + cut(text) + "`";
  }

  private static String cut(String text) {
    return text.length() > SHOWN_MAX ? text.substring(0, SHOWN_MAX) + "…" : text;
  }

  @Override
  public String toString() {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).isEmpty()) {
        path.append('[').append(positions[i]).append(']');
      } else {
        path.append(i == 0 ? "" : ".").append(cut(steps.get(i)));
      }
    }
    return path.toString();
  }
}
