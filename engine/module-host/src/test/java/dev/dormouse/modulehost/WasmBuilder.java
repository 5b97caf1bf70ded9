package dev.dormouse.modulehost;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Assembles small wasm programs. Types are written as letters: i, l, f, d, v for v128. Public for
 * the tests of other modules.
 */
public final class WasmBuilder {
  /** Types of the parameters of {@code __call_reducer__}. */
  public static final String REDUCER_PARAMETERS = "illllllli" + "i";

  private static final int FUNC_TYPE = 0x60;

  private final List<byte[]> types = new ArrayList<>();
  private final List<byte[]> imports = new ArrayList<>();
  private final List<Integer> functionTypes = new ArrayList<>();
  private final List<byte[]> bodies = new ArrayList<>();
  private final List<byte[]> exports = new ArrayList<>();
  private final List<byte[]> data = new ArrayList<>();
  private final List<byte[]> globals = new ArrayList<>();
  private final List<byte[]> tags = new ArrayList<>();
  private final List<byte[]> customs = new ArrayList<>();
  private byte[] memory = {};
  private byte[] table = {};
  private byte[] elements = {};
  private int imported;
  private int start = -1;

  /** One wasm function's instructions. */
  public static final class Code {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    public Code op(int... opcodes) {
      for (int opcode : opcodes) {
        bytes.write(opcode);
      }
      return this;
    }

    public Code i32(int value) {
      return op(0x41).signed(value);
    }

    public Code i64(long value) {
      return op(0x42).signed(value);
    }

    public Code local(int index) {
      return op(0x20).unsigned(index);
    }

    public Code call(int function) {
      return op(0x10).unsigned(function);
    }

    /** Loads the i32 at a constant address. */
    public Code load(int address) {
      return i32(address).op(0x28, 0, 0);
    }

    /** Stores a constant i32 at a constant address. */
    public Code store(int address, int value) {
      return i32(address).i32(value).op(0x36, 0, 0);
    }

    public Code drop() {
      return op(0x1a);
    }

    public Code trap() {
      return op(0x00);
    }

    /** A loop that never ends. */
    public Code forever() {
      return op(0x03, 0x40, 0x0c, 0, 0x0b);
    }

    public Code signed(long value) {
      long rest = value;
      while (true) {
        int low = (int) (rest & 0x7f);
        rest >>= 7;
        boolean positive = (low & 0x40) == 0;
        if ((rest == 0 && positive) || (rest == -1 && !positive)) {
          bytes.write(low);
          return this;
        }
        bytes.write(low | 0x80);
      }
    }

    public Code unsigned(int value) {
      bytes.writeBytes(leb(value));
      return this;
    }
  }

  /** A module with one page of memory and a describe that does nothing. */
  public static WasmBuilder module() {
    return new WasmBuilder().memory(1);
  }

  public WasmBuilder memory(int pages) {
    return memoryBytes(bytes(out -> out.write(0), out -> out.writeBytes(leb(pages))));
  }

  public WasmBuilder memory(int pages, int max) {
    return memoryBytes(
        bytes(
            out -> out.write(1),
            out -> out.writeBytes(leb(pages)),
            out -> out.writeBytes(leb(max))));
  }

  public WasmBuilder memoryBytes(byte[] limits) {
    memory = limits;
    return this;
  }

  public int importFunction(String module, String name, String parameters, String results) {
    imports.add(
        bytes(
            out -> out.writeBytes(string(module)),
            out -> out.writeBytes(string(name)),
            out -> out.write(0),
            out -> out.writeBytes(leb(type(parameters, results)))));
    return imported++;
  }

  /** An import of something else: its kind and description as bytes. */
  public WasmBuilder importOther(String module, String name, int... description) {
    imports.add(
        bytes(
            out -> out.writeBytes(string(module)),
            out -> out.writeBytes(string(name)),
            out -> {
              for (int each : description) {
                out.write(each);
              }
            }));
    return this;
  }

  /** Adds a function; its index. All imports must be added before. */
  public int function(String parameters, String results, Consumer<Code> body) {
    return function(parameters, results, "", body);
  }

  public int function(String parameters, String results, String locals, Consumer<Code> body) {
    functionTypes.add(type(parameters, results));
    Code code = new Code();
    body.accept(code);
    byte[] contents =
        bytes(
            out -> out.writeBytes(leb(locals.length())),
            out -> {
              for (int i = 0; i < locals.length(); i++) {
                out.write(1);
                out.write(valueType(locals.charAt(i)));
              }
            },
            out -> out.writeBytes(code.bytes.toByteArray()),
            out -> out.write(0x0b));
    bodies.add(bytes(out -> out.writeBytes(leb(contents.length)), out -> out.writeBytes(contents)));
    return imported + functionTypes.size() - 1;
  }

  public WasmBuilder export(String name, int function) {
    return export(name, 0, function);
  }

  public WasmBuilder export(String name, int kind, int index) {
    exports.add(
        bytes(
            out -> out.writeBytes(string(name)),
            out -> out.write(kind),
            out -> out.writeBytes(leb(index))));
    return this;
  }

  public WasmBuilder exported(String name, String parameters, String results, Consumer<Code> body) {
    return export(name, function(parameters, results, body));
  }

  /** The reducer's body; its parameters are locals 0 to 9, the last two args and error sink. */
  public WasmBuilder reducer(Consumer<Code> body) {
    return exported("__call_reducer__", REDUCER_PARAMETERS, "i", body);
  }

  public WasmBuilder start(int function) {
    start = function;
    return this;
  }

  public WasmBuilder table(int min) {
    table = bytes(out -> out.write(0x70), out -> out.write(0), out -> out.writeBytes(leb(min)));
    return this;
  }

  /** Puts functions into the table from element 0 on. */
  public WasmBuilder elements(int... functions) {
    elements =
        bytes(
            out -> out.write(0),
            out -> out.writeBytes(new byte[] {0x41, 0, 0x0b}),
            out -> out.writeBytes(leb(functions.length)),
            out -> {
              for (int function : functions) {
                out.writeBytes(leb(function));
              }
            });
    return this;
  }

  /** An exception tag without values; its index. */
  public int tag() {
    tags.add(bytes(out -> out.write(0), out -> out.writeBytes(leb(type("", "")))));
    return tags.size() - 1;
  }

  /** A mutable i32 global. */
  public int global(int value) {
    globals.add(
        bytes(
            out -> out.write(0x7f),
            out -> out.write(1),
            out -> out.writeBytes(new Code().i32(value).bytes.toByteArray()),
            out -> out.write(0x0b)));
    return globals.size() - 1;
  }

  public WasmBuilder data(int address, byte[] contents) {
    data.add(
        bytes(
            out -> out.write(0),
            out -> out.writeBytes(new Code().i32(address).bytes.toByteArray()),
            out -> out.write(0x0b),
            out -> out.writeBytes(leb(contents.length)),
            out -> out.writeBytes(contents)));
    return this;
  }

  public WasmBuilder data(int address, String text) {
    return data(address, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A name section that names one function. */
  public WasmBuilder name(int function, String name) {
    byte[] names =
        bytes(
            out -> out.write(1),
            out -> out.writeBytes(leb(function)),
            out -> out.writeBytes(string(name)));
    return custom(
        "name",
        bytes(
            out -> out.write(1),
            out -> out.writeBytes(leb(names.length)),
            out -> out.writeBytes(names)));
  }

  public WasmBuilder custom(String name, byte[] contents) {
    customs.add(bytes(out -> out.writeBytes(string(name)), out -> out.writeBytes(contents)));
    return this;
  }

  /** The program, with memory exported and an empty describe unless there is one. */
  public byte[] build() {
    if (exports.stream().noneMatch(e -> contains(e, "__describe_module__"))) {
      exported("__describe_module__", "i", "", code -> {});
    }
    if (exports.stream().noneMatch(e -> contains(e, "__call_reducer__"))) {
      reducer(code -> code.i32(0));
    }
    if (exports.stream().noneMatch(e -> contains(e, "memory"))) {
      export("memory", 2, 0);
    }
    return raw();
  }

  /** The program with just what was added. */
  public byte[] raw() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {0, 'a', 's', 'm', 1, 0, 0, 0});
    section(out, 1, types);
    section(out, 2, imports);
    section(out, 3, functionTypes.stream().map(WasmBuilder::leb).toList());
    section(out, 4, table.length == 0 ? List.of() : List.of(table));
    section(out, 5, memory.length == 0 ? List.of() : List.of(memory));
    section(out, 13, tags);
    section(out, 6, globals);
    section(out, 7, exports);
    if (start >= 0) {
      out.write(8);
      out.writeBytes(leb(leb(start).length));
      out.writeBytes(leb(start));
    }
    section(out, 9, elements.length == 0 ? List.of() : List.of(elements));
    section(out, 10, bodies);
    section(out, 11, data);
    for (byte[] custom : customs) {
      out.write(0);
      out.writeBytes(leb(custom.length));
      out.writeBytes(custom);
    }
    return out.toByteArray();
  }

  int type(String parameters, String results) {
    byte[] type =
        bytes(
            out -> out.write(FUNC_TYPE),
            out -> out.writeBytes(valueTypes(parameters)),
            out -> out.writeBytes(valueTypes(results)));
    for (int i = 0; i < types.size(); i++) {
      if (java.util.Arrays.equals(types.get(i), type)) {
        return i;
      }
    }
    types.add(type);
    return types.size() - 1;
  }

  private static byte[] valueTypes(String letters) {
    return bytes(
        out -> out.writeBytes(leb(letters.length())),
        out -> letters.chars().forEach(letter -> out.write(valueType((char) letter))));
  }

  private static int valueType(char letter) {
    return switch (letter) {
      case 'i' -> 0x7f;
      case 'l' -> 0x7e;
      case 'f' -> 0x7d;
      case 'd' -> 0x7c;
      case 'v' -> 0x7b;
      default -> throw new IllegalArgumentException("type " + letter);
    };
  }

  private static void section(ByteArrayOutputStream out, int id, List<byte[]> entries) {
    if (entries.isEmpty()) {
      return;
    }
    byte[] contents =
        bytes(b -> b.writeBytes(leb(entries.size())), b -> entries.forEach(b::writeBytes));
    out.write(id);
    out.writeBytes(leb(contents.length));
    out.writeBytes(contents);
  }

  private static boolean contains(byte[] export, String name) {
    byte[] wanted = string(name);
    return java.util.Arrays.equals(
        export, 0, Math.min(export.length, wanted.length), wanted, 0, wanted.length);
  }

  private static byte[] string(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    return bytes(out -> out.writeBytes(leb(utf8.length)), out -> out.writeBytes(utf8));
  }

  private static byte[] leb(int value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      out.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
    return out.toByteArray();
  }

  @SafeVarargs
  private static byte[] bytes(Consumer<ByteArrayOutputStream>... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Consumer<ByteArrayOutputStream> part : parts) {
      part.accept(out);
    }
    return out.toByteArray();
  }
}
