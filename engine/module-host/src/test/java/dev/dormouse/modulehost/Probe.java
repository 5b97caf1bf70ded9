package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/** A guest that makes one import call, with constant arguments, and returns what it answered. */
final class Probe {
  /** Memory is one page of zeroes but for this text, from {@link #TEXT} on. */
  static final int TEXT = 64;

  /** A cell that holds 16, and one beyond it that is free. */
  static final int LENGTH_CELL = 512;

  static final int OUT = 520;
  static final int BUFFER = 1_024;
  static final int PAST_END = 65_536;

  final MapHost host = new MapHost();
  private WasmInstance instance;

  private Probe(WasmBuilder builder, String text) {
    byte[] program =
        builder
            .data(TEXT, text)
            .data(LENGTH_CELL, new byte[] {16, 0, 0, 0})
            .data(OUT, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1})
            .build();
    host.transaction = false;
    instance = Guests.instance(program, host);
    host.transaction = true;
  }

  /** A probe of one import. */
  static Probe of(String module, String name, String parameters, int... args) {
    return of(module, name, parameters, "text", args);
  }

  /** A probe with another text in memory. */
  static Probe of(String module, String name, String parameters, String text, int... args) {
    WasmBuilder builder = WasmBuilder.module();
    int function = builder.importFunction(module, name, parameters, "i");
    builder.reducer(
        code -> {
          for (int arg : args) {
            code.i32(arg);
          }
          code.call(function);
        });
    return new Probe(builder, text);
  }

  /** A probe of an import that answers nothing. */
  static Probe silent(String module, String name, String parameters, String text, int... args) {
    WasmBuilder builder = WasmBuilder.module();
    int function = builder.importFunction(module, name, parameters, "");
    builder.reducer(
        code -> {
          for (int arg : args) {
            code.i32(arg);
          }
          code.call(function).i32(0);
        });
    return new Probe(builder, text);
  }

  /** A probe with several imports and a body of its own. */
  static Probe with(String text, BiConsumer<WasmBuilder, WasmBuilder> program) {
    WasmBuilder builder = WasmBuilder.module();
    program.accept(builder, builder);
    return new Probe(builder, text);
  }

  /** What the guest returned. */
  int run() {
    return run(new byte[0]);
  }

  int run(byte[] arguments) {
    return switch (Guests.call(instance, 0, arguments)) {
      case CallOutcome.Returned() -> 0;
      case CallOutcome.UserError(String text) -> text.isEmpty() ? 1 : throwUnexpected(text);
      case CallOutcome.BadReturnCode(int code) -> code;
      case CallOutcome.Trapped trapped -> throwUnexpected(trapped.toString());
      case CallOutcome.OutOfBudget out -> throwUnexpected(out.toString());
    };
  }

  private static int throwUnexpected(String what) {
    throw new AssertionError("unexpected outcome " + what);
  }

  /** Runs, and says why the guest trapped. */
  String trap() {
    return assertInstanceOf(CallOutcome.Trapped.class, Guests.call(instance)).detail();
  }

  int cell(int address) {
    return instance.guestMemory().readInt(address);
  }

  long cell64(int address) {
    return instance.guestMemory().readLong(address);
  }

  String text(int address, int length) {
    byte[] bytes = new byte[length];
    instance.guestMemory().read(address, bytes, 0, length);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
