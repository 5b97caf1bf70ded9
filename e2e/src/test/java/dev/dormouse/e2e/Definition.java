package dev.dormouse.e2e;

import dev.dormouse.modulehost.WasmBuilder;
import dev.dormouse.sats.BsatnWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * A module definition, V10, and the part of a program that writes it. Names are taken as they are.
 * Source: spec data-model §6.4.
 */
final class Definition {
  /** What a lifecycle reducer is for. */
  enum Hook {
    INIT(0),
    CONNECT(1),
    DISCONNECT(2);

    private final int tag;

    Hook(int tag) {
      this.tag = tag;
    }
  }

  /** Where the definition lies in the guest's memory; the length is kept in {@link #LENGTH_AT}. */
  static final int AT = 1 << 16;

  /** A cell of the guest's memory. */
  static final int LENGTH_AT = 8;

  private static final int NAME_LENGTH_BYTES = 4;

  private final List<byte[]> types = new ArrayList<>();
  private final List<byte[]> typeNames = new ArrayList<>();
  private final List<byte[]> tables = new ArrayList<>();
  private final List<byte[]> reducers = new ArrayList<>();
  private final List<byte[]> hooks = new ArrayList<>();

  /** A public table with columns of type U32; the first is the primary key if there is one. */
  Definition table(String name, boolean keyed, String... columns) {
    BsatnWriter type = new BsatnWriter().writeU8(2).writeI32(columns.length);
    for (String column : columns) {
      type.writeU8(0).writeString(column).writeU8(11);
    }
    int reference = types.size();
    types.add(type.toByteArray());
    typeNames.add(
        new BsatnWriter()
            .writeI32(0)
            .writeString("Row" + name)
            .writeI32(reference)
            .writeU8(1)
            .toByteArray());
    BsatnWriter table = new BsatnWriter().writeString(name).writeI32(reference);
    if (keyed) {
      table.writeI32(1).writeU8(0).writeU8(0);
      String index = name + "_" + columns[0] + "_idx_btree";
      table.writeI32(1).writeU8(0).writeString(index).writeU8(1);
      table.writeU8(0).writeI32(1).writeU8(0).writeU8(0);
      table.writeI32(1).writeU8(1).writeU8(0).writeI32(1).writeU8(0).writeU8(0);
    } else {
      table.writeI32(0).writeI32(0).writeI32(0);
    }
    tables.add(table.writeI32(0).writeU8(1).writeU8(0).writeI32(0).writeU8(0).toByteArray());
    return this;
  }

  /** A reducer without parameters; they are numbered in this order. */
  Definition reducer(String name) {
    return reducer(name, new byte[NAME_LENGTH_BYTES]);
  }

  /** A reducer with parameters as BSATN. */
  Definition reducer(String name, byte[] parameters) {
    reducers.add(
        new BsatnWriter()
            .writeString(name)
            .writeRaw(parameters)
            .writeU8(1)
            .writeU8(2)
            .writeI32(0)
            .writeU8(4)
            .toByteArray());
    return this;
  }

  /** A reducer that runs when something happens. */
  Definition hook(Hook what, String name) {
    hooks.add(new BsatnWriter().writeU8(what.tag).writeString(name).toByteArray());
    return reducer(name);
  }

  byte[] bytes() {
    BsatnWriter out = new BsatnWriter().writeU8(2).writeI32(6);
    section(out, 0, types);
    section(out, 1, typeNames);
    section(out, 2, tables);
    section(out, 3, reducers);
    section(out, 7, hooks);
    return out.writeU8(9).writeU8(0).toByteArray();
  }

  private static void section(BsatnWriter out, int tag, List<byte[]> entries) {
    out.writeU8(tag).writeI32(entries.size());
    entries.forEach(out::writeRaw);
  }

  /**
   * Gives a program memory with a definition and a describe function that writes it.
   *
   * @param sinkWrite index of the import {@code bytes_sink_write}
   */
  static WasmBuilder describe(WasmBuilder program, int sinkWrite, byte[] definition) {
    byte[] length = new BsatnWriter().writeI32(definition.length).toByteArray();
    return program
        .memory(((AT + definition.length) >> 16) + 1)
        .data(LENGTH_AT, length)
        .data(AT, definition)
        .exported(
            "__describe_module__",
            "i",
            "",
            code -> code.local(0).i32(AT).i32(LENGTH_AT).call(sinkWrite).drop());
  }

  /** A program with this definition whose reducers do nothing. */
  byte[] program() {
    return program(bytes());
  }

  /** A program with a definition of any bytes, whose reducers do nothing. */
  static byte[] program(byte[] definition) {
    WasmBuilder program = WasmBuilder.module();
    int write = sinkWrite(program);
    return describe(program, write, definition).build();
  }

  /** The import that every program needs. */
  static int sinkWrite(WasmBuilder program) {
    return program.importFunction("spacetime_10.0", "bytes_sink_write", "iii", "i");
  }
}
