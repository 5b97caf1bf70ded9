package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicValue.Bytes;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.json.JsonForm;
import dev.dormouse.sats.json.JsonOutput;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * A module definition as the module wrote it: nothing is checked but that it can be read.
 *
 * <p>Names of records and components follow the spec, whose field order is that of the bytes.
 * Source: spec data-model §6, since-2.8 §3.
 */
public sealed interface RawModuleDef permits RawModuleV9, RawModuleV10 {
  /** An index. V9 may leave the name out, V10 must not. */
  record Index(Optional<String> name, Optional<String> accessorName, IndexAlgorithm algorithm) {}

  /** A unique constraint; there is no other kind. */
  record Constraint(Optional<String> name, List<Integer> uniqueColumns) {
    public Constraint {
      uniqueColumns = List.copyOf(uniqueColumns);
    }
  }

  /** A sequence of one column. */
  record Sequence(
      Optional<String> name,
      int column,
      Optional<BigInteger> start,
      Optional<BigInteger> minValue,
      Optional<BigInteger> maxValue,
      BigInteger increment) {}

  /** A name for a slot of the typespace. */
  record TypeName(List<String> scope, String name, int ref, boolean customOrdering) {
    public TypeName {
      scope = List.copyOf(scope);
    }
  }

  /** A view. */
  record View(
      String name,
      int index,
      boolean isPublic,
      boolean isAnonymous,
      Product params,
      AlgebraicType returnType) {}

  /** The value that rows get in a column added later, as BSATN at the column's type. */
  record ColumnDefault(int column, Bytes value) {}

  /** Who a table belongs to. In tag order. */
  enum TableType {
    SYSTEM,
    USER
  }

  /** Who may read a table. In tag order. */
  enum TableAccess {
    PUBLIC,
    PRIVATE
  }

  /**
   * Reads the output of {@code __describe_module__}. Trailing bytes are ignored.
   *
   * @throws DecodeException if the bytes are no definition, exceed a limit, or are of version V8
   */
  static RawModuleDef decode(byte[] description, DefinitionLimits limits) {
    if (description.length > limits.definitionBytesMax()) {
      throw new DecodeException(
          "definition of %d bytes, limit %d bytes"
              .formatted(description.length, limits.definitionBytesMax()));
    }
    DefinitionReader in = new DefinitionReader(description, limits);
    int version = in.tag();
    return switch (version) {
      case 0 -> throw new DecodeException("definition version V8 is not supported");
      case 1 -> DefinitionDecoder.readV9(in);
      case 2 -> DefinitionDecoder.readV10(in);
      default -> throw new DecodeException("unknown definition version tag " + version);
    };
  }

  /** The bytes that {@link #decode} reads. */
  default byte[] encode() {
    BsatnWriter out = new BsatnWriter(1024);
    switch (this) {
      case RawModuleV9 ignored -> out.writeTag(1);
      case RawModuleV10 ignored -> out.writeTag(2);
    }
    writeTo(out);
    return out.toByteArray();
  }

  private void writeTo(BsatnWriter out) {
    switch (this) {
      case RawModuleV9 v9 -> DefinitionEncoder.writeV9(v9, out);
      case RawModuleV10 v10 -> DefinitionEncoder.writeV10(v10, out);
    }
  }

  /**
   * The definition as SATS-JSON: an object of {@code sections} for V10, of {@code typespace},
   * {@code tables} and so on for V9. Source: spec http-api §8.1.
   */
  default String toJson() {
    BsatnWriter out = new BsatnWriter(1024);
    writeTo(out);
    AlgebraicType type =
        switch (this) {
          case RawModuleV9 ignored -> DefinitionTypes.V9;
          case RawModuleV10 ignored -> DefinitionTypes.V10;
        };
    StringBuilder json = new StringBuilder(4 * out.size());
    JsonOutput.of(DefinitionTypes.TYPESPACE, JsonForm.HOST_STRUCT, DefinitionTypes.DEPTH_MAX)
        .shape(type)
        .write(out.array(), 0, out.size(), json);
    return json.toString();
  }
}
