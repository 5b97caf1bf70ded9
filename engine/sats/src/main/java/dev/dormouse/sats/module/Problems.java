package dev.dormouse.sats.module;

import dev.dormouse.sats.EngineException;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a definition: everything that was found, up to a limit. */
final class Problems {
  /** Problems that are told; what follows is only counted. */
  static final int TOLD_MAX = 64;

  private static final int NAME_SHOWN_MAX = 80;

  private final List<String> told = new ArrayList<>();
  private int found;

  void add(String problem) {
    found++;
    if (told.size() < TOLD_MAX) {
      told.add(problem);
    }
  }

  boolean none() {
    return found == 0;
  }

  /** Throws if anything was found. */
  void refuse() {
    if (found == 0) {
      return;
    }
    StringBuilder text = new StringBuilder("module definition is invalid");
    text.append(found == 1 ? ": 1 problem" : ": " + found + " problems");
    told.forEach(problem -> text.append("\n- ").append(problem));
    if (found > told.size()) {
      text.append("\n- and ").append(found - told.size()).append(" more");
    }
    throw EngineException.tenant(text.toString());
  }

  /** A name as it is shown in a problem. */
  static String quoted(String name) {
    return name.length() > NAME_SHOWN_MAX
        ? "`" + name.substring(0, NAME_SHOWN_MAX) + "…`"
        : "`" + name + "`";
  }
}
