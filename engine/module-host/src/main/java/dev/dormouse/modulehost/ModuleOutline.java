package dev.dormouse.modulehost;

import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.CodeSection;
import com.dylibso.chicory.wasm.types.DataCountSection;
import com.dylibso.chicory.wasm.types.DataSection;
import com.dylibso.chicory.wasm.types.ElementSection;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.FunctionSection;
import com.dylibso.chicory.wasm.types.GlobalSection;
import com.dylibso.chicory.wasm.types.ImportSection;
import com.dylibso.chicory.wasm.types.MemorySection;
import com.dylibso.chicory.wasm.types.Section;
import com.dylibso.chicory.wasm.types.SectionId;
import com.dylibso.chicory.wasm.types.StartSection;
import com.dylibso.chicory.wasm.types.TableSection;
import com.dylibso.chicory.wasm.types.TagSection;
import com.dylibso.chicory.wasm.types.TypeSection;
import java.io.ByteArrayInputStream;
import java.util.List;

/**
 * What an artefact has of a program, as Chicory wants it: everything but the bodies of functions,
 * which are classes by now. Parsing even empty ones took most of the time of loading a module.
 */
final class ModuleOutline {
  private static final FunctionBody NONE = new FunctionBody(List.of(), List.of());

  private static final int[] SECTIONS = {
    SectionId.TYPE,
    SectionId.IMPORT,
    SectionId.FUNCTION,
    SectionId.TABLE,
    SectionId.MEMORY,
    SectionId.TAG,
    SectionId.GLOBAL,
    SectionId.EXPORT,
    SectionId.START,
    SectionId.ELEMENT,
    SectionId.DATA_COUNT,
    SectionId.DATA,
  };

  private ModuleOutline() {}

  /**
   * Parses a module of which no body is left ({@link WasmSections#hasBodies}); its functions have
   * their types and no instructions.
   */
  static WasmModule parse(byte[] module) {
    WasmModule.Builder outline = WasmModule.builder().withValidation(false);
    Parser.Builder parser = Parser.builder().withValidation(false);
    for (int section : SECTIONS) {
      parser.includeSectionId(section);
    }
    parser.build().parse(new ByteArrayInputStream(module), section -> add(outline, section));
    return outline.build();
  }

  // By number: the module's first wake should not wait for the linking of a switch over types.
  private static void add(WasmModule.Builder outline, Section section) {
    switch (section.sectionId()) {
      case SectionId.TYPE -> outline.setTypeSection((TypeSection) section);
      case SectionId.IMPORT -> outline.setImportSection((ImportSection) section);
      case SectionId.FUNCTION -> {
        FunctionSection functions = (FunctionSection) section;
        CodeSection.Builder bodies = CodeSection.builder();
        for (int i = 0; i < functions.functionCount(); i++) {
          bodies.addFunctionBody(NONE);
        }
        outline.setFunctionSection(functions).setCodeSection(bodies.build());
      }
      case SectionId.TABLE -> outline.setTableSection((TableSection) section);
      case SectionId.MEMORY -> outline.setMemorySection((MemorySection) section);
      case SectionId.TAG -> outline.setTagSection((TagSection) section);
      case SectionId.GLOBAL -> outline.setGlobalSection((GlobalSection) section);
      case SectionId.EXPORT -> outline.setExportSection((ExportSection) section);
      case SectionId.START -> outline.setStartSection((StartSection) section);
      case SectionId.ELEMENT -> outline.setElementSection((ElementSection) section);
      case SectionId.DATA_COUNT -> outline.setDataCountSection((DataCountSection) section);
      case SectionId.DATA -> outline.setDataSection((DataSection) section);
      default -> throw new IllegalStateException("section " + section.sectionId());
    }
  }
}
