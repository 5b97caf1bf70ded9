package dev.dormouse.runtimenode.databases;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.database.HttpSql;
import dev.dormouse.query.RowList;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryAccount;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.json.JsonForm;
import dev.dormouse.sats.json.JsonOutput;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The cells of a result that show a program. */
final class ProgramCellsTest {
  private static final Array BYTES = new Array(Primitive.U8);
  private static final Product COLUMNS =
      new Product(
          List.of(
              Member.of("first", BYTES),
              Member.of("version", Primitive.STRING),
              Member.of("again", BYTES)));
  private static final byte[] PROGRAM = {1, (byte) 0xab, 3};
  private static final ModuleHash HASH = ModuleHash.ofProgram(PROGRAM);

  private static RowList oneRow() {
    BsatnWriter row = new BsatnWriter();
    row.writeBytes(new byte[0]).writeString("0.0.1").writeBytes(new byte[0]);
    RowList rows = new RowList();
    rows.row(row.array(), 0, row.size());
    return rows;
  }

  private static RowList filled(List<Integer> columns, MemoryAccount memory) throws Exception {
    return ProgramCells.filled(
        COLUMNS,
        oneRow(),
        new HttpSql.Outcome.MissingProgram(HASH, columns),
        (hash, covered) -> {
          assertEquals(HASH, hash);
          return PROGRAM;
        },
        memory);
  }

  private static String json(RowList rows) {
    StringBuilder out = new StringBuilder();
    JsonOutput.of(Typespace.EMPTY, JsonForm.UNTYPED)
        .shape(COLUMNS)
        .write(new BsatnReader(rows.array(), 0, rows.length(0)), out);
    return out.toString();
  }

  @Test
  void theProgramIsInTheCellsThatShowItAndNoOther() throws Exception {
    try (MemoryAccount memory = MemoryBudget.unlimited().open()) {
      assertEquals("[\"01ab03\",\"0.0.1\",\"01ab03\"]", json(filled(List.of(0, 2), memory)));
      assertEquals("[\"\",\"0.0.1\",\"01ab03\"]", json(filled(List.of(2), memory)));
      assertTrue(memory.heldBytes() > 0, "what is made is covered");
    }
  }

  @Test
  void whatTheNodeHasNoMemoryForIsNotMade() {
    try (MemoryAccount memory = new MemoryBudget(1).open()) {
      EngineException refused =
          assertThrows(EngineException.class, () -> filled(List.of(0), memory));
      assertEquals(EngineException.Code.RETRY, refused.code());
    }
  }
}
