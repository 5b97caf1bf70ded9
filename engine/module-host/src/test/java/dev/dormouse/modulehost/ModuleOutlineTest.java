package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of an artefact when a module is loaded. */
final class ModuleOutlineTest {
  @ParameterizedTest
  @ValueSource(strings = {"examples/chat/chat.wasm", "examples/bank/bank.wasm"})
  void hasEverythingButTheBodies(String file) {
    byte[] program = Guests.file(file);
    byte[] stripped = WasmSections.of(program).withoutBodies(Set.of());
    assertTrue(WasmSections.of(program).hasBodies());
    assertFalse(WasmSections.of(stripped).hasBodies());

    WasmModule whole = Parser.parse(program);
    WasmModule outline = ModuleOutline.parse(stripped);
    assertEquals(whole.typeSection(), outline.typeSection());
    assertEquals(whole.importSection(), outline.importSection());
    assertEquals(whole.functionSection(), outline.functionSection());
    assertEquals(whole.tableSection(), outline.tableSection());
    assertEquals(whole.memorySection(), outline.memorySection());
    assertEquals(whole.globalSection(), outline.globalSection());
    assertEquals(whole.exportSection(), outline.exportSection());
    assertEquals(whole.elementSection().elementCount(), outline.elementSection().elementCount());
    assertEquals(whole.dataSection().dataSegmentCount(), outline.dataSection().dataSegmentCount());
    assertEquals(
        whole.codeSection().functionBodyCount(), outline.codeSection().functionBodyCount());
  }

  @Test
  void aBodyThatIsKeptIsSeen() {
    byte[] program = Guests.file("examples/chat/chat.wasm");
    assertTrue(WasmSections.of(WasmSections.of(program).withoutBodies(Set.of(100))).hasBodies());
  }

  @Test
  void aModulesClassIsItsOwnWhateverElseHasItsName()
      throws IOException, ReflectiveOperationException {
    String name = Scalars.class.getName();
    byte[] bytes;
    try (InputStream file = Scalars.class.getResourceAsStream("Scalars.class")) {
      bytes = file.readAllBytes();
    }
    ClassLoader loader = new ModuleClassLoader(Map.of(name, bytes));
    assertSame(loader, loader.loadClass(name).getClassLoader());
    assertSame(loader.loadClass(name), loader.loadClass(name));
    assertSame(Errno.class, loader.loadClass(Errno.class.getName()));
  }
}
