package dev.dormouse.sats.module;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.AlgebraicType.Product;
import dev.dormouse.sats.AlgebraicType.Ref;
import dev.dormouse.sats.AlgebraicType.Sum;
import dev.dormouse.sats.Bsatn;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.TypeCodec;
import dev.dormouse.sats.Typespace;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The hash that two databases compare before one calls a reducer of the other.
 *
 * <p>References are renumbered as they are first used, so that it does not depend on what else the
 * module defines. Source: spec since-2.8 §3.2.
 */
public final class ReducerSignature {
  private static final byte[] DOMAIN =
      "spacetimedb:idc:reducer-signature:v1\0".getBytes(StandardCharsets.US_ASCII);

  private final Typespace typespace;
  private final Map<Integer, Integer> numbers = new HashMap<>();
  private final List<AlgebraicType> used = new ArrayList<>();

  private ReducerSignature(Typespace typespace) {
    this.typespace = typespace;
  }

  /** The signature of a reducer of a schema. */
  public static ModuleHash of(ModuleSchema schema, ReducerDef reducer) {
    return hash(
        NormalisedV10.params(reducer), AlgebraicType.UNIT, Primitive.STRING, schema.typespace());
  }

  /**
   * The signature of parameters with canonical names, success and error types.
   *
   * @throws DecodeException if a reference is dangling, or references lead on too deeply
   */
  public static ModuleHash hash(
      Product params, AlgebraicType ok, AlgebraicType err, Typespace typespace) {
    ReducerSignature signature = new ReducerSignature(typespace);
    BsatnWriter out = new BsatnWriter();
    out.writeRaw(DOMAIN);
    TypeCodec.write(signature.renumbered(params, 0), out);
    TypeCodec.write(signature.renumbered(ok, 0), out);
    TypeCodec.write(signature.renumbered(err, 0), out);
    out.writeI32(signature.used.size());
    signature.used.forEach(type -> TypeCodec.write(type, out));
    return ModuleHash.ofProgram(out.toByteArray());
  }

  private AlgebraicType renumbered(AlgebraicType type, int depth) {
    if (depth > Bsatn.DEPTH_MAX) {
      throw new DecodeException("types lead on deeper than " + Bsatn.DEPTH_MAX);
    }
    return switch (type) {
      case Ref ref -> {
        Integer known = numbers.get(ref.index());
        if (known != null) {
          yield new Ref(known);
        }
        int number = used.size();
        numbers.put(ref.index(), number);
        // The number is taken before the definition is walked: recursion closes on it.
        used.add(ref);
        used.set(number, renumbered(typespace.get(ref), depth + 1));
        yield new Ref(number);
      }
      case Primitive primitive -> primitive;
      case Array(AlgebraicType element) -> new Array(renumbered(element, depth + 1));
      case Product(List<Member> elements) -> new Product(renumbered(elements, depth + 1));
      case Sum(List<Member> variants) -> new Sum(renumbered(variants, depth + 1));
    };
  }

  private List<Member> renumbered(List<Member> members, int depth) {
    List<Member> result = new ArrayList<>(members.size());
    for (Member member : members) {
      result.add(new Member(member.name(), renumbered(member.type(), depth)));
    }
    return result;
  }
}
