package dev.dormouse.modulehost;

import dev.dormouse.sats.EngineException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The names of a module's functions, from its name section if it has one; kept as bytes and looked
 * up only when something went wrong.
 *
 * <p>{@code functions = count:leb128 (index:leb128 length:leb128 utf8)*}
 */
final class FunctionNames {
  private static final int FUNCTION_SUBSECTION = 1;
  private static final int FRAMES_MAX = 32;
  private static final String METHOD_PREFIX = "func_";

  private final byte[] functions;

  private FunctionNames(byte[] functions) {
    this.functions = functions;
  }

  /** From what {@link #toBytes} gave. */
  static FunctionNames ofBytes(byte[] bytes) {
    return new FunctionNames(bytes);
  }

  /** From a program; without names if it has none or they are malformed. */
  static FunctionNames ofProgram(WasmSections program) {
    Optional<byte[]> section = program.custom("name");
    try {
      return new FunctionNames(section.map(FunctionNames::functionSubsection).orElse(new byte[0]));
    } catch (EngineException malformed) {
      // A custom section cannot make a module invalid; this one only serves messages.
      return new FunctionNames(new byte[0]);
    }
  }

  private static byte[] functionSubsection(byte[] section) {
    WasmReader reader = new WasmReader(section, 0, section.length);
    while (reader.hasRemaining()) {
      int id = reader.readByte();
      int length = reader.readCount();
      int at = reader.position();
      reader.skip(length);
      if (id == FUNCTION_SUBSECTION) {
        byte[] found = new byte[length];
        System.arraycopy(section, at, found, 0, length);
        return found;
      }
    }
    return new byte[0];
  }

  byte[] toBytes() {
    return functions;
  }

  /** The name of a function by its index, imports counted; {@code func_12} if it has none. */
  String name(int function) {
    String anonymous = METHOD_PREFIX + function;
    if (functions.length == 0) {
      return anonymous;
    }
    try {
      WasmReader reader = new WasmReader(functions, 0, functions.length);
      int count = reader.readCount();
      for (int i = 0; i < count; i++) {
        int index = reader.readCount();
        int length = reader.readCount();
        int at = reader.position();
        reader.skip(length);
        if (index == function) {
          return new String(functions, at, length, StandardCharsets.UTF_8);
        }
      }
      return anonymous;
    } catch (EngineException malformed) {
      return anonymous;
    }
  }

  /** The guest's functions on a Java stack, innermost first, at most {@value #FRAMES_MAX}. */
  List<String> frames(StackTraceElement[] stack) {
    List<String> frames = new ArrayList<>();
    for (StackTraceElement element : stack) {
      if (frames.size() == FRAMES_MAX) {
        break;
      }
      if (element.getClassName().startsWith(GuestClasses.MAIN_CLASS)
          && element.getMethodName().startsWith(METHOD_PREFIX)) {
        frames.add(
            name(Integer.parseInt(element.getMethodName().substring(METHOD_PREFIX.length()))));
      }
    }
    return List.copyOf(frames);
  }
}
