package dev.dormouse.database;

import dev.dormouse.datastore.Datastore;
import dev.dormouse.datastore.Outcome;
import dev.dormouse.datastore.RowCursor;
import dev.dormouse.datastore.SystemTables;
import dev.dormouse.datastore.Transaction;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;

/** The one row of st_module. Source: spec host-semantics §7. */
final class ModuleRow {
  private static final int WASM = 0;
  private static final String VERSION = "0.0.1";

  private ModuleRow() {}

  static void insert(Transaction tx, DatabaseContext context, Program program) {
    byte[] row = encode(context, program);
    Outcome outcome = tx.insert(SystemTables.ST_MODULE, row, 0, row.length);
    if (!outcome.isDone()) {
      throw new IllegalStateException("the module's row was refused: " + outcome);
    }
  }

  static void replace(Transaction tx, DatabaseContext context, Program program) {
    tx.clear(SystemTables.ST_MODULE);
    insert(tx, context, program);
  }

  /** Which program a store's database runs. */
  static ModuleHash hashIn(Datastore store) {
    RowCursor rows = SystemIndexes.rows(store.committed().scan(SystemTables.ST_MODULE));
    if (!rows.next()) {
      throw EngineException.operator("the database has no module row");
    }
    BsatnReader reader = new BsatnReader(rows.buffer(), rows.offset(), rows.length());
    reader.skip(2 * Identity.BYTES + 1);
    return ModuleHash.ofBytes(reader.readRaw(ModuleHash.BYTES));
  }

  /** The program's bytes stay out of the row: they are in the artefact store, under the hash. */
  private static byte[] encode(DatabaseContext context, Program program) {
    BsatnWriter row = new BsatnWriter(160);
    context.identity().write(row);
    context.owner().write(row);
    row.writeU8(WASM).writeRaw(program.hash().toByteArray()).writeBytes(new byte[0]);
    row.writeString(VERSION);
    return row.toByteArray();
  }
}
