package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.TypeCodec;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Reads the pieces that definitions are made of and counts them against the limits. */
final class DefinitionReader {
  private final BsatnReader in;
  private final DefinitionLimits limits;
  private final TypeCodec.NodeBudget parts;
  private int tables;
  private int functions;
  private int submodules;

  DefinitionReader(byte[] bytes, DefinitionLimits limits) {
    this.in = new BsatnReader(bytes);
    this.limits = limits;
    this.parts = new TypeCodec.NodeBudget(limits.partsMax());
  }

  DefinitionLimits limits() {
    return limits;
  }

  int tag() {
    return in.readTag();
  }

  int u16() {
    return in.readU16();
  }

  int u32AsIndex(String what) {
    int index = in.readI32();
    if (index < 0) {
      throw new DecodeException(
          "%s %s at offset %d, limit %d"
              .formatted(
                  what, Integer.toUnsignedString(index), in.position() - 4, Integer.MAX_VALUE));
    }
    return index;
  }

  boolean bool() {
    return in.readBool();
  }

  BigInteger i128() {
    return in.readInteger(Primitive.I128);
  }

  String string() {
    return in.readString();
  }

  byte[] bytes() {
    return in.readBytes();
  }

  byte[] raw(int length) {
    return in.readRaw(length);
  }

  /** A name, of which no longer one is read than the limit. */
  String name() {
    int at = in.position();
    String name = in.readString();
    int bytes = in.position() - at - Integer.BYTES;
    if (bytes > limits.nameBytesMax()) {
      throw new DecodeException(
          "name of %d bytes at offset %d, limit %d bytes"
              .formatted(bytes, at, limits.nameBytesMax()));
    }
    return name;
  }

  <T> Optional<T> option(Supplier<T> some) {
    return TypeCodec.readOptionTag(in) ? Optional.of(some.get()) : Optional.empty();
  }

  <E> E enumerated(E[] byTag, String what) {
    int tag = in.readTag();
    if (tag >= byTag.length) {
      throw new DecodeException(
          "unknown %s tag %d at offset %d".formatted(what, tag, in.position() - 1));
    }
    return byTag[tag];
  }

  DecodeException unknown(String what, int tag) {
    return new DecodeException(
        "unknown %s tag %d at offset %d".formatted(what, tag, in.position() - 1));
  }

  /** A list whose elements take at least {@code minimumBytes} each. */
  <T> List<T> list(String what, int minimumBytes, Supplier<T> element) {
    int count = in.readCount(minimumBytes, what);
    parts.take(count);
    List<T> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(element.get());
    }
    return list;
  }

  List<Integer> columns() {
    return list("column", Short.BYTES, this::u16);
  }

  AlgebraicType type() {
    return TypeCodec.read(in, parts);
  }

  Product product() {
    Product product = TypeCodec.readProduct(in, parts);
    if (product.elements().size() > limits.columnsMax()) {
      throw new DecodeException(
          "%d parameters, limit %d".formatted(product.elements().size(), limits.columnsMax()));
    }
    return product;
  }

  /** Reads a list of tables within the limit of all tables. */
  <T> List<T> tableList(int minimumBytes, Supplier<T> element) {
    return list(
        "table",
        minimumBytes,
        () -> {
          tables = withinLimit(tables + 1, limits.tablesMax(), "tables");
          return element.get();
        });
  }

  /** Reads a list of functions within the limit of all functions. */
  <T> List<T> functionList(String what, int minimumBytes, Supplier<T> element) {
    return list(
        what,
        minimumBytes,
        () -> {
          functions = withinLimit(functions + 1, limits.functionsMax(), "functions");
          return element.get();
        });
  }

  /** Counts one function outside a list of functions. */
  void countFunction() {
    functions = withinLimit(functions + 1, limits.functionsMax(), "functions");
  }

  /** Reads a list of submodules within the limit of all submodules. */
  <T> List<T> submoduleList(int minimumBytes, Supplier<T> element) {
    return list(
        "submodule",
        minimumBytes,
        () -> {
          submodules = withinLimit(submodules + 1, limits.submodulesMax(), "submodules");
          return element.get();
        });
  }

  private static int withinLimit(int count, int limit, String what) {
    if (count > limit) {
      throw new DecodeException(
          "definition has over %d %s, limit %d".formatted(limit, what, limit));
    }
    return count;
  }
}
