package dev.dormouse.datastore;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.RowShape;
import dev.dormouse.sats.SpecialType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How the key columns of a row become a key: bytes in the order of values, or one long.
 *
 * <p>Immutable. Source: spec data-model §3, module-abi §5.3.
 */
final class KeyEncoding {
  /** The ways to make a long of a row without the detour over bytes. */
  private enum Shortcut {
    NONE,
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64
  }

  private final RowShape row;
  private final int[] columns;
  private final KeyPart[] parts;
  private final RowShape keyShape;
  private final KeyPart[] elements;
  private final RowShape[] elementShapes;
  private final boolean singlePlainColumn;
  private final int width;
  private final Shortcut shortcut;

  /** Whether the key is one text. */
  private final boolean isText;

  KeyEncoding(RowShape row, List<AlgebraicType> columnTypes, List<Integer> keyColumns) {
    this.row = row;
    this.columns = keyColumns.stream().mapToInt(Integer::intValue).toArray();
    List<AlgebraicType> types = keyColumns.stream().map(columnTypes::get).toList();
    this.parts = types.stream().map(KeyPart::of).toArray(KeyPart[]::new);
    this.keyShape = RowShape.ofColumns(types);
    List<AlgebraicType> elementTypes =
        types.size() == 1 && types.getFirst() instanceof Product product
            ? product.elements().stream().map(AlgebraicType.Member::type).toList()
            : types;
    this.singlePlainColumn = types.size() == 1 && !(types.getFirst() instanceof Product);
    this.elements = elementTypes.stream().map(KeyPart::of).toArray(KeyPart[]::new);
    this.elementShapes =
        elementTypes.stream()
            .map(type -> RowShape.ofColumns(List.of(type)))
            .toArray(RowShape[]::new);
    this.width = KeyPart.total(parts);
    this.isText = parts.length == 1 && parts[0] instanceof KeyPart.Text;
    this.shortcut = types.size() == 1 ? shortcut(types.getFirst()) : Shortcut.NONE;
  }

  private static Shortcut shortcut(AlgebraicType type) {
    Optional<SpecialType> special = SpecialType.of(type);
    if (special.isPresent()) {
      return shortcut(special.get().type().elements().getFirst().type());
    }
    if (!(type instanceof Primitive primitive)) {
      return Shortcut.NONE;
    }
    return switch (primitive) {
      case U8, BOOL -> Shortcut.U8;
      case I8 -> Shortcut.I8;
      case U16 -> Shortcut.U16;
      case I16 -> Shortcut.I16;
      case U32 -> Shortcut.U32;
      case I32 -> Shortcut.I32;
      case U64 -> Shortcut.U64;
      case I64 -> Shortcut.I64;
      case STRING, I128, U128, I256, U256, F32, F64 -> Shortcut.NONE;
    };
  }

  /** Whether every key is one long. */
  boolean packs() {
    return width >= 0 && width <= 8;
  }

  /** How many elements a prefix and a bound count: columns, or fields of one product column. */
  int elementCount() {
    return elements.length;
  }

  /** The key of a valid row as one long; {@code scratch} is overwritten. */
  long packRow(byte[] bytes, int rowOffset, KeyBuffer scratch) {
    if (shortcut != Shortcut.NONE) {
      return packNumber(bytes, row.columnOffset(bytes, rowOffset, columns[0]));
    }
    encodeRow(bytes, rowOffset, scratch);
    return scratch.prefix();
  }

  private long packNumber(byte[] bytes, int at) {
    return switch (shortcut) {
      case U8 -> ((long) bytes[at] << 56) ^ Long.MIN_VALUE;
      case I8 -> (long) bytes[at] << 56;
      case U16 -> ((long) Words.littleShort(bytes, at) << 48) ^ Long.MIN_VALUE;
      case I16 -> (long) Words.littleShort(bytes, at) << 48;
      case U32 -> ((long) Words.littleInt(bytes, at) << 32) ^ Long.MIN_VALUE;
      case I32 -> (long) Words.littleInt(bytes, at) << 32;
      case U64 -> Words.littleLong(bytes, at) ^ Long.MIN_VALUE;
      case I64 -> Words.littleLong(bytes, at);
      case NONE -> throw new IllegalStateException("key is no number");
    };
  }

  /**
   * Order of the key of a valid row and a key.
   *
   * @param scratch is overwritten
   */
  int compareRow(byte[] bytes, int rowOffset, KeyBuffer key, KeyBuffer scratch) {
    if (key.plainText) {
      return comparePlainText(bytes, row.columnOffset(bytes, rowOffset, columns[0]), key);
    }
    encodeRow(bytes, rowOffset, scratch);
    return key.compareFrom(scratch.bytes, scratch.length);
  }

  /**
   * Order of a text and a key that is a text without zeros, without encoding the former: up to the
   * first difference it has no zeros either, and behind that only who goes on is of interest.
   */
  private static int comparePlainText(byte[] bytes, int at, KeyBuffer key) {
    int length = Words.littleInt(bytes, at);
    int keyLength = key.length - KeyPart.Text.TERMINATOR_BYTES;
    return Arrays.compareUnsigned(bytes, at + 4, at + 4 + length, key.bytes, 0, keyLength);
  }

  /** The key of a valid row. */
  void encodeRow(byte[] bytes, int rowOffset, KeyBuffer out) {
    out.clear();
    if (isText) {
      encodeText(bytes, row.columnOffset(bytes, rowOffset, columns[0]), out);
      return;
    }
    for (int i = 0; i < parts.length; i++) {
      parts[i].encode(bytes, row.columnOffset(bytes, rowOffset, columns[i]), out);
    }
  }

  private void encodeText(byte[] bytes, int at, KeyBuffer out) {
    parts[0].encode(bytes, at, out);
    out.plainText = out.length == Words.littleInt(bytes, at) + KeyPart.Text.TERMINATOR_BYTES;
  }

  /** Checks a whole key: the values of all key columns one after another. */
  void validatePoint(byte[] bytes, int offset, int length) {
    keyShape.validate(bytes, offset, offset + length);
  }

  /** A valid whole key as one long. */
  long packPoint(byte[] bytes, int offset, KeyBuffer scratch) {
    if (shortcut != Shortcut.NONE) {
      return packNumber(bytes, offset);
    }
    encodePoint(bytes, offset, scratch);
    return scratch.prefix();
  }

  /** A valid whole key. */
  void encodePoint(byte[] bytes, int offset, KeyBuffer out) {
    out.clear();
    if (isText) {
      encodeText(bytes, offset, out);
      return;
    }
    int at = offset;
    for (KeyPart part : parts) {
      at = part.encode(bytes, at, out);
    }
  }

  /**
   * Turns a prefix and two bounds into two positions in the order of keys.
   *
   * @throws DecodeException if they do not fit the key
   */
  void encodeRange(IndexRange range, KeyBuffer low, KeyBuffer high) {
    int prefixElements = range.prefixElements();
    if (prefixElements >= elements.length || (singlePlainColumn && prefixElements != 0)) {
      throw new DecodeException(
          "prefix of %d elements, key of %d".formatted(prefixElements, elements.length));
    }
    low.clear();
    int at = range.prefixOffset;
    int limit = at + range.prefixLength;
    if (prefixElements == 0 && range.prefixLength != 0) {
      throw new DecodeException("prefix of %d bytes for no elements".formatted(range.prefixLength));
    }
    for (int i = 0; i < prefixElements; i++) {
      int end = elementShapes[i].validate(range.prefix, at, limit);
      elements[i].encode(range.prefix, at, low);
      at = end;
    }
    high.clear();
    int copied = high.room(low.length);
    System.arraycopy(low.bytes, 0, high.bytes, copied, low.length);
    low.after =
        encodeBound(range.start, range.startOffset, range.startLength, prefixElements, low, true);
    high.after =
        encodeBound(range.end, range.endOffset, range.endLength, prefixElements, high, false);
  }

  /** Appends a bound's value and returns whether the position is behind all that start so. */
  private boolean encodeBound(
      byte[] bound, int offset, int length, int element, KeyBuffer out, boolean isStart) {
    if (length < 1) {
      throw new DecodeException("bound of 0 bytes");
    }
    int tag = bound[offset] & 0xff;
    if (tag > IndexRange.UNBOUNDED) {
      throw new DecodeException("bound tag %d, must be 0, 1 or 2".formatted(tag));
    }
    if (tag == IndexRange.UNBOUNDED) {
      return !isStart;
    }
    elementShapes[element].validate(bound, offset + 1, offset + length);
    elements[element].encode(bound, offset + 1, out);
    return isStart == (tag == IndexRange.EXCLUDED);
  }
}
