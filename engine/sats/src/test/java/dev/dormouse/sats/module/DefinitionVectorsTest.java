package dev.dormouse.sats.module;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Vectors;
import dev.dormouse.sats.Vectors.Json;
import java.util.ArrayList;
import java.util.List;
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
}
