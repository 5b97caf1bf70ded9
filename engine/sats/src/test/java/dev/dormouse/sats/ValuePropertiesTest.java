package dev.dormouse.sats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.json.JsonForm;
import dev.dormouse.sats.json.JsonInput;
import dev.dormouse.sats.json.JsonOutput;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ValuePropertiesTest {
  private static final int TYPES = 4_000;
  private static final int VALUES = 5;

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void valuesSurviveBsatnAndJson(long seed) {
    RandomSats random = new RandomSats(new Random(seed));
    for (int i = 0; i < TYPES; i++) {
      AlgebraicType type = random.type(4);
      assertEquals(type, TypeCodec.read(new BsatnReader(TypeCodec.toBytes(type))));
      RowShape shape = RowShape.ofColumns(List.of(type));
      JsonOutput.Shape typed = JsonOutput.of(Typespace.EMPTY, JsonForm.TYPED).shape(type);
      JsonOutput.Shape host = JsonOutput.of(Typespace.EMPTY, JsonForm.HOST_STRUCT).shape(type);
      JsonOutput.Shape untyped = JsonOutput.of(Typespace.EMPTY, JsonForm.UNTYPED).shape(type);
      for (int v = 0; v < VALUES; v++) {
        AlgebraicValue value = random.value(type);
        byte[] bytes = Bsatn.INLINED.toBytes(type, value);
        String what = "seed " + seed + ", type " + type + ", value " + value;
        assertEquals(value, Bsatn.INLINED.read(type, bytes), what);
        assertEquals(bytes.length, shape.validate(bytes, 0, bytes.length), what);
        BsatnReader reader = new BsatnReader(bytes);
        Bsatn.INLINED.skip(type, reader);
        assertEquals(0, reader.remaining(), what);
        for (JsonOutput.Shape output : List.of(typed, host, untyped)) {
          String json = output.toJson(bytes);
          BsatnWriter back = new BsatnWriter();
          JsonInput.of(Typespace.EMPTY).read(type, json, back);
          assertArrayEquals(bytes, back.toByteArray(), () -> what + ", JSON " + json);
        }
      }
    }
  }

  private record Outcome(boolean accepted, int end) {}

  private interface Decoder {
    int endOf(byte[] bytes);
  }

  /** A decoder may refuse, and only by {@link DecodeException}. */
  private static Outcome outcome(Decoder decoder, byte[] bytes) {
    try {
      return new Outcome(true, decoder.endOf(bytes));
    } catch (DecodeException e) {
      return new Outcome(false, -1);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 4})
  void mutatedBytesAreJudgedAlikeByAllReaders(long seed) {
    RandomGenerator generator = new Random(seed);
    RandomSats random = new RandomSats(generator);
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < TYPES; i++) {
      AlgebraicType type = random.type(4);
      RowShape shape = RowShape.ofColumns(List.of(type));
      JsonOutput.Shape untyped = JsonOutput.of(Typespace.EMPTY, JsonForm.UNTYPED).shape(type);
      byte[] original = Bsatn.INLINED.toBytes(type, random.value(type));
      for (int v = 0; v < VALUES; v++) {
        byte[] bytes = random.mutated(original);
        Outcome tree =
            outcome(
                b -> {
                  BsatnReader reader = new BsatnReader(b);
                  Bsatn.INLINED.read(type, reader);
                  return reader.position();
                },
                bytes);
        String what = "seed " + seed + ", type " + type + ", bytes " + Arrays.toString(bytes);
        assertEquals(tree, outcome(b -> shape.validate(b, 0, b.length), bytes), what);
        assertEquals(
            tree,
            outcome(
                b -> {
                  BsatnReader reader = new BsatnReader(b);
                  Bsatn.INLINED.skip(type, reader);
                  return reader.position();
                },
                bytes),
            what);
        assertEquals(
            tree,
            outcome(
                b -> {
                  BsatnReader reader = new BsatnReader(b);
                  untyped.write(reader, new StringBuilder());
                  return reader.position();
                },
                bytes),
            what);
        if (tree.accepted) {
          accepted++;
        } else {
          refused++;
        }
      }
    }
    assertTrue(accepted > 1000 && refused > 1000, accepted + " accepted, " + refused + " refused");
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 6})
  void mutatedTypesAreReadOrRefused(long seed) {
    RandomSats random = new RandomSats(new Random(seed));
    for (int i = 0; i < 10 * TYPES; i++) {
      byte[] bytes = random.mutated(TypeCodec.toBytes(random.type(3)));
      Outcome outcome =
          outcome(
              b -> {
                BsatnReader reader = new BsatnReader(b);
                AlgebraicType type = TypeCodec.read(reader);
                assertArrayEquals(Arrays.copyOf(b, reader.position()), TypeCodec.toBytes(type));
                return reader.position();
              },
              bytes);
      assertTrue(outcome.accepted || outcome.end < 0, "seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8})
  void mutatedJsonIsReadOrRefused(long seed) {
    RandomSats random = new RandomSats(new Random(seed));
    int accepted = 0;
    int refused = 0;
    for (int i = 0; i < TYPES; i++) {
      AlgebraicType type = random.type(3);
      byte[] bytes = Bsatn.INLINED.toBytes(type, random.value(type));
      byte[] json =
          JsonOutput.of(Typespace.EMPTY, JsonForm.TYPED)
              .shape(type)
              .toJson(bytes)
              .getBytes(StandardCharsets.UTF_8);
      for (int v = 0; v < VALUES; v++) {
        byte[] mutated = random.mutated(json);
        BsatnWriter out = new BsatnWriter();
        out.writeU8(42);
        if (outcome(
                b -> {
                  JsonInput.of(Typespace.EMPTY).read(type, b, out);
                  return b.length;
                },
                mutated)
            .accepted) {
          BsatnReader reader = new BsatnReader(out.array(), 1, out.size() - 1);
          Bsatn.INLINED.skip(type, reader);
          assertEquals(0, reader.remaining(), "seed " + seed + ", type " + type);
          accepted++;
        } else {
          assertEquals(1, out.size(), "seed " + seed + ": a refusal takes back what was written");
          refused++;
        }
      }
    }
    assertTrue(accepted > 500 && refused > 500, accepted + " accepted, " + refused + " refused");
  }

  @ParameterizedTest
  @ValueSource(longs = {9, 10})
  void valueOrderIsTotal(long seed) {
    RandomSats random = new RandomSats(new Random(seed));
    ValueOrder order = ValueOrder.INSTANCE;
    for (int i = 0; i < TYPES / 4; i++) {
      AlgebraicType type = random.type(3);
      List<AlgebraicValue> values = new ArrayList<>();
      for (int v = 0; v < 6; v++) {
        values.add(random.value(type));
      }
      values.sort(order);
      for (int a = 0; a < values.size(); a++) {
        assertEquals(0, order.compare(values.get(a), values.get(a)));
        for (int b = a; b < values.size(); b++) {
          String what = "seed " + seed + ": " + values.get(a) + " " + values.get(b);
          int forth = order.compare(values.get(a), values.get(b));
          assertTrue(forth <= 0, what);
          assertEquals(
              -Integer.signum(forth),
              Integer.signum(order.compare(values.get(b), values.get(a))),
              what);
          if (values.get(a).equals(values.get(b))) {
            assertEquals(0, forth, what);
          }
        }
      }
    }
  }
}
