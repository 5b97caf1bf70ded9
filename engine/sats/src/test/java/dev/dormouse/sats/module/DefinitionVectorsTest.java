package dev.dormouse.sats.module;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.AlgebraicType;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Primitive;
import dev.dormouse.sats.TypeCodec;
import dev.dormouse.sats.Typespace;
import dev.dormouse.sats.Vectors;
import dev.dormouse.sats.Vectors.Arr;
import dev.dormouse.sats.Vectors.Json;
import dev.dormouse.sats.Vectors.Nil;
import dev.dormouse.sats.Vectors.Num;
import dev.dormouse.sats.Vectors.Obj;
import dev.dormouse.sats.Vectors.Str;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

final class DefinitionVectorsTest {
  private static final Json SINCE = Vectors.read("since-2.8.json");

  static List<Json> definitions() {
    List<Json> all = new ArrayList<>(Vectors.read("abi-module-defs.json").list());
    all.addAll(SINCE.get("module_defs").list());
    return all;
  }

  @TestFactory
  Stream<DynamicTest> decodeAndEncodeRoundTrip() {
    return definitions().stream()
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("name").text(),
                    () -> {
                      byte[] bytes = vector.get("hex").hex();
                      if (vector.get("version").text().equals("V8")) {
                        DecodeException refusal =
                            assertThrows(
                                DecodeException.class,
                                () -> RawModuleDef.decode(bytes, DefinitionLimits.DEFAULT));
                        assertEquals("definition version V8 is not supported", refusal.text());
                        return;
                      }
                      RawModuleDef definition =
                          RawModuleDef.decode(bytes, DefinitionLimits.DEFAULT);
                      assertArrayEquals(bytes, definition.encode());
                    }));
  }

  @TestFactory
  Stream<DynamicTest> validationAcceptsAndRefuses() {
    return SINCE.get("validation").list().stream()
        .map(
            vector ->
                DynamicTest.dynamicTest(vector.get("name").text(), () -> checkValidation(vector)));
  }

  private static void checkValidation(Json vector) {
    byte[] bytes = vector.get("hex").hex();
    if (!vector.get("valid").bool()) {
      EngineException refusal =
          assertThrows(EngineException.class, () -> ModuleSchema.fromDescription(bytes));
      assertEquals(EngineException.Code.TENANT, refusal.code());
      assertTrue(refusal.text().contains(": 1 problem\n"), refusal.text());
      return;
    }
    ModuleSchema schema = ModuleSchema.fromDescription(bytes);
    vector
        .find("tables")
        .ifPresent(
            tables ->
                assertEquals(
                    tables.list().stream()
                        .map(t -> t.get("canonical").text() + " " + t.get("alias").text())
                        .toList(),
                    schema.tables().stream().map(t -> t.name() + " " + t.accessor()).toList()));
    vector
        .find("reducers")
        .ifPresent(
            reducers ->
                assertEquals(
                    reducers.list().stream().map(Json::text).toList(),
                    schema.reducers().stream().map(ReducerDef::name).toList()));
  }

  @TestFactory
  Stream<DynamicTest> definitionsOfRealModulesAreValid() {
    return definitions().stream()
        .filter(vector -> !vector.get("name").text().startsWith("synthetic"))
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("name").text(),
                    () -> {
                      byte[] bytes = vector.get("hex").hex();
                      if (vector.get("name").text().equals("everything2")) {
                        // A column of a recursive type cannot be stored. Source: data-model §1.
                        EngineException refusal =
                            assertThrows(
                                EngineException.class, () -> ModuleSchema.fromDescription(bytes));
                        assertEquals(
                            "module definition is invalid: 1 problem\n"
                                + "- table `allTypes`: column `tree`: type reference 6 is recursive",
                            refusal.text());
                      } else {
                        ModuleSchema.fromDescription(bytes);
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> jsonSaysWhatTheVectorsSay() {
    return definitions().stream()
        .filter(vector -> !vector.get("version").text().equals("V8"))
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("name").text(),
                    () -> {
                      String json =
                          RawModuleDef.decode(vector.get("hex").hex(), DefinitionLimits.DEFAULT)
                              .toJson();
                      checkSame("", vector.get("decoded"), Vectors.parse(json));
                    }));
  }

  /** Compares the vectors' notation of a definition with its SATS-JSON. */
  private static void checkSame(String path, Json decoded, Json json) {
    switch (decoded) {
      case Nil ignored -> assertEquals(Vectors.parse("{\"none\":[]}"), json, path);
      case Str(String text) when json instanceof Str(String other) ->
          assertEquals(
              text, other.startsWith("0x") ? hashText(other) : unprefixed(text, other), path);
      case Str(String text) when json instanceof Num(var number) ->
          assertEquals(text, number.toBigIntegerExact().toString(), path);
      case Obj(var fields)
          when json instanceof Obj(var others) && fields.keySet().equals(others.keySet()) ->
          fields.forEach((name, value) -> checkSame(path + "." + name, value, json.get(name)));
      case Arr(var elements) when json instanceof Arr(var others) -> {
        assertEquals(elements.size(), others.size(), path);
        for (int i = 0; i < elements.size(); i++) {
          checkSame(path + "[" + i + "]", elements.get(i), others.get(i));
        }
      }
      default -> {
        if (json instanceof Obj(var wrapped) && wrapped.size() == 1) {
          String key = wrapped.keySet().iterator().next();
          if (decoded instanceof Str(String variant) && json.get(key).equals(new Arr(List.of()))) {
            assertEquals(variant, key, path);
          } else {
            // some of an option, or a struct of one list that the notation leaves out
            assertTrue(List.of("some", "elements", "types", "entries").contains(key), path + key);
            checkSame(path + "." + key, decoded, json.get(key));
          }
        } else {
          assertEquals(decoded, json, path);
        }
      }
    }
  }

  private static String unprefixed(String text, String hex) {
    return text.startsWith("hex:") ? "hex:" + hex : hex;
  }

  private static String hashText(String number) {
    byte[] bigEndian =
        HexFormat.of().parseHex("0".repeat(66 - number.length()) + number.substring(2));
    StringBuilder text = new StringBuilder("hex:");
    for (int i = bigEndian.length - 1; i >= 0; i--) {
      text.append(HexFormat.of().toHexDigits(bigEndian[i]));
    }
    return text.toString();
  }

  @TestFactory
  Stream<DynamicTest> definitionsAreWrittenOutNormalised() {
    Map<String, String> expected = new LinkedHashMap<>();
    Map<String, String> given = new LinkedHashMap<>();
    for (Json vector : SINCE.get("module_defs").list()) {
      String name = vector.get("name").text();
      if (name.endsWith("-normalised")) {
        expected.put(name.replace("-normalised", ""), vector.get("hex").text());
      } else {
        given.put(name, vector.get("hex").text());
      }
    }
    for (Json vector : SINCE.get("validation").list()) {
      vector
          .find("normalised_hex")
          .ifPresent(
              normalised -> {
                expected.put(vector.get("name").text(), normalised.text());
                given.put(vector.get("name").text(), vector.get("hex").text());
              });
    }
    assertEquals(6, expected.size());
    return expected.keySet().stream()
        .map(
            name ->
                DynamicTest.dynamicTest(
                    name,
                    () -> {
                      ModuleSchema schema =
                          ModuleSchema.fromDescription(HexFormat.of().parseHex(given.get(name)));
                      RawModuleV10 wanted =
                          (RawModuleV10)
                              RawModuleDef.decode(
                                  HexFormat.of().parseHex(expected.get(name)),
                                  DefinitionLimits.DEFAULT);
                      assertEquals(sortedIndexes(wanted), sortedIndexes(schema.toV10()));
                    }));
  }

  // The reference writes the indexes of a table in no particular order.
  private static RawModuleV10 sortedIndexes(RawModuleV10 module) {
    return new RawModuleV10(
        module.sections().stream()
            .map(
                section ->
                    section instanceof RawModuleV10.Tables(var tables)
                        ? new RawModuleV10.Tables(
                            tables.stream().map(DefinitionVectorsTest::sortedIndexes).toList())
                        : section)
            .toList());
  }

  private static RawModuleV10.Table sortedIndexes(RawModuleV10.Table table) {
    return new RawModuleV10.Table(
        table.sourceName(),
        table.productTypeRef(),
        table.primaryKey(),
        table.indexes().stream()
            .sorted(Comparator.comparing(index -> index.name().orElseThrow()))
            .toList(),
        table.constraints(),
        table.sequences(),
        table.tableType(),
        table.tableAccess(),
        table.defaultValues(),
        table.isEvent());
  }

  @TestFactory
  Stream<DynamicTest> normalisedDefinitionsDefineTheSame() {
    return Stream.concat(definitions().stream(), SINCE.get("validation").list().stream())
        .filter(vector -> vector.find("valid").map(Json::bool).orElse(true))
        .filter(vector -> !vector.get("name").text().startsWith("synthetic"))
        .filter(vector -> !vector.get("name").text().equals("everything2"))
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("name").text(),
                    () -> {
                      ModuleSchema schema = ModuleSchema.fromDescription(vector.get("hex").hex());
                      RawModuleV10 written = schema.toV10();
                      ModuleSchema again = ModuleSchema.fromDescription(written.encode());
                      if (schema.version() == 10) {
                        assertTrue(written.equals(again.toV10()), () -> written.toJson());
                      } else {
                        // V10 neither keeps constraint names nor leaves lifecycle reducers open.
                        RawModuleV10 upgraded = again.toV10();
                        assertTrue(
                            upgraded.equals(
                                ModuleSchema.of(upgraded, DefinitionLimits.DEFAULT).toV10()));
                      }
                      assertEquals(
                          schema.tables().stream().map(TableDef::name).toList(),
                          again.tables().stream().map(TableDef::name).toList());
                      RawModuleV9 old = schema.toV9();
                      assertArrayEquals(
                          old.encode(),
                          RawModuleDef.decode(old.encode(), DefinitionLimits.DEFAULT).encode());
                      if (schema.submodules().isEmpty()) {
                        ModuleSchema oldAgain = ModuleSchema.of(old, DefinitionLimits.DEFAULT);
                        assertTrue(old.equals(oldAgain.toV9()), () -> old.toJson());
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> environmentLimitsAreSharp() {
    return SINCE.get("validation_limits").get("cases").list().stream()
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("name").text(),
                    () -> {
                      RawModuleV10 module =
                          new RawModuleV10(
                              List.of(
                                  new RawModuleV10.Environment(
                                      variables(vector.get("name").text()))));
                      if (vector.get("valid").bool()) {
                        ModuleSchema.fromDescription(module.encode());
                      } else {
                        assertThrows(
                            EngineException.class,
                            () -> ModuleSchema.fromDescription(module.encode()));
                      }
                    }));
  }

  private static List<EnvironmentVariable> variables(String name) {
    EnvironmentVariable.ValueSet any = new EnvironmentVariable.AnyString();
    return switch (name) {
      case "environment-name-256" -> List.of(new EnvironmentVariable("a".repeat(256), any, false));
      case "environment-name-257" -> List.of(new EnvironmentVariable("a".repeat(257), any, false));
      case "environment-literal-8192" -> List.of(literal("A", 8192));
      case "environment-literal-8193" -> List.of(literal("A", 8193));
      case "environment-256" -> many(256, 0);
      case "environment-257" -> many(257, 0);
      case "environment-union-256" -> List.of(union(256));
      case "environment-union-257" -> List.of(union(257));
      case "environment-schema-2MiB" -> many(256, 8188);
      case "environment-schema-2MiB-plus" -> many(256, 8190);
      default -> throw new AssertionError(name);
    };
  }

  private static EnvironmentVariable literal(String name, int bytes) {
    return new EnvironmentVariable(name, new EnvironmentVariable.Literal("x".repeat(bytes)), true);
  }

  private static List<EnvironmentVariable> many(int count, int literalBytes) {
    return IntStream.range(0, count)
        .mapToObj(i -> literal("V%03d".formatted(i), literalBytes))
        .toList();
  }

  private static EnvironmentVariable union(int entries) {
    return new EnvironmentVariable(
        "A", new EnvironmentVariable.Union(Collections.nCopies(entries, "same")), false);
  }

  @TestFactory
  Stream<DynamicTest> signaturesHash() {
    return SINCE.get("reducer_signatures").list().stream()
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("name").text(),
                    () -> {
                      AlgebraicType params =
                          TypeCodec.read(new BsatnReader(vector.get("params").hex()));
                      Typespace typespace = new Typespace(unnumbered(vector));
                      assertEquals(
                          vector.get("hash").text(),
                          ReducerSignature.hash(
                                  (AlgebraicType.Product) params,
                                  AlgebraicType.UNIT,
                                  Primitive.STRING,
                                  typespace)
                              .toHex());
                    }));
  }

  private static List<AlgebraicType> unnumbered(Json vector) {
    return vector.get("types").list().stream()
        .map(type -> TypeCodec.read(new BsatnReader(type.hex())))
        .toList();
  }
}
