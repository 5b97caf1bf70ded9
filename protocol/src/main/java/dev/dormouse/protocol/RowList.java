package dev.dormouse.protocol;

import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.DecodeException;

/**
 * Encoded rows, decoded as far as finding each (BsatnRowList). Source: spec client-protocol §4.
 *
 * @param hint how to find a row
 * @param data the rows, back to back
 */
public record RowList(RowSizeHint hint, ByteSlice data) {
  /** Where rows begin and end. */
  public sealed interface RowSizeHint {
    /** Every row has this size in bytes: 1 to 65,535. */
    record FixedSize(int size) implements RowSizeHint {}

    /** The starts of the rows: a U64 each, as encoded. */
    record RowOffsets(ByteSlice starts) implements RowSizeHint {
      /** Number of rows. */
      public int count() {
        return starts.length() / Long.BYTES;
      }

      /** Start of a row in the data. */
      public long start(int row) {
        return new BsatnReader(starts.array(), starts.offset() + row * Long.BYTES, Long.BYTES)
            .readI64();
      }
    }
  }

  /** Number of rows. */
  public int rowCount() {
    return switch (hint) {
      case RowSizeHint.FixedSize(int size) -> data.length() / size;
      case RowSizeHint.RowOffsets offsets -> offsets.count();
    };
  }

  /** One row. */
  public ByteSlice row(int index) {
    return switch (hint) {
      case RowSizeHint.FixedSize(int size) -> data.slice(index * size, size);
      case RowSizeHint.RowOffsets offsets -> {
        int start = (int) offsets.start(index);
        int end = index + 1 < offsets.count() ? (int) offsets.start(index + 1) : data.length();
        yield data.slice(start, end - start);
      }
    };
  }

  /** Reads a list and checks that its rows lie in its data. */
  static RowList read(BsatnReader reader) {
    int tag = reader.readTag();
    RowSizeHint hint =
        switch (tag) {
          case RowListWriter.HINT_FIXED_SIZE -> new RowSizeHint.FixedSize(reader.readU16());
          case RowListWriter.HINT_ROW_OFFSETS -> {
            int count = reader.readCount(Long.BYTES, "row offsets");
            int bytes = count * Long.BYTES;
            yield new RowSizeHint.RowOffsets(
                new ByteSlice(reader.array(), reader.skip(bytes), bytes));
          }
          default -> throw new DecodeException("unknown row size hint " + tag);
        };
    ByteSlice data = ServerMessageDecoder.bytes(reader);
    switch (hint) {
      case RowSizeHint.FixedSize(int size) -> {
        if (size == 0 || data.length() % size != 0) {
          throw new DecodeException(
              data.length() + " bytes of rows do not hold rows of " + size + " bytes");
        }
      }
      case RowSizeHint.RowOffsets offsets -> checkOffsets(offsets, data.length());
    }
    return new RowList(hint, data);
  }

  private static void checkOffsets(RowSizeHint.RowOffsets offsets, int length) {
    long before = 0;
    for (int i = 0; i < offsets.count(); i++) {
      long start = offsets.start(i);
      if (start < before || start > length || (i == 0 && start != 0)) {
        throw new DecodeException(
            "row %d starts at %s in %d bytes of rows"
                .formatted(i, Long.toUnsignedString(start), length));
      }
      before = start;
    }
    if (offsets.count() == 0 && length > 0) {
      throw new DecodeException(length + " bytes of rows belong to no row");
    }
  }
}
