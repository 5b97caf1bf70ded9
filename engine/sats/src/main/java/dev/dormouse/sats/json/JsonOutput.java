package dev.dormouse.sats.json;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.Bsatn;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.Typespace;
import java.util.List;

/**
 * Types compiled for writing SATS-JSON straight from BSATN, without a tree between.
 *
 * <p>Immutable. Source: spec data-model §5.1.
 */
public final class JsonOutput {
  private final Typespace typespace;
  private final JsonForm form;
  private final int depthMax;
  private final Node[] slots;

  private JsonOutput(Typespace typespace, JsonForm form, int depthMax) {
    this.typespace = typespace;
    this.form = form;
    this.depthMax = depthMax;
    this.slots = new Node[typespace.types().size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = compile(typespace.types().get(i));
    }
  }

  /** Output of values whose types' references point into this typespace. */
  public static JsonOutput of(Typespace typespace, JsonForm form) {
    return new JsonOutput(typespace, form, Bsatn.DEPTH_MAX);
  }

  /** As {@link #of(Typespace, JsonForm)}, for values nested deeper than {@link Bsatn#DEPTH_MAX}. */
  public static JsonOutput of(Typespace typespace, JsonForm form, int depthMax) {
    return new JsonOutput(typespace, form, depthMax);
  }

  /** Output of values of one type. */
  public static final class Shape {
    private final Node node;
    private final int depthMax;

    private Shape(Node node, int depthMax) {
      this.node = node;
      this.depthMax = depthMax;
    }

    /**
     * Appends one value and leaves what follows it.
     *
     * @throws DecodeException if the bytes are no value of the type, it is nested too deeply, or
     *     the form wants names and the type has none
     */
    public void write(BsatnReader in, StringBuilder out) {
      write(in, out, Integer.MAX_VALUE);
    }

    /**
     * As {@link #write(BsatnReader, StringBuilder)}, but stops soon after the output has become too
     * long: at most one string or byte array later.
     *
     * @param lengthMax characters of the output, with what was there before
     * @throws EngineException for the caller, if there would be more
     */
    public void write(BsatnReader in, StringBuilder out, int lengthMax) {
      node.write(in, out, depthMax, lengthMax);
      requireWithin(out, lengthMax);
    }

    /** Appends the value that a range of bytes begins with. */
    public void write(byte[] bytes, int offset, int length, StringBuilder out) {
      write(new BsatnReader(bytes, offset, length), out);
    }

    /** The JSON of the value that the bytes begin with. */
    public String toJson(byte[] bytes) {
      StringBuilder out = new StringBuilder(bytes.length * 2);
      write(bytes, 0, bytes.length, out);
      return out.toString();
    }
  }

  /** Compiles a type. */
  public Shape shape(AlgebraicType type) {
    return new Shape(compile(type), depthMax);
  }

  private Node compile(AlgebraicType type) {
    return switch (type) {
      case Ref ref -> new Slot(slots, ref);
      case Primitive primitive -> new Scalar(primitive);
      case Array(AlgebraicType element) ->
          isU8(element) ? new Hex() : new Elements(compile(element));
      case Product(List<Member> elements) -> new Fields(keys(elements), compile(elements), form);
      case Sum(List<Member> variants) -> new Variants(keys(variants), compile(variants), form);
    };
  }

  private boolean isU8(AlgebraicType element) {
    return element == Primitive.U8
        || (element instanceof Ref ref
            && ref.isWithin(slots.length)
            && typespace.get(ref) == Primitive.U8);
  }

  private Node[] compile(List<Member> members) {
    return members.stream().map(member -> compile(member.type())).toArray(Node[]::new);
  }

  /** Each name quoted with a colon, or an empty text for none. */
  private static String[] keys(List<Member> members) {
    return members.stream()
        .map(
            member ->
                member
                    .name()
                    .map(
                        name -> {
                          StringBuilder key = new StringBuilder(name.length() + 3);
                          JsonText.appendQuoted(key, name);
                          return key.append(':').toString();
                        })
                    .orElse(""))
        .toArray(String[]::new);
  }

  private static int deeper(int depthLeft, BsatnReader in) {
    if (depthLeft < 0) {
      throw new DecodeException("value nested too deeply at offset " + in.position());
    }
    return depthLeft - 1;
  }

  private static void requireWithin(StringBuilder out, int lengthMax) {
    if (out.length() > lengthMax) {
      throw EngineException.caller(
          "result of more than %d characters of JSON, which is the limit".formatted(lengthMax));
    }
  }

  private sealed interface Node {
    void write(BsatnReader in, StringBuilder out, int depthLeft, int lengthMax);
  }

  private record Scalar(Primitive type) implements Node {
    @Override
    public void write(BsatnReader in, StringBuilder out, int depthLeft, int lengthMax) {
      JsonText.appendPrimitive(out, type, in);
    }
  }

  private record Hex() implements Node {
    @Override
    public void write(BsatnReader in, StringBuilder out, int depthLeft, int lengthMax) {
      JsonText.appendHex(out, in);
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // private to this file, never compared
  private record Slot(Node[] slots, Ref ref) implements Node {
    @Override
    public void write(BsatnReader in, StringBuilder out, int depthLeft, int lengthMax) {
      if (!ref.isWithin(slots.length)) {
        throw new DecodeException(
            "%s is dangling: the typespace has %d types".formatted(ref, slots.length));
      }
      slots[ref.index()].write(in, out, deeper(depthLeft, in), lengthMax);
    }
  }

  private record Elements(Node element) implements Node {
    @Override
    public void write(BsatnReader in, StringBuilder out, int depthLeft, int lengthMax) {
      int next = deeper(depthLeft, in);
      int count = in.readCount(0, "array");
      out.append('[');
      for (int i = 0; i < count; i++) {
        if (i > 0) {
          out.append(',');
        }
        int before = in.position();
        element.write(in, out, next, lengthMax);
        requireWithin(out, lengthMax);
        if (in.position() == before && count > Bsatn.ZERO_SIZE_ELEMENTS_MAX) {
          throw new DecodeException(
              "array of %d elements without bytes, limit %d"
                  .formatted(count, Bsatn.ZERO_SIZE_ELEMENTS_MAX));
        }
      }
      out.append(']');
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // private to this file, never compared
  private record Fields(String[] keys, Node[] parts, JsonForm form) implements Node {
    @Override
    public void write(BsatnReader in, StringBuilder out, int depthLeft, int lengthMax) {
      int next = deeper(depthLeft, in);
      boolean named = form != JsonForm.UNTYPED;
      out.append(named ? '{' : '[');
      for (int i = 0; i < parts.length; i++) {
        if (i > 0) {
          out.append(',');
        }
        if (named) {
          if (keys[i].isEmpty()) {
            throw new DecodeException("element " + i + " of a product has no name for its JSON");
          }
          out.append(keys[i]);
        }
        parts[i].write(in, out, next, lengthMax);
        requireWithin(out, lengthMax);
      }
      out.append(named ? '}' : ']');
    }

    boolean isUnit() {
      return parts.length == 0;
    }
  }

  @SuppressWarnings("ArrayRecordComponent") // private to this file, never compared
  private record Variants(String[] keys, Node[] payloads, JsonForm form) implements Node {
    @Override
    public void write(BsatnReader in, StringBuilder out, int depthLeft, int lengthMax) {
      int next = deeper(depthLeft, in);
      int tag = in.readTag();
      if (tag >= payloads.length) {
        throw new DecodeException(
            "sum tag %d at offset %d, the type has %d variants"
                .formatted(tag, in.position() - 1, payloads.length));
      }
      boolean named = form != JsonForm.UNTYPED && !keys[tag].isEmpty();
      if (named) {
        out.append('{').append(keys[tag]);
      } else {
        out.append('[').append(tag).append(',');
      }
      if (form == JsonForm.HOST_STRUCT && payloads[tag] instanceof Fields unit && unit.isUnit()) {
        out.append("[]");
      } else {
        payloads[tag].write(in, out, next, lengthMax);
      }
      out.append(named ? '}' : ']');
    }
  }
}
