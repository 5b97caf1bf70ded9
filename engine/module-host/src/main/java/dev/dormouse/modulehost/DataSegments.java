package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.ConstantEvaluators;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;

/** The data that a module brings for its memory: put there at the start, or when it says. */
final class DataSegments {
  /** None, until the instance hands some over. */
  static final DataSegments NONE = new DataSegments(new DataSegment[0]);

  private final DataSegment[] segments;

  DataSegments(DataSegment[] segments) {
    this.segments = segments;
  }

  /** Writes the active ones. */
  void initialize(Instance instance, LinearMemory memory) {
    for (DataSegment segment : segments) {
      if (segment instanceof ActiveDataSegment active) {
        int at =
            (int) ConstantEvaluators.computeConstantValue(instance, active.offsetInstructions())[0];
        if (!memory.contains(at, active.data().length)) {
          throw new UninstantiableException(
              "data segment of %d bytes at %d does not fit in memory of %d bytes"
                  .formatted(active.data().length, Integer.toUnsignedLong(at), memory.size()));
        }
        memory.write(at, active.data(), 0, active.data().length);
      }
    }
  }

  /** Writes a part of one; traps if it has no such part, or the memory no such place. */
  void copy(int segment, int offset, LinearMemory memory, int destination, int length) {
    byte[] data = segments[segment].data();
    if ((offset | length) < 0 || (long) offset + length > data.length) {
      throw new WasmRuntimeException(
          "out of bounds memory access: %d bytes at %d of a data segment of %d"
              .formatted(
                  Integer.toUnsignedLong(length), Integer.toUnsignedLong(offset), data.length));
    }
    memory.write(destination, data, offset, length);
  }

  /** Forgets the data of one. */
  void drop(int segment) {
    segments[segment] = PassiveDataSegment.EMPTY;
  }
}
