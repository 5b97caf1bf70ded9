package dev.dormouse.query;

import dev.dormouse.query.Condition.Column;
import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.EngineException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The names that mean something in a statement over one table. Source: spec sql-and-subscriptions
 * §2.
 */
final class Scope {
  /**
   * A column that SQL can see.
   *
   * @param position among the table's stored columns
   * @param name canonical, as in results
   * @param alias as in the module's source
   * @param comparable whether rows hold what the column shows
   */
  record Field(int position, String name, String alias, AlgebraicType type, boolean comparable) {}

  private final String relation;
  private final List<Field> fields;
  private final Map<String, Field> byAlias = new HashMap<>();
  private final Map<String, Field> byName = new HashMap<>();
  private final QueryLimits limits;

  /**
   * The scope of one table.
   *
   * @param relation the alias, or the table's name as it was written
   */
  Scope(String relation, List<Field> fields, QueryLimits limits) {
    this.relation = relation;
    this.fields = List.copyOf(fields);
    this.limits = limits;
    for (Field field : fields) {
      byAlias.putIfAbsent(field.alias(), field);
      byName.putIfAbsent(field.name(), field);
    }
  }

  /** All columns, in order. */
  List<Field> fields() {
    return fields;
  }

  /** Refuses a name that is not this scope's table. */
  void requireRelation(String written) {
    if (!written.equals(relation)) {
      throw Refusals.notInScope(written, limits);
    }
  }

  /** The column a name denotes: its alias is looked up first, then its canonical name. */
  Field field(Column column) {
    column.qualifier().ifPresent(this::requireRelation);
    return field(column.name());
  }

  /** As {@link #field(Column)} for a name without a table. */
  Field field(String name) {
    Field field = byAlias.get(name);
    if (field == null) {
      field = byName.get(name);
    }
    if (field == null) {
      throw notInScope(name);
    }
    return field;
  }

  private EngineException notInScope(String name) {
    return Refusals.notInScope(name, limits);
  }
}
