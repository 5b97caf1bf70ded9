package dev.dormouse.catalog;

import java.util.Locale;

/** Why a database began a new life. */
public enum GenerationCause {
  /** It was published for the first time, or again after it was deleted. */
  CREATED,
  /** Publish with clear, or reset. */
  CLEARED,
  /** It was restored from its past. */
  RESTORED,
  /** It was forked off another one. */
  FORKED;

  String column() {
    return name().toLowerCase(Locale.ROOT);
  }
}
