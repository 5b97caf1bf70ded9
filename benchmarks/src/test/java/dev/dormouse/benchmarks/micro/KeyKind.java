package dev.dormouse.benchmarks.micro;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.module.IndexAlgorithm;
import dev.dormouse.sats.module.TableDef;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A table of a unique key and a balance, by kind of its index. */
public enum KeyKind {
  BTREE_U32(Shape.U32, false),
  BTREE_U64(Shape.U64, false),
  BTREE_STRING(Shape.STRING, false),
  BTREE_U32_U64(Shape.U32_U64, false),
  HASH_U32(Shape.U32, true);

  private enum Shape {
    U32(List.of(Primitive.U32)),
    U64(List.of(Primitive.U64)),
    STRING(List.of(Primitive.STRING)),
    U32_U64(List.of(Primitive.U32, Primitive.U64));

    final List<AlgebraicType> columns;

    Shape(List<AlgebraicType> columns) {
      this.columns = columns;
    }
  }

  /** Spreads keys over their type, one to one: odd. */
  private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final Shape shape;
  private final boolean hash;

  KeyKind(Shape shape, boolean hash) {
    this.shape = shape;
    this.hash = hash;
  }

  /** The table's definition. */
  TableDef table() {
    List<TableDef.ColumnDef> columns = new ArrayList<>();
    List<Integer> key = new ArrayList<>();
    for (int i = 0; i < shape.columns.size(); i++) {
      String name = "k" + i;
      columns.add(new TableDef.ColumnDef(name, name, shape.columns.get(i), Optional.empty()));
      key.add(i);
    }
    columns.add(new TableDef.ColumnDef("balance", "balance", Primitive.I64, Optional.empty()));
    IndexAlgorithm algorithm = hash ? new IndexAlgorithm.Hash(key) : new IndexAlgorithm.BTree(key);
    return new TableDef(
        "account",
        "account",
        true,
        false,
        columns,
        key.size() == 1 ? OptionalInt.of(0) : OptionalInt.empty(),
        List.of(new TableDef.IndexDef("by_key", "by_key", Optional.empty(), algorithm)),
        List.of(new TableDef.UniqueDef("account_key", key)),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        0);
  }

  /** BSATN of the key with a number. */
  byte[] key(int number) {
    long spread = number * SPREAD;
    ByteBuffer out = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    switch (shape) {
      case U32 -> out.putInt(number * (int) SPREAD);
      case U64 -> out.putLong(spread);
      case STRING -> {
        byte[] text = "user-%016x@example".formatted(spread).getBytes(StandardCharsets.US_ASCII);
        out.putInt(text.length).put(text);
      }
      case U32_U64 -> out.putInt(number % 1_000).putLong(spread);
    }
    byte[] key = new byte[out.position()];
    out.get(0, key);
    return key;
  }

  /** Writes another balance into a row. */
  static void setBalance(byte[] row, long balance) {
    LONGS.set(row, row.length - Long.BYTES, balance);
  }

  /** BSATN of a row. */
  byte[] row(int number, long balance) {
    byte[] key = key(number);
    return ByteBuffer.allocate(key.length + 8)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(key)
        .putLong(balance)
        .array();
  }
}
