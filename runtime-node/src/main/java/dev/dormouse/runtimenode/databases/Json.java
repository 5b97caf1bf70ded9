package dev.dormouse.runtimenode.databases;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/** Strings as JSON. */
final class Json {
  private Json() {}

  static String string(String text) {
    return "\"" + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + "\"";
  }
}
