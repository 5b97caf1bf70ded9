package dev.dormouse.e2e;

import dev.dormouse.modulehost.WasmBuilder;
import dev.dormouse.modulehost.WasmBuilder.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Programs that publish well and misbehave when they are called. */
final class HostileGuests {
  /** The reducers of {@link #recursing} that recurse; {@code one} inserts a row and returns. */
  static final List<String> RECURSING =
      List.of(
          "insert",
          "update",
          "delete_by_eq",
          "delete_by_point",
          "delete_by_range",
          "clear",
          "scan",
          "sink",
          "log");

  // Where things lie in the guest's memory.
  private static final int TABLE_NAME = 16;
  private static final int INDEX_NAME = 32;
  private static final int OUT = 64;
  private static final int ROW_LENGTH = 72;
  private static final int ROWS = 76;
  private static final int ROW = 80;
  private static final int ROW_BYTES = 8;
  private static final int UNBOUNDED = 120;
  private static final int TABLE_ID = 200;
  private static final int INDEX_ID = 204;

  private static final int ADD = 0x6a;
  private static final int EQUAL = 0x46;
  private static final int IF = 0x04;
  private static final int VOID = 0x40;
  private static final int END = 0x0b;

  private HostileGuests() {}

  /** Table {@code t} (id, v) and reducers that call themselves for ever, each through an import. */
  static byte[] recursing() {
    WasmBuilder program = WasmBuilder.module();
    int sinkWrite = Definition.sinkWrite(program);
    String v0 = "spacetime_10.0";
    int tableId = program.importFunction(v0, "table_id_from_name", "iii", "i");
    int indexId = program.importFunction(v0, "index_id_from_name", "iii", "i");
    int insert = program.importFunction(v0, "datastore_insert_bsatn", "iii", "i");
    int update = program.importFunction(v0, "datastore_update_bsatn", "iiii", "i");
    int deleteEq = program.importFunction(v0, "datastore_delete_all_by_eq_bsatn", "iiii", "i");
    int deleteRange =
        program.importFunction(v0, "datastore_delete_by_index_scan_range_bsatn", "iiiiiiiii", "i");
    int deletePoint =
        program.importFunction(
            "spacetime_10.4", "datastore_delete_by_index_scan_point_bsatn", "iiii", "i");
    int clear = program.importFunction("spacetime_10.5", "datastore_clear", "ii", "i");
    int scan = program.importFunction(v0, "datastore_table_scan_bsatn", "ii", "i");
    int log = program.importFunction(v0, "console_log", "iiiiiiii", "");

    Consumer<Code> insertRow =
        code ->
            code.i32(ROW)
                .local(0)
                .op(0x36, 0, 0)
                .store(ROW_LENGTH, ROW_BYTES)
                .load(TABLE_ID)
                .i32(ROW)
                .i32(ROW_LENGTH)
                .call(insert)
                .drop();
    List<Consumer<Code>> imports =
        List.of(
            code -> {},
            code ->
                code.store(ROW_LENGTH, ROW_BYTES)
                    .store(ROW + Integer.BYTES, 1)
                    .load(TABLE_ID)
                    .load(INDEX_ID)
                    .i32(ROW)
                    .i32(ROW_LENGTH)
                    .call(update)
                    .drop(),
            code ->
                code.store(ROWS, 1)
                    .load(TABLE_ID)
                    .i32(ROWS)
                    .i32(ROW_BYTES + Integer.BYTES)
                    .i32(OUT)
                    .call(deleteEq)
                    .drop(),
            code ->
                code.load(INDEX_ID).i32(ROW).i32(Integer.BYTES).i32(OUT).call(deletePoint).drop(),
            code ->
                code.load(INDEX_ID)
                    .i32(UNBOUNDED)
                    .i32(0)
                    .i32(0)
                    .i32(UNBOUNDED)
                    .i32(1)
                    .i32(UNBOUNDED)
                    .i32(1)
                    .i32(OUT)
                    .call(deleteRange)
                    .drop(),
            code -> code.load(TABLE_ID).i32(OUT).call(clear).drop(),
            code -> code.load(TABLE_ID).i32(OUT).call(scan).drop(),
            code ->
                code.store(ROW_LENGTH, ROW_BYTES)
                    .i32(1)
                    .i32(ROW)
                    .i32(ROW_LENGTH)
                    .call(sinkWrite)
                    .drop(),
            code ->
                code.i32(2).i32(0).i32(0).i32(0).i32(0).i32(-1).i32(ROW).i32(ROW_BYTES).call(log));

    int first = log + 1;
    List<Integer> functions = new ArrayList<>();
    for (int i = 0; i < imports.size(); i++) {
      int self = first + i;
      Consumer<Code> through = imports.get(i);
      functions.add(
          program.function(
              "i",
              "",
              code -> {
                insertRow.accept(code);
                through.accept(code);
                code.local(0).i32(1).op(ADD).call(self);
              }));
    }
    Definition definition = new Definition().table("t", true, "id", "v");
    RECURSING.forEach(definition::reducer);
    definition.reducer("one");
    Definition.describe(program, sinkWrite, definition.bytes())
        .data(TABLE_NAME, "t")
        .data(INDEX_NAME, "t_id_idx_btree")
        .data(UNBOUNDED, new byte[] {2})
        .reducer(
            code -> {
              code.i32(TABLE_NAME).i32(1).i32(TABLE_ID).call(tableId).drop();
              code.i32(INDEX_NAME).i32(14).i32(INDEX_ID).call(indexId).drop();
              for (int i = 0; i < functions.size(); i++) {
                code.local(0).i32(i).op(EQUAL, IF, VOID).i32(1).call(functions.get(i)).op(END);
              }
              // The number of the reducer becomes the row's key.
              insertRow.accept(code);
              code.i32(0);
            });
    return program.build();
  }

  /** What a hook of a program does before it returns 0, if it returns. */
  enum Deed {
    NOTHING,
    TRAP,
    LOOP,
    RECURSE
  }

  /** A program with hooks that misbehave, and a reducer {@code go} that does not. */
  static byte[] withHooks(Deed init, Deed connect, Deed disconnect) {
    WasmBuilder program = WasmBuilder.module();
    int sinkWrite = Definition.sinkWrite(program);
    int down = sinkWrite + 1;
    program.function("", "", code -> code.call(down));
    List<Deed> deeds = List.of(init, connect, disconnect);
    byte[] definition =
        new Definition()
            .hook(Definition.Hook.INIT, "init")
            .hook(Definition.Hook.CONNECT, "connected")
            .hook(Definition.Hook.DISCONNECT, "disconnected")
            .reducer("go")
            .bytes();
    Definition.describe(program, sinkWrite, definition)
        .reducer(
            code -> {
              for (int i = 0; i < deeds.size(); i++) {
                code.local(0).i32(i).op(EQUAL, IF, VOID);
                switch (deeds.get(i)) {
                  case NOTHING -> {}
                  case TRAP -> code.trap();
                  case LOOP -> code.forever();
                  case RECURSE -> code.call(down);
                }
                code.op(END);
              }
              code.i32(0);
            });
    return program.build();
  }
}
