package dev.dormouse.sats;

import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Types as BSATN values of the type of types. Source: spec data-model §1. */
public final class TypeCodec {
  /** Deepest nesting of types in types that is read. */
  public static final int DEPTH_MAX = 128;

  /** Most nodes of one type that is read by itself. */
  public static final int NODES_MAX = 1 << 16;

  /** Longest name of an element or variant, in UTF-8 bytes. */
  public static final int NAME_BYTES_MAX = 4096;

  private static final int SUM_VARIANTS_MAX = 256;

  private TypeCodec() {}

  /**
   * Reads one type.
   *
   * @throws DecodeException on an unknown tag, a short input, a sum of over 256 variants, or
   *     nesting deeper than {@link #DEPTH_MAX}
   */
  public static AlgebraicType read(BsatnReader reader) {
    return read(reader, new NodeBudget(NODES_MAX), 0);
  }

  /** As {@link #read(BsatnReader)}, with a budget shared between several types. */
  public static AlgebraicType read(BsatnReader reader, NodeBudget budget) {
    return read(reader, budget, 0);
  }

  /**
   * How many more nodes may be read. A node takes three bytes of input and a hundred of heap, so
   * the input's length alone does not bound memory well.
   */
  public static final class NodeBudget {
    private final int limit;
    private int left;

    public NodeBudget(int limit) {
      this.limit = limit;
      this.left = limit;
    }

    /** Takes {@code count} nodes; refused if fewer are left. */
    public void take(int count) {
      if (count > left) {
        throw new DecodeException("over " + limit + " parts, limit " + limit);
      }
      left -= count;
    }
  }

  private static AlgebraicType read(BsatnReader reader, NodeBudget budget, int depth) {
    if (depth > DEPTH_MAX) {
      throw new DecodeException(
          "type nested deeper than " + DEPTH_MAX + " at offset " + reader.position());
    }
    int at = reader.position();
    int tag = reader.readTag();
    return switch (tag) {
      case 0 -> new Ref(reader.readI32());
      case 1 -> {
        List<Member> variants = readMembers(reader, budget, depth);
        if (variants.size() > SUM_VARIANTS_MAX) {
          throw new DecodeException(
              "sum of " + variants.size() + " variants, limit " + SUM_VARIANTS_MAX);
        }
        yield new Sum(variants);
      }
      case 2 -> new Product(readMembers(reader, budget, depth));
      case 3 -> new Array(read(reader, budget, depth + 1));
      default -> {
        if (tag > 19) {
          throw new DecodeException("unknown type tag " + tag + " at offset " + at);
        }
        yield Primitive.ofTag(tag);
      }
    };
  }

  /** Reads a product type that stands without its tag. */
  public static Product readProduct(BsatnReader reader) {
    return readProduct(reader, new NodeBudget(NODES_MAX));
  }

  /** As {@link #readProduct(BsatnReader)}, with a budget shared between several types. */
  public static Product readProduct(BsatnReader reader, NodeBudget budget) {
    return new Product(readMembers(reader, budget, 0));
  }

  private static List<Member> readMembers(BsatnReader reader, NodeBudget budget, int depth) {
    int count = reader.readCount(2, "member");
    budget.take(count);
    List<Member> members = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Optional<String> name =
          readOptionTag(reader) ? Optional.of(readName(reader)) : Optional.empty();
      members.add(new Member(name, read(reader, budget, depth + 1)));
    }
    return members;
  }

  private static String readName(BsatnReader reader) {
    int at = reader.position();
    String name = reader.readString();
    int bytes = reader.position() - at - Integer.BYTES;
    if (bytes > NAME_BYTES_MAX) {
      throw new DecodeException(
          "name of %d bytes at offset %d, limit %d bytes".formatted(bytes, at, NAME_BYTES_MAX));
    }
    return name;
  }

  /** Reads the tag of an option: true for some. */
  public static boolean readOptionTag(BsatnReader reader) {
    int tag = reader.readTag();
    if (tag > 1) {
      throw new DecodeException(
          "option tag " + tag + " at offset " + (reader.position() - 1) + ", must be 0 or 1");
    }
    return tag == 0;
  }

  /** Writes one type. */
  public static void write(AlgebraicType type, BsatnWriter writer) {
    switch (type) {
      case Ref(int index) -> writer.writeTag(0).writeI32(index);
      case Sum(List<Member> variants) -> {
        writer.writeTag(1);
        writeMembers(variants, writer);
      }
      case Product(List<Member> elements) -> {
        writer.writeTag(2);
        writeMembers(elements, writer);
      }
      case Array(AlgebraicType element) -> {
        writer.writeTag(3);
        write(element, writer);
      }
      case Primitive primitive -> writer.writeTag(primitive.tag());
    }
  }

  /** Writes a product type without its tag. */
  public static void writeProduct(Product type, BsatnWriter writer) {
    writeMembers(type.elements(), writer);
  }

  private static void writeMembers(List<Member> members, BsatnWriter writer) {
    writer.writeI32(members.size());
    for (Member member : members) {
      if (member.name().isPresent()) {
        writer.writeTag(0).writeString(member.name().get());
      } else {
        writer.writeTag(1);
      }
      write(member.type(), writer);
    }
  }

  /** The type's own encoding. */
  public static byte[] toBytes(AlgebraicType type) {
    BsatnWriter writer = new BsatnWriter();
    write(type, writer);
    return writer.toByteArray();
  }
}
