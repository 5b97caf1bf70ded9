package dev.dormouse.runtimenode.databases;

import dev.dormouse.database.HttpSql;
import dev.dormouse.query.RowList;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.sats.RowShape;
import java.io.IOException;

/** The cells of {@code st_module.program_bytes}, which databases leave empty. */
final class ProgramCells {
  private ProgramCells() {}

  /** Where the bytes of programs are; blocks. */
  @FunctionalInterface
  interface Store {
    /** A program's bytes, which the account covers besides what it covered. */
    byte[] bytes(ModuleHash hash, MemoryAccount memory) throws IOException;
  }

  /**
   * The same rows with the program's bytes in them. Blocks.
   *
   * @param memory covers the rows, and those that are made
   */
  static RowList filled(
      Product columns,
      RowList rows,
      HttpSql.Outcome.MissingProgram missing,
      Store store,
      MemoryAccount memory)
      throws IOException {
    byte[] program = store.bytes(missing.program(), memory);
    long more = (long) rows.count() * missing.columns().size() * (Integer.BYTES + program.length);
    // Once in the row that is put together and once in the list.
    memory.cover(memory.heldBytes() + 2 * (rows.bytes() + more), "the answer to a query");
    RowShape shape = RowShape.of(columns);
    RowList filled = new RowList();
    BsatnWriter row = new BsatnWriter();
    rows.forEach(
        (bytes, offset, length) -> {
          row.reset();
          int at = offset;
          for (int column = 0; column < shape.columnCount(); column++) {
            int end = shape.columnEnd(bytes, at, column);
            if (missing.columns().contains(column)) {
              row.writeBytes(program);
            } else {
              row.writeRaw(bytes, at, end - at);
            }
            at = end;
          }
          filled.row(row.array(), 0, row.size());
        });
    return filled;
  }
}
