package dev.dormouse.database;

import dev.dormouse.sats.module.ModuleSchema;
import dev.dormouse.sats.module.TableDef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares the tables of two definitions. So far a program can replace another only if they are the
 * same: tables, columns, constraints, indexes, sequences and access. Source: spec host-semantics
 * §14.
 */
final class TableChanges {
  private TableChanges() {}

  /** What differs, a sentence each, ordered by table; empty if nothing does. */
  static List<String> between(ModuleSchema before, ModuleSchema after) {
    Map<String, TableDef> old = byName(before);
    Map<String, TableDef> added = byName(after);
    List<String> changes = new ArrayList<>();
    old.forEach(
        (name, table) -> {
          TableDef next = added.remove(name);
          if (next == null) {
            changes.add("table `%s` is removed".formatted(name));
          } else {
            compare(table, next, changes);
          }
        });
    added.keySet().forEach(name -> changes.add("table `%s` is added".formatted(name)));
    return changes;
  }

  private static Map<String, TableDef> byName(ModuleSchema schema) {
    Map<String, TableDef> tables = new TreeMap<>();
    schema.tables().forEach(table -> tables.put(table.name(), table));
    return tables;
  }

  private static void compare(TableDef before, TableDef after, List<String> changes) {
    changed(changes, before, "accessor", before.accessor(), after.accessor());
    changed(changes, before, "access", before.isPublic(), after.isPublic());
    changed(changes, before, "event flag", before.isEvent(), after.isEvent());
    changed(changes, before, "columns", before.columns(), after.columns());
    changed(changes, before, "primary key", before.primaryKey(), after.primaryKey());
    changed(changes, before, "indexes", sorted(before.indexes()), sorted(after.indexes()));
    changed(
        changes, before, "unique constraints", sorted(before.uniques()), sorted(after.uniques()));
    changed(changes, before, "sequences", sorted(before.sequences()), sorted(after.sequences()));
    changed(changes, before, "schedule", before.schedule(), after.schedule());
    changed(changes, before, "outbox", before.outbox(), after.outbox());
  }

  private static List<String> sorted(List<?> parts) {
    return parts.stream().map(Object::toString).sorted().toList();
  }

  private static void changed(
      List<String> changes, TableDef table, String what, Object before, Object after) {
    if (!before.equals(after)) {
      changes.add("%s of table `%s` changed".formatted(what, table.name()));
    }
  }
}
