package dev.dormouse.database;

import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.module.EnvironmentVariable;
import dev.dormouse.sats.module.ModuleSchema;
import dev.dormouse.sats.module.TableDef;
import dev.dormouse.sats.module.ViewDef;
import java.util.ArrayList;
import java.util.List;

/**
 * What a definition may hold that this engine does not serve yet. Such a module is refused by name
 * when it is published, and never half-served. The one place that knows; an entry goes when its
 * feature comes.
 */
final class NotBuiltYet {
  private NotBuiltYet() {}

  /**
   * Passes if everything the module defines is served.
   *
   * @throws EngineException for the module's owner, naming every feature and where it is used
   */
  static void refuseIn(ModuleSchema schema) {
    List<String> found = new ArrayList<>();
    for (ViewDef view : schema.views()) {
      found.add("views (`%s`)".formatted(view.name()));
    }
    for (TableDef table : schema.tables()) {
      table
          .schedule()
          .ifPresent(ignored -> found.add("scheduled tables (`%s`)".formatted(table.name())));
      table
          .outbox()
          .ifPresent(ignored -> found.add("outbox tables (`%s`)".formatted(table.name())));
      if (table.isEvent()) {
        found.add("event tables (`%s`)".formatted(table.name()));
      }
    }
    for (String rule : schema.rowLevelSecurity()) {
      found.add("row-level security (`%s`)".formatted(rule));
    }
    for (EnvironmentVariable variable : schema.environment()) {
      if (!variable.optional()) {
        found.add("required environment variables (`%s`)".formatted(variable.name()));
      }
    }
    if (!found.isEmpty()) {
      throw EngineException.tenant(
          "the module uses what this server does not serve yet: " + String.join(", ", found));
    }
  }
}
