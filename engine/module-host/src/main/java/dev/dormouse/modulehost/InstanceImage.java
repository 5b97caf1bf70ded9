package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.FunctionBody;
import com.dylibso.chicory.wasm.types.OpCode;
import com.dylibso.chicory.wasm.types.ValType;
import com.dylibso.chicory.wasm.types.Value;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.EngineException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All that an instance holds when its initialisers have run: others of the same module start from a
 * copy of it, and run none. Immutable; safe for use by several threads. Source:
 * docs/decisions/0010-instances-start-from-an-image.md.
 *
 * <p>In BSATN: {@code description bytes · pages u32 · base u32 · memory runs · globals vec<u64> ·
 * tables vec<vec<i32>>}, where a table's element is a function's index or −1.
 */
public final class InstanceImage {
  /** Instructions that look at segments, which a module that starts from an image has none of. */
  private static final Set<OpCode> OF_SEGMENTS =
      EnumSet.of(OpCode.MEMORY_INIT, OpCode.DATA_DROP, OpCode.TABLE_INIT, OpCode.ELEM_DROP);

  /** Types of globals whose values mean the same in every instance. */
  private static final List<ValType> PLAIN =
      List.of(ValType.I32, ValType.I64, ValType.F32, ValType.F64, ValType.FuncRef);

  private final byte[] description;
  private final int pages;
  private final int base;
  private final MemoryRuns memory;
  private final long[] globals;
  private final int[][] tables;

  private InstanceImage(
      byte[] description, int pages, int base, MemoryRuns memory, long[] globals, int[][] tables) {
    this.description = description;
    this.pages = pages;
    this.base = base;
    this.memory = memory;
    this.globals = globals;
    this.tables = tables;
  }

  /** Whether all that an instance of a module can hold is what an image has. */
  static boolean isPossible(WasmModule module) {
    for (int i = 0; i < module.globalSection().globalCount(); i++) {
      if (!PLAIN.contains(module.globalSection().getGlobal(i).valueType())) {
        return false;
      }
    }
    for (int i = 0; i < module.tableSection().tableCount(); i++) {
      if (!module.tableSection().getTable(i).elementType().equals(ValType.FuncRef)) {
        return false;
      }
    }
    for (int i = 0; i < module.codeSection().functionBodyCount(); i++) {
      FunctionBody body = module.codeSection().getFunctionBody(i);
      if (body.instructions().stream().anyMatch(each -> OF_SEGMENTS.contains(each.opcode()))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Copies what an instance holds, of a module for which it is possible.
   *
   * @return empty if its memory holds more than {@link InstanceLimits#IMAGE_BYTES_MAX}
   */
  static Optional<InstanceImage> of(Instance instance, LinearMemory memory, byte[] description) {
    Optional<MemoryRuns> runs = MemoryRuns.of(memory, InstanceLimits.IMAGE_BYTES_MAX);
    if (runs.isEmpty()) {
      return Optional.empty();
    }
    long[] globals = new long[instance.globalCount()];
    for (int i = 0; i < globals.length; i++) {
      globals[i] = instance.global(i).getValueLow();
    }
    int[][] tables = new int[instance.tableCount()][];
    for (int i = 0; i < tables.length; i++) {
      TableInstance table = instance.table(i);
      tables[i] = new int[table.size()];
      for (int element = 0; element < tables[i].length; element++) {
        tables[i][element] = table.ref(element);
      }
    }
    return Optional.of(
        new InstanceImage(description, memory.pages(), memory.base(), runs.get(), globals, tables));
  }

  /**
   * Makes an instance hold this, in which no code has run, and whose memory is zero.
   *
   * @throws EngineException if its tables are larger than limits or the node's memory allow
   */
  void copyTo(Instance instance, LinearMemory linearMemory) {
    memory.writeTo(linearMemory);
    for (int i = 0; i < globals.length; i++) {
      instance.global(i).setValueLow(globals[i]);
    }
    for (int i = 0; i < tables.length; i++) {
      TableInstance table = instance.table(i);
      int missing = tables[i].length - table.size();
      if (missing > 0 && table.grow(missing, Value.REF_NULL_VALUE, instance) < 0) {
        throw Optional.ofNullable(linearMemory.refusal())
            .orElseGet(
                () ->
                    EngineException.tenant(
                        "module starts with a table of %d elements, more than there may be"
                            .formatted(table.size() + missing)));
      }
      for (int element = 0; element < tables[i].length; element++) {
        table.setRef(element, tables[i][element], instance);
      }
    }
  }

  /** The module's definition. */
  byte[] description() {
    return description;
  }

  /** Pages of memory. */
  int pages() {
    return pages;
  }

  /** The address below which memory was not touched. */
  int base() {
    return base;
  }

  /** Heap that it takes, roughly. */
  long footprintBytes() {
    long elements = 0;
    for (int[] table : tables) {
      elements += table.length;
    }
    return memory.bytes()
        + description.length
        + (long) globals.length * Long.BYTES
        + elements * Integer.BYTES;
  }

  void write(BsatnWriter out) {
    out.writeBytes(description).writeI32(pages).writeI32(base);
    memory.write(out);
    out.writeI32(globals.length);
    for (long global : globals) {
      out.writeI64(global);
    }
    out.writeI32(tables.length);
    for (int[] table : tables) {
      out.writeI32(table.length);
      for (int element : table) {
        out.writeI32(element);
      }
    }
  }

  static InstanceImage read(BsatnReader in) {
    byte[] description = in.readBytes();
    int pages = in.readI32();
    int base = in.readI32();
    MemoryRuns memory = MemoryRuns.read(in);
    long[] globals = new long[in.readCount(Long.BYTES, "globals")];
    for (int i = 0; i < globals.length; i++) {
      globals[i] = in.readI64();
    }
    List<int[]> tables = new ArrayList<>();
    int count = in.readCount(Integer.BYTES, "tables");
    for (int i = 0; i < count; i++) {
      int[] table = new int[in.readCount(Integer.BYTES, "elements of a table")];
      for (int element = 0; element < table.length; element++) {
        table[element] = in.readI32();
      }
      tables.add(table);
    }
    return new InstanceImage(
        description, pages, base, memory, globals, tables.toArray(int[][]::new));
  }
}
