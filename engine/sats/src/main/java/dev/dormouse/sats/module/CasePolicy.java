package dev.dormouse.sats.module;

/** Whether names are converted. In tag order. Source: data-model §6.1, §7.3. */
public enum CasePolicy {
  /** Names stay as the module wrote them. */
  NONE,
  /** Tables, columns and functions become snake_case, variants camelCase, types PascalCase. */
  SNAKE_CASE;

  static final CasePolicy[] BY_TAG = values();

  String snake(String name) {
    return this == NONE ? name : CaseConversion.snake(name);
  }

  String camel(String name) {
    return this == NONE ? name : CaseConversion.camel(name);
  }

  String pascal(String name) {
    return this == NONE ? name : CaseConversion.pascal(name);
  }
}
