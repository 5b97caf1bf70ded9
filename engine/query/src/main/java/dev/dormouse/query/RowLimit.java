package dev.dormouse.query;

import dev.dormouse.datastore.ReadView;
import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.SystemTables;
import dev.dormouse.datastore.TableSchema;
import dev.dormouse.query.AccessPath.IndexPoint;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.Primitive;
import java.util.List;
import java.util.OptionalLong;

/**
 * The variable {@code row_limit}: the most rows that a query of anybody but the owner may look at.
 * Source: spec sql-and-subscriptions §8, §9.
 */
public final class RowLimit {
  private static final String NAME = "row_limit";

  private RowLimit() {}

  /** The limit, if one is set; unsigned. */
  static OptionalLong of(ReadView view) {
    TableSchema variables = view.table(SystemTables.ST_VAR).orElseThrow();
    byte[] key = new BsatnWriter().writeString(NAME).toByteArray();
    RowCursor row = new IndexPoint(variables.indexes().getFirst().id(), true, key).open(view);
    if (!row.next()) {
      return OptionalLong.empty();
    }
    BsatnReader value = new BsatnReader(row.buffer(), row.offset(), row.length());
    value.skip(key.length);
    return value.readTag() == unsignedTag(variables)
        ? OptionalLong.of(value.readI64())
        : OptionalLong.empty();
  }

  private static int unsignedTag(TableSchema variables) {
    Sum type = (Sum) variables.columns().get(1).type();
    for (int tag = 0; tag < type.variants().size(); tag++) {
      if (type.variants().get(tag).type() == Primitive.U64) {
        return tag;
      }
    }
    throw new IllegalStateException("st_var has no U64");
  }

  /** The row of {@code st_var} that sets the limit. */
  static byte[] row(ReadView view, Constant limit) {
    TableSchema variables = view.table(SystemTables.ST_VAR).orElseThrow();
    return new BsatnWriter()
        .writeString(NAME)
        .writeTag(unsignedTag(variables))
        .writeRaw(limit.bytes())
        .toByteArray();
  }

  /** Refuses every other variable. */
  static void requireVariable(String name, QueryLimits limits) {
    if (!name.equals(NAME)) {
      throw Refusals.unknownVariable(name, limits);
    }
  }

  /** The query that shows the limit. */
  static final String SHOW = "SELECT value FROM st_var WHERE name = '" + NAME + "'";

  /**
   * Refuses queries that would look at more rows than the limit allows their caller.
   *
   * @param queries of one request; their rows are added up
   * @throws dev.dormouse.sats.EngineException naming the estimate and the limit
   */
  public static void check(ReadView view, Caller caller, List<TableQuery> queries) {
    if (caller.owner()) {
      return;
    }
    OptionalLong limit = of(view);
    if (limit.isEmpty() || limit.getAsLong() < 0) {
      return;
    }
    long estimate = 0;
    for (TableQuery query : queries) {
      estimate += query.estimate(view, limit.getAsLong());
      if (estimate > limit.getAsLong()) {
        throw Refusals.rowLimit(estimate, limit.getAsLong());
      }
    }
  }
}
