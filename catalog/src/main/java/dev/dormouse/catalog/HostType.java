package dev.dormouse.catalog;

import java.util.Locale;

/** What runs a module. */
public enum HostType {
  /** WebAssembly. */
  WASM,
  /** A JavaScript bundle. */
  JS;

  String column() {
    return name().toLowerCase(Locale.ROOT);
  }

  static HostType of(String column) {
    return valueOf(column.toUpperCase(Locale.ROOT));
  }
}
