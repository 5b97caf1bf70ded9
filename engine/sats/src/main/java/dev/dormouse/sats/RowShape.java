package dev.dormouse.sats;

import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import java.util.List;
import java.util.OptionalInt;

/**
 * A product type compiled for work on encoded rows: where columns are, and whether bytes are a row.
 *
 * <p>No allocation, no decoding. Immutable. References must have been inlined.
 */
public final class RowShape {
  private final Shape[] columns;
  private final int[] fixedOffsets;
  private final int fixedColumns;
  private final int fixedSize;
  private final boolean anyBytesFit;

  private RowShape(Shape[] columns) {
    this.columns = columns;
    this.fixedOffsets = new int[columns.length];
    int offset = 0;
    int known = 0;
    boolean plain = true;
    for (; known < columns.length; known++) {
      fixedOffsets[known] = offset;
      int width = columns[known].width();
      if (width < 0) {
        known++;
        break;
      }
      offset += width;
    }
    boolean allFixed = true;
    for (Shape column : columns) {
      allFixed &= column.width() >= 0;
      plain &= column instanceof Raw;
    }
    this.fixedColumns = known;
    this.fixedSize = allFixed ? offset : -1;
    this.anyBytesFit = plain;
  }

  /** Compiles a row type whose references are inlined. */
  public static RowShape of(Product type) {
    return new RowShape(
        type.elements().stream().map(element -> compile(element.type())).toArray(Shape[]::new));
  }

  /** Compiles a row of these column types, with references inlined. */
  public static RowShape ofColumns(List<AlgebraicType> types) {
    return new RowShape(types.stream().map(RowShape::compile).toArray(Shape[]::new));
  }

  /** Number of columns. */
  public int columnCount() {
    return columns.length;
  }

  /** Bytes of every row, if that is the same for all of them. */
  public OptionalInt fixedSize() {
    return fixedSize < 0 ? OptionalInt.empty() : OptionalInt.of(fixedSize);
  }

  /** Bytes of every value of a column, or -1 where they differ. */
  public int columnWidth(int column) {
    return columns[column].width();
  }

  /**
   * Checks that a row starts at {@code offset} and returns the index behind its last byte.
   *
   * @param limit index behind the last byte that may be read; bytes behind the row are ignored
   * @throws DecodeException if the bytes are no row
   */
  public int validate(byte[] bytes, int offset, int limit) {
    if (anyBytesFit) {
      if (fixedSize > limit - offset) {
        throw tooShort(fixedSize, offset, limit);
      }
      return offset + fixedSize;
    }
    int at = offset;
    for (Shape column : columns) {
      at = column.validate(bytes, at, limit);
    }
    return at;
  }

  /** Index of a column's first byte in a row that is known to be valid. */
  public int columnOffset(byte[] bytes, int rowOffset, int column) {
    if (column < fixedColumns) {
      return rowOffset + fixedOffsets[column];
    }
    int at = rowOffset + fixedOffsets[fixedColumns - 1];
    for (int i = fixedColumns - 1; i < column; i++) {
      at = columns[i].skip(bytes, at);
    }
    return at;
  }

  /** Index behind a column's last byte, given its first, in a row that is known to be valid. */
  public int columnEnd(byte[] bytes, int columnOffset, int column) {
    return columns[column].skip(bytes, columnOffset);
  }

  /** Index behind the last byte of a row that is known to be valid. */
  public int rowEnd(byte[] bytes, int rowOffset) {
    if (fixedSize >= 0) {
      return rowOffset + fixedSize;
    }
    int at = columnOffset(bytes, rowOffset, fixedColumns - 1);
    for (int i = fixedColumns - 1; i < columns.length; i++) {
      at = columns[i].skip(bytes, at);
    }
    return at;
  }

  private static DecodeException tooShort(int needed, int offset, int limit) {
    return new DecodeException(
        "row needs %d bytes at offset %d, %d left".formatted(needed, offset, limit - offset));
  }

  /** One type, compiled. */
  private sealed interface Shape {
    /** Bytes of every value, or -1. */
    int width();

    /** Index behind the value at {@code at}; throws if there is none. */
    int validate(byte[] bytes, int at, int limit);

    /** Index behind the valid value at {@code at}. */
    int skip(byte[] bytes, int at);
  }

  private static Shape compile(AlgebraicType type) {
    return switch (type) {
      case Ref ref -> throw new IllegalStateException(ref + " in a row type");
      case Product(List<Member> elements) -> {
        Shape[] parts =
            elements.stream().map(element -> compile(element.type())).toArray(Shape[]::new);
        int width = 0;
        boolean raw = true;
        for (Shape part : parts) {
          width = width < 0 || part.width() < 0 ? -1 : width + part.width();
          raw &= part instanceof Raw;
        }
        yield raw ? new Raw(width) : new Parts(parts, width);
      }
      case Sum(List<Member> variants) -> {
        Shape[] payloads =
            variants.stream().map(variant -> compile(variant.type())).toArray(Shape[]::new);
        int width = payloads.length == 0 ? -1 : 1 + payloads[0].width();
        for (Shape payload : payloads) {
          if (payload.width() < 0 || 1 + payload.width() != width) {
            width = -1;
          }
        }
        yield new Tagged(payloads, width);
      }
      case Array(AlgebraicType element) -> new Counted(compile(element));
      case Primitive primitive -> compilePrimitive(primitive);
    };
  }

  private static Shape compilePrimitive(Primitive primitive) {
    return switch (primitive) {
      case STRING -> new Utf8();
      case BOOL -> new Bit();
      case I8, U8, I16, U16, I32, U32, I64, U64, I128, U128, I256, U256, F32, F64 ->
          new Raw(primitive.width());
    };
  }

  private static int readLength(byte[] bytes, int at) {
    return (bytes[at] & 0xff)
        | (bytes[at + 1] & 0xff) << 8
        | (bytes[at + 2] & 0xff) << 16
        | (bytes[at + 3] & 0xff) << 24;
  }

  private static int checkedLength(byte[] bytes, int at, int limit) {
    if (limit - at < 4) {
      throw tooShort(4, at, limit);
    }
    int length = readLength(bytes, at);
    if (length < 0) {
      throw new DecodeException(
          "length %s at offset %d, %d bytes left"
              .formatted(Integer.toUnsignedString(length), at, limit - at - 4));
    }
    return length;
  }

  /** Any bytes of a fixed width. */
  private record Raw(int width) implements Shape {
    @Override
    public int validate(byte[] bytes, int at, int limit) {
      if (width > limit - at) {
        throw tooShort(width, at, limit);
      }
      return at + width;
    }

    @Override
    public int skip(byte[] bytes, int at) {
      return at + width;
    }
  }

  private record Bit() implements Shape {
    @Override
    public int width() {
      return 1;
    }

    @Override
    public int validate(byte[] bytes, int at, int limit) {
      if (limit - at < 1) {
        throw tooShort(1, at, limit);
      }
      if ((bytes[at] & 0xfe) != 0) {
        throw new DecodeException(
            "Bool is byte %d at offset %d, must be 0 or 1".formatted(bytes[at] & 0xff, at));
      }
      return at + 1;
    }

    @Override
    public int skip(byte[] bytes, int at) {
      return at + 1;
    }
  }

  private record Utf8() implements Shape {
    @Override
    public int width() {
      return -1;
    }

    @Override
    public int validate(byte[] bytes, int at, int limit) {
      int length = checkedLength(bytes, at, limit);
      if (length > limit - at - 4) {
        throw tooShort(length, at + 4, limit);
      }
      for (int i = at + 4, end = at + 4 + length; i < end; i++) {
        if (bytes[i] < 0) {
          BsatnReader.Utf8.decode(bytes, at + 4, length);
          break;
        }
      }
      return at + 4 + length;
    }

    @Override
    public int skip(byte[] bytes, int at) {
      return at + 4 + readLength(bytes, at);
    }
  }

  private record Counted(Shape element) implements Shape {
    @Override
    public int width() {
      return -1;
    }

    @Override
    public int validate(byte[] bytes, int at, int limit) {
      int count = checkedLength(bytes, at, limit);
      int position = at + 4;
      if (element instanceof Raw(int width)) {
        if ((long) count * width > limit - position) {
          throw new DecodeException(
              "array of %d elements of %d bytes at offset %d, %d bytes left"
                  .formatted(count, width, at, limit - position));
        }
        if (width == 0 && count > Bsatn.ZERO_SIZE_ELEMENTS_MAX) {
          throw new DecodeException(
              "array of %d elements without bytes, limit %d"
                  .formatted(count, Bsatn.ZERO_SIZE_ELEMENTS_MAX));
        }
        return position + count * width;
      }
      for (int i = 0; i < count; i++) {
        int next = element.validate(bytes, position, limit);
        if (next == position && count > Bsatn.ZERO_SIZE_ELEMENTS_MAX) {
          throw new DecodeException(
              "array of %d elements without bytes, limit %d"
                  .formatted(count, Bsatn.ZERO_SIZE_ELEMENTS_MAX));
        }
        position = next;
      }
      return position;
    }

    @Override
    public int skip(byte[] bytes, int at) {
      int count = readLength(bytes, at);
      int position = at + 4;
      if (element.width() >= 0) {
        return position + count * element.width();
      }
      for (int i = 0; i < count; i++) {
        position = element.skip(bytes, position);
      }
      return position;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // private to this file, never compared
  private record Tagged(Shape[] payloads, int width) implements Shape {
    @Override
    public int validate(byte[] bytes, int at, int limit) {
      if (limit - at < 1) {
        throw tooShort(1, at, limit);
      }
      int tag = bytes[at] & 0xff;
      if (tag >= payloads.length) {
        throw new DecodeException(
            "sum tag %d at offset %d, the type has %d variants"
                .formatted(tag, at, payloads.length));
      }
      return payloads[tag].validate(bytes, at + 1, limit);
    }

    @Override
    public int skip(byte[] bytes, int at) {
      return payloads[bytes[at] & 0xff].skip(bytes, at + 1);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // private to this file, never compared
  private record Parts(Shape[] parts, int width) implements Shape {
    @Override
    public int validate(byte[] bytes, int at, int limit) {
      int position = at;
      for (Shape part : parts) {
        position = part.validate(bytes, position, limit);
      }
      return position;
    }

    @Override
    public int skip(byte[] bytes, int at) {
      if (width >= 0) {
        return at + width;
      }
      int position = at;
      for (Shape part : parts) {
        position = part.skip(bytes, position);
      }
      return position;
    }
  }
}
