package dev.dormouse.sats;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.dormouse.sats.AlgebraicType.Array;
import dev.dormouse.sats.AlgebraicType.Member;
import dev.dormouse.sats.json.JsonForm;
import dev.dormouse.sats.json.JsonInput;
import dev.dormouse.sats.json.JsonOutput;
import dev.dormouse.sats.module.DefinitionLimits;
import dev.dormouse.sats.module.RawModuleDef;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** A length that promises much costs nothing before the bytes are there. */
final class HostileLengthTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long ALLOCATED_MAX = 1 << 20;

  private static void refusedCheaply(Executable decode) {
    assertThrows(DecodeException.class, decode); // the first time loads classes
    long before = THREADS.getCurrentThreadAllocatedBytes();
    assertThrows(DecodeException.class, decode);
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < ALLOCATED_MAX, allocated + " bytes allocated");
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }

  @Test
  void valuesWithHugeLengths() {
    List<AlgebraicType> types =
        List.of(
            Primitive.STRING,
            AlgebraicType.BYTES,
            new Array(Primitive.STRING),
            new Array(Primitive.U256),
            new Array(AlgebraicType.UNIT),
            new Array(new Array(AlgebraicType.UNIT)),
            new Array(AlgebraicType.product(Member.of("a", Primitive.U8))));
    for (AlgebraicType type : types) {
      for (String length : List.of("ffffffff", "ffffff7f", "00000040")) {
        byte[] bytes = hex(length + "0000");
        refusedCheaply(() -> Bsatn.INLINED.read(type, bytes));
        refusedCheaply(() -> Bsatn.INLINED.skip(type, new BsatnReader(bytes)));
        RowShape shape = RowShape.ofColumns(List.of(type));
        refusedCheaply(() -> shape.validate(bytes, 0, bytes.length));
        JsonOutput.Shape output = JsonOutput.of(Typespace.EMPTY, JsonForm.TYPED).shape(type);
        refusedCheaply(() -> output.toJson(bytes));
      }
    }
  }

  @Test
  void typesWithHugeCounts() {
    for (String text : List.of("02ffffffff", "01ffffff7f", "0200000010", "03".repeat(200))) {
      refusedCheaply(() -> TypeCodec.read(new BsatnReader(hex(text))));
    }
    byte[] wide = new byte[5 + 3 * (TypeCodec.NODES_MAX + 1)];
    wide[0] = 2;
    count(wide, 1, TypeCodec.NODES_MAX + 1);
    refusedCheaply(() -> TypeCodec.read(new BsatnReader(wide)));
  }

  private static void count(byte[] bytes, int at, int count) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (count >> (8 * i));
    }
  }

  @Test
  void definitionsWithHugeCounts() {
    for (String text :
        List.of(
            "02ffffffff",
            "0201000000" + "00ffffffff",
            "0201000000" + "02ffffff7f",
            "0201000000" + "0fffffffff",
            "0201000000" + "0effffffff",
            "01ffffffff",
            "0100000000ffffffff",
            "0201000000" + "11",
            "03",
            "")) {
      refusedCheaply(() -> RawModuleDef.decode(hex(text), DefinitionLimits.DEFAULT));
    }
    byte[] rules = new byte[10 + 4 * (1 << 20)];
    rules[0] = 2;
    count(rules, 1, 1);
    rules[5] = 8;
    count(rules, 6, 1 << 20);
    refusedCheaply(() -> RawModuleDef.decode(rules, DefinitionLimits.DEFAULT));
  }

  @Test
  void deepJson() {
    String deep = "[".repeat(100_000);
    Typespace typespace = new Typespace(List.of(new Array(new AlgebraicType.Ref(0))));
    BsatnWriter out = new BsatnWriter();
    refusedCheaply(() -> JsonInput.of(typespace).read(new AlgebraicType.Ref(0), deep, out));
    byte[] nested = new byte[4 * 1000];
    for (int i = 0; i < nested.length; i += 4) {
      nested[i] = 1;
    }
    AlgebraicType type = new AlgebraicType.Ref(0);
    refusedCheaply(() -> Bsatn.of(typespace).read(type, nested));
    refusedCheaply(() -> Bsatn.of(typespace).skip(type, new BsatnReader(nested)));
    refusedCheaply(() -> JsonOutput.of(typespace, JsonForm.TYPED).shape(type).toJson(nested));
  }

  @Test
  void referencesThatLeadNowhere() {
    Typespace loop = new Typespace(List.of(new AlgebraicType.Ref(0)));
    AlgebraicType type = new AlgebraicType.Ref(0);
    byte[] bytes = new byte[8];
    refusedCheaply(() -> Bsatn.of(loop).read(type, bytes));
    refusedCheaply(() -> Bsatn.of(loop).skip(type, new BsatnReader(bytes)));
    refusedCheaply(() -> loop.inline(type));
    refusedCheaply(() -> JsonOutput.of(loop, JsonForm.TYPED).shape(type).toJson(bytes));
    BsatnWriter out = new BsatnWriter();
    refusedCheaply(() -> JsonInput.of(loop).read(type, "1", out));
  }

  @Test
  void doublingReferencesWithoutBytes() {
    List<AlgebraicType> types = new ArrayList<>(List.of(AlgebraicType.UNIT));
    for (int i = 0; i < 60; i++) {
      AlgebraicType before = new AlgebraicType.Ref(i);
      types.add(AlgebraicType.product(Member.of("a", before), Member.of("b", before)));
    }
    Bsatn bsatn = Bsatn.of(new Typespace(types));
    AlgebraicType last = new AlgebraicType.Ref(60);
    DecodeException refused =
        assertThrows(DecodeException.class, () -> bsatn.skip(last, new BsatnReader(new byte[0])));
    assertTrue(refused.text().contains("limit " + Bsatn.STEPS_MAX), refused.text());
    assertThrows(DecodeException.class, () -> bsatn.read(last, new byte[0]));
  }
}
