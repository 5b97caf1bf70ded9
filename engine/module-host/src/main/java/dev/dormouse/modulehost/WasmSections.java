package dev.dormouse.modulehost;

import dev.dormouse.sats.EngineException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A wasm program as the list of its sections, with nothing decoded but counts and sizes: what can
 * be checked before a hostile program is parsed, and what stripping cuts.
 *
 * <p>{@code program = "\0asm" 01 00 00 00 section*}, {@code section = id:u8 length:leb128 bytes}.
 */
final class WasmSections {
  private static final byte[] HEADER = {0, 'a', 's', 'm', 1, 0, 0, 0};
  private static final int CUSTOM = 0;
  private static final int TYPE = 1;
  private static final int IMPORT = 2;
  private static final int FUNCTION = 3;
  private static final int TABLE = 4;
  private static final int MEMORY = 5;
  private static final int GLOBAL = 6;
  private static final int EXPORT = 7;
  private static final int START = 8;
  private static final int ELEMENT = 9;
  private static final int CODE = 10;
  private static final int DATA = 11;
  private static final int DATA_COUNT = 12;

  /** Begins a table whose elements have an initial value. */
  private static final int TABLE_WITH_VALUE = 0x40;

  /** Flag of limits with a maximum. */
  private static final int HAS_MAXIMUM = 1;

  /** No locals, {@code unreachable}, {@code end}, preceded by its length. */
  private static final byte[] EMPTY_BODY = {3, 0, 0, 0x0b};

  private record Section(int id, int header, int start, int end) {}

  private final byte[] program;
  private final List<Section> sections;

  private WasmSections(byte[] program, List<Section> sections) {
    this.program = program;
    this.sections = sections;
  }

  /** Whether these bytes begin as a wasm program of version 1. */
  static boolean looksLikeWasm(byte[] program) {
    return program.length >= HEADER.length
        && Arrays.equals(program, 0, HEADER.length, HEADER, 0, HEADER.length);
  }

  /** Finds the sections; refuses what is no wasm program. */
  static WasmSections of(byte[] program) {
    if (!looksLikeWasm(program)) {
      throw EngineException.tenant(
          "not a wasm module: the first 8 bytes are not \\0asm and version 1");
    }
    List<Section> sections = new ArrayList<>();
    WasmReader reader = new WasmReader(program, HEADER.length, program.length);
    while (reader.hasRemaining()) {
      int header = reader.position();
      int id = reader.readByte();
      int length = reader.readCount();
      int start = reader.position();
      reader.skip(length);
      sections.add(new Section(id, header, start, reader.position()));
    }
    return new WasmSections(program, sections);
  }

  /** Refuses a program that has more of something than it may. */
  void check(CompileLimits limits) {
    for (Section section : sections) {
      switch (section.id()) {
        case TYPE -> checkCount(section, "types", limits.typesMax());
        case IMPORT -> checkCount(section, "imports", limits.importsMax());
        case FUNCTION -> checkCount(section, "functions", limits.functionsMax());
        case TABLE -> checkTables(section, limits);
        case MEMORY -> checkCount(section, "memories", 1);
        case GLOBAL -> checkCount(section, "globals", limits.globalsMax());
        case EXPORT -> checkCount(section, "exports", limits.exportsMax());
        case ELEMENT -> checkCount(section, "element segments", limits.segmentsMax());
        case DATA -> checkCount(section, "data segments", limits.segmentsMax());
        case CODE -> checkBodies(section, limits);
        default -> {
          // Start, data count, tags and custom sections have no count that could hurt.
        }
      }
    }
  }

  private void checkCount(Section section, String what, int max) {
    int count = new WasmReader(program, section.start(), section.end()).readCount();
    if (count > max) {
      throw EngineException.tenant("module has %d %s, limit %d".formatted(count, what, max));
    }
  }

  private void checkTables(Section section, CompileLimits limits) {
    checkCount(section, "tables", limits.tablesMax());
    WasmReader reader = new WasmReader(program, section.start(), section.end());
    int count = reader.readCount();
    for (int i = 0; i < count; i++) {
      if (reader.readByte() == TABLE_WITH_VALUE) {
        return; // What follows has to be parsed to be stepped over; it is checked afterwards.
      }
      int flags = reader.readByte();
      long elements = reader.readU32();
      if (elements > limits.tableElementsMax()) {
        throw EngineException.tenant(
            "table %d starts with %d elements, limit %d"
                .formatted(i, elements, limits.tableElementsMax()));
      }
      if ((flags & HAS_MAXIMUM) != 0) {
        long _ = reader.readU32();
      }
    }
  }

  /** Bytes of each of the program's own functions' bodies, in order. */
  int[] bodyBytes() {
    for (Section section : sections) {
      if (section.id() == CODE) {
        WasmReader reader = new WasmReader(program, section.start(), section.end());
        int[] bytes = new int[reader.readCount()];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = reader.readCount();
          reader.skip(bytes[i]);
        }
        return bytes;
      }
    }
    return new int[0];
  }

  /** Whether any function does something else than to trap: see {@link #withoutBodies}. */
  boolean hasBodies() {
    for (int bytes : bodyBytes()) {
      if (bytes >= EMPTY_BODY.length) {
        return true;
      }
    }
    return false;
  }

  private void checkBodies(Section section, CompileLimits limits) {
    checkCount(section, "functions", limits.functionsMax());
    WasmReader reader = new WasmReader(program, section.start(), section.end());
    int count = reader.readCount();
    int tooLarge = 0;
    for (int i = 0; i < count; i++) {
      int length = reader.readCount();
      tooLarge += length > GuestClasses.BODY_BYTES_MAX ? 1 : 0;
      if (tooLarge > limits.interpretedFunctionsMax()) {
        throw GuestClasses.tooManyInterpreted(limits);
      }
      if (length > limits.functionBytesMax()) {
        throw EngineException.tenant(
            "function body %d has %d bytes, limit %d bytes"
                .formatted(i, length, limits.functionBytesMax()));
      }
      reader.skip(length);
    }
  }

  /**
   * The program without custom sections and without the bodies of its functions, which trap; but
   * the bodies of some are kept.
   *
   * @param kept positions among the program's own functions
   */
  byte[] withoutBodies(Set<Integer> kept) {
    ByteArrayOutputStream stripped = new ByteArrayOutputStream();
    stripped.writeBytes(HEADER);
    for (Section section : sections) {
      if (section.id() == CODE) {
        byte[] bodies = bodies(section, kept);
        stripped.write(CODE);
        writeCount(stripped, bodies.length);
        stripped.writeBytes(bodies);
      } else if (section.id() != CUSTOM) {
        stripped.write(program, section.header(), section.end() - section.header());
      }
    }
    return stripped.toByteArray();
  }

  private byte[] bodies(Section section, Set<Integer> kept) {
    ByteArrayOutputStream bodies = new ByteArrayOutputStream();
    WasmReader reader = new WasmReader(program, section.start(), section.end());
    int count = reader.readCount();
    writeCount(bodies, count);
    for (int i = 0; i < count; i++) {
      int header = reader.position();
      reader.skip(reader.readCount());
      if (kept.contains(i)) {
        bodies.write(program, header, reader.position() - header);
      } else {
        bodies.writeBytes(EMPTY_BODY);
      }
    }
    return bodies.toByteArray();
  }

  /** The program without what an instance starts from: segments and the start function. */
  byte[] withoutInitialisation() {
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    rest.writeBytes(HEADER);
    for (Section section : sections) {
      switch (section.id()) {
        case START, ELEMENT, DATA, DATA_COUNT -> {}
        default -> rest.write(program, section.header(), section.end() - section.header());
      }
    }
    return rest.toByteArray();
  }

  /** The contents of the custom section of that name, after its name. */
  Optional<byte[]> custom(String name) {
    byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
    for (Section section : sections) {
      if (section.id() == CUSTOM) {
        WasmReader reader = new WasmReader(program, section.start(), section.end());
        int length = reader.readCount();
        int at = reader.position();
        reader.skip(length);
        if (Arrays.equals(program, at, at + length, wanted, 0, wanted.length)) {
          return Optional.of(Arrays.copyOfRange(program, reader.position(), section.end()));
        }
      }
    }
    return Optional.empty();
  }

  private static void writeCount(ByteArrayOutputStream out, int count) {
    int rest = count;
    while (rest >= 0x80) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }
}
