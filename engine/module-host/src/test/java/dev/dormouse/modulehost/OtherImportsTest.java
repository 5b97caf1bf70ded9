package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.ConnectionId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Byte sources and sinks, console, claims, environment, procedures, WASI. */
final class OtherImportsTest {
  private static final String V0 = "spacetime_10.0";
  private static final String V1 = "spacetime_10.1";
  private static final String V2 = "spacetime_10.2";
  private static final String V3 = "spacetime_10.3";
  private static final String V6 = "spacetime_10.6";
  private static final String WASI = "wasi_snapshot_preview1";
  private static final int TEXT = Probe.TEXT;
  private static final int OUT = Probe.OUT;
  private static final int LENGTH = Probe.LENGTH_CELL;
  private static final int BUFFER = Probe.BUFFER;
  private static final int ARGS_LOCAL = 8;
  private static final int SINK_LOCAL = 9;

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void importListIsComplete() {
    TreeMap<String, Long> perModule =
        AbiImport.all().stream()
            .collect(Collectors.groupingBy(AbiImport::module, TreeMap::new, Collectors.counting()));
    perModule.remove(WASI);
    assertEquals(
        "{spacetime_10.0=20, spacetime_10.1=1, spacetime_10.2=1, spacetime_10.3=5,"
            + " spacetime_10.4=2, spacetime_10.5=1, spacetime_10.6=1}",
        perModule.toString());
  }

  /** Reads the arguments so many times with the capacity of the length cell, 16 at first. */
  private static Probe reader(int times) {
    return Probe.with(
        "text",
        (builder, same) -> {
          int read = builder.importFunction(V0, "bytes_source_read", "iii", "i");
          builder.reducer(
              code -> {
                for (int i = 0; i < times; i++) {
                  if (i > 0) {
                    code.drop();
                  }
                  code.local(ARGS_LOCAL).i32(BUFFER).i32(LENGTH).call(read);
                }
              });
        });
  }

  @Test
  void sourceIsReadToItsEndAndThenGone() {
    Probe whole = reader(1);
    assertEquals(-1, whole.run(bytes("0123456789")));
    assertEquals(10, whole.cell(LENGTH));
    assertEquals("0123456789", whole.text(BUFFER, 10));
    Probe exactly = reader(1);
    assertEquals(-1, exactly.run(bytes("0123456789abcdef")));
    Probe part = reader(1);
    assertEquals(0, part.run(bytes("0123456789abcdefg")));
    assertEquals(16, part.cell(LENGTH));
    Probe rest = reader(2);
    assertEquals(-1, rest.run(bytes("0123456789abcdefg")));
    assertEquals(1, rest.cell(LENGTH));
    assertEquals("g123", rest.text(BUFFER, 4));
    assertEquals(8, reader(3).run(bytes("0123456789abcdefg")));
  }

  @Test
  void noArgumentsAreTheSourceThatCannotBeRead() {
    Probe probe = reader(1);
    assertEquals(8, probe.run());
    assertEquals(16, probe.cell(LENGTH));
  }

  @Test
  void sourceReadChecksItsPointers() {
    assertTrue(
        Probe.of(V0, "bytes_source_read", "iii", 1, 0, LENGTH).trap().startsWith("null pointer"));
    assertTrue(
        Probe.of(V0, "bytes_source_read", "iii", 1, BUFFER, 0).trap().startsWith("null pointer"));
    assertTrue(
        Probe.of(V0, "bytes_source_read", "iii", 1, 65_528, LENGTH)
            .trap()
            .startsWith("16 bytes at 65528 are outside"));
  }

  @Test
  void capacityZeroReadsNothingAtADanglingPointer() {
    Probe probe =
        Probe.with(
            "text",
            (builder, same) -> {
              int read = builder.importFunction(V0, "bytes_source_read", "iii", "i");
              builder.reducer(
                  code -> {
                    code.store(LENGTH, 0);
                    code.local(ARGS_LOCAL).i32(1).i32(LENGTH).call(read);
                  });
            });
    assertEquals(0, probe.run(bytes("x")));
    assertEquals(0, probe.cell(LENGTH));
  }

  @Test
  void remainingLength() {
    Probe probe =
        Probe.with(
            "text",
            (builder, same) -> {
              int remaining =
                  builder.importFunction(V1, "bytes_source_remaining_length", "ii", "i");
              builder.reducer(code -> code.local(ARGS_LOCAL).i32(OUT).call(remaining));
            });
    assertEquals(0, probe.run(bytes("12345")));
    assertEquals(5, probe.cell(OUT));
    assertEquals(8, probe.run());
    assertEquals(8, Probe.of(V1, "bytes_source_remaining_length", "ii", 7, 0).run());
  }

  @Test
  void sinkTakesTheErrorText() {
    WasmBuilder builder = WasmBuilder.module().data(TEXT, "went wrong").data(LENGTH, "\12\0\0\0");
    int write = builder.importFunction(V0, "bytes_sink_write", "iii", "i");
    builder.reducer(
        code -> {
          code.local(SINK_LOCAL).i32(TEXT).i32(LENGTH).call(write).drop();
          code.store(LENGTH, 2).local(SINK_LOCAL).i32(TEXT).i32(LENGTH).call(write).drop();
          code.i32(1);
        });
    WasmInstance instance = Guests.instance(builder.build(), new MapHost());
    assertEquals(new CallOutcome.UserError("went wrongwe"), Guests.call(instance));
    assertEquals(new CallOutcome.UserError("wewe"), Guests.call(instance), "cell 2 from before");
    assertFalse(instance.isPoisoned());
  }

  @Test
  void sinkErrnosAndTraps() {
    Probe unknown = Probe.of(V0, "bytes_sink_write", "iii", 2, TEXT, LENGTH);
    assertEquals(8, unknown.run());
    assertEquals(8, Probe.of(V0, "bytes_sink_write", "iii", 0, TEXT, LENGTH).run());
    assertTrue(
        Probe.of(V0, "bytes_sink_write", "iii", 1, 0, LENGTH).trap().startsWith("null pointer"));
  }

  @Test
  void sinkIsBounded() {
    InstanceLimits limits = new InstanceLimits(1 << 20, 1 << 20, 1, 1, 1, 15, 10, 10, 1);
    WasmBuilder builder = WasmBuilder.module().data(LENGTH, "\20\0\0\0");
    int write = builder.importFunction(V0, "bytes_sink_write", "iii", "i");
    builder.reducer(code -> code.local(SINK_LOCAL).i32(TEXT).i32(LENGTH).call(write));
    WasmInstance instance = Guests.instance(Guests.load(builder.build()), new MapHost(), limits);
    String outcome = Guests.call(instance).toString();
    assertTrue(outcome.contains("a sink of 16 bytes, limit 15 bytes"), outcome);
  }

  @Test
  void identityIsLittleEndian() {
    Probe probe = Probe.silent(V0, "identity", "i", "", BUFFER);
    assertEquals(0, probe.run());
    for (int word = 0; word < 4; word++) {
      assertEquals(word + 1, probe.cell64(BUFFER + word * 8));
    }
    assertTrue(Probe.silent(V0, "identity", "i", "", 0).trap().startsWith("null pointer"));
    assertTrue(
        Probe.silent(V0, "identity", "i", "", 65_505)
            .trap()
            .startsWith("32 bytes at 65505 are outside"));
  }

  @Test
  void claimsOfAConnection() {
    Probe probe = Probe.of(V2, "get_jwt", "ii", "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", TEXT, OUT);
    assertEquals(0, probe.run());
    assertEquals(0, probe.cell(OUT));
    probe.host.tokens.put(new ConnectionId(1, 2), bytes("{}"));
    assertEquals(0, probe.run());
    assertEquals(1, probe.cell(OUT));
    assertEquals(0, probe.run(bytes("arguments")));
    assertEquals(2, probe.cell(OUT));
    probe.host.transaction = false;
    assertEquals(2, probe.run());
    assertTrue(Probe.of(V2, "get_jwt", "ii", 0, OUT).trap().startsWith("null pointer"));
  }

  @Test
  void environmentInTheOrderOfTheSpec() {
    assertEquals(1, Probe.of(V6, "env_get", "iii", 0, 0, OUT).run(), "length 0");
    assertEquals(1, Probe.of(V6, "env_get", "iii", 0, 257, OUT).run(), "length 257");
    assertEquals(1, Probe.of(V6, "env_get", "iii", 0, -1, OUT).run(), "unsigned length");
    assertTrue(Probe.of(V6, "env_get", "iii", 0, 4, OUT).trap().startsWith("null pointer"));
    assertEquals(1, Probe.of(V6, "env_get", "iii", "1ABC", TEXT, 4, OUT).run(), "no name");
    assertEquals(1, Probe.of(V6, "env_get", "iii", "A-BC", TEXT, 4, OUT).run(), "no name");
    Probe undeclared = Probe.of(V6, "env_get", "iii", "_A1b", TEXT, 4, OUT);
    assertTrue(undeclared.trap().startsWith("undeclared environment variable _A1b"));
    Probe unset = Probe.of(V6, "env_get", "iii", "_A1b", TEXT, 4, OUT);
    unset.host.environment.put("_A1b", new EnvironmentAnswer.Unset());
    assertEquals(0, unset.run());
    assertEquals(0, unset.cell(OUT));
    Probe refused = Probe.of(V6, "env_get", "iii", "_A1b", TEXT, 4, OUT);
    refused.host.environment.put("_A1b", new EnvironmentAnswer.Refused(Errno.NOT_IN_TRANSACTION));
    assertEquals(2, refused.run());
  }

  @Test
  void emptyEnvironmentValuesHaveASource() {
    Probe probe =
        Probe.with(
            "KEY",
            (builder, same) -> {
              int get = builder.importFunction(V6, "env_get", "iii", "i");
              int read = builder.importFunction(V0, "bytes_source_read", "iii", "i");
              builder.reducer(
                  code -> {
                    code.i32(TEXT).i32(3).i32(OUT).call(get).drop();
                    code.load(OUT).i32(BUFFER).i32(LENGTH).call(read);
                  });
            });
    probe.host.environment.put("KEY", new EnvironmentAnswer.Stored(""));
    assertEquals(-1, probe.run());
    assertEquals(1, probe.cell(OUT));
    assertEquals(0, probe.cell(LENGTH));
  }

  @Test
  void environmentRunsOutOfSources() {
    Probe probe =
        Probe.with(
            "KEY",
            (builder, same) -> {
              int get = builder.importFunction(V6, "env_get", "iii", "i");
              builder.reducer(
                  code -> {
                    for (int i = 0; i < 256; i++) {
                      code.i32(TEXT).i32(3).i32(OUT).call(get).drop();
                    }
                    code.i32(TEXT).i32(3).i32(OUT).call(get);
                  });
            });
    probe.host.environment.put("KEY", new EnvironmentAnswer.Stored("x"));
    assertEquals(9, probe.run());
    assertEquals(256, probe.cell(OUT));
  }

  @Test
  void schedulesImmediately() {
    String name = "volatile_nonatomic_schedule_immediate";
    Probe probe = Probe.silent(V0, name, "iiii", "text", TEXT, 4, BUFFER, 7);
    assertEquals(0, probe.run());
    assertEquals(List.of("text:7"), probe.host.scheduled);
    assertTrue(
        Probe.silent(V0, name, "iiii", "text", TEXT, 4, 0, 0).trap().startsWith("null pointer"));
  }

  @Test
  void proceduresAnswerClearlyInsideAReducer() {
    assertEquals(17, Probe.of(V3, "procedure_start_mut_tx", "i", OUT).run());
    assertEquals(18, Probe.of(V3, "procedure_commit_mut_tx", "").run());
    assertEquals(18, Probe.of(V3, "procedure_abort_mut_tx", "").run());
    assertTrue(
        Probe.of(V3, "procedure_http_request", "iiiii", 1, 1, 1, 1, OUT)
            .trap()
            .startsWith("procedure_http_request outside a procedure"));
    WasmBuilder builder = WasmBuilder.module();
    int sleep = builder.importFunction(V3, "procedure_sleep_until", "l", "l");
    builder.reducer(code -> code.i64(5).call(sleep).drop().i32(0));
    String outcome = Guests.call(Guests.instance(builder.build(), new MapHost())).toString();
    assertTrue(outcome.contains("procedure_sleep_until outside a procedure"), outcome);
  }

  private static Probe log(int level, int target, int targetLength, int line, int message) {
    return Probe.silent(
        V0, "console_log", "iiiiiiii", "text", level, target, targetLength, 0, 0, line, message, 4);
  }

  @ParameterizedTest
  @CsvSource({
    "0, ERROR",
    "1, WARN",
    "2, INFO",
    "3, DEBUG",
    "4, TRACE",
    "101, PANIC",
    "5, DEBUG",
    "255, DEBUG",
    "256, ERROR",
    "357, PANIC",
    "-1, DEBUG"
  })
  void logLevelsCountTheirLowEightBits(int level, LogLevel expected) {
    Probe probe = log(level, 0, 0, -1, TEXT);
    assertEquals(0, probe.run());
    LogRecord record = probe.host.logs.getFirst();
    assertEquals(expected, record.level());
    assertEquals("text", record.message());
    assertEquals(Optional.empty(), record.target());
    assertEquals(Optional.empty(), record.filename());
    assertEquals(OptionalInt.empty(), record.line());
    assertEquals(expected == LogLevel.PANIC, !record.trace().isEmpty());
  }

  @Test
  void logNeverTraps() {
    Probe full = log(2, TEXT, 2, 77, TEXT);
    assertEquals(0, full.run());
    assertEquals(Optional.of("te"), full.host.logs.getFirst().target());
    assertEquals(OptionalInt.of(77), full.host.logs.getFirst().line());
    for (Probe bad : List.of(log(2, 0, 0, 1, 0), log(2, 65_535, 2, 1, TEXT), log(2, 0, 0, 1, -4))) {
      assertEquals(0, bad.run());
      assertEquals(List.of(), bad.host.logs);
    }
    Probe broken = log(2, 0, 0, 1, OUT);
    assertEquals(0, broken.run());
    assertEquals("\ufffd".repeat(4), broken.host.logs.getFirst().message());
  }

  @Test
  void longLogTextsAreCut() {
    Probe probe = Probe.silent(V0, "console_log", "iiiiiiii", "", 2, 0, 0, 0, 0, -1, 1, 65_535);
    assertEquals(0, probe.run());
    InstanceLimits limits = new InstanceLimits(1 << 20, 1 << 20, 1, 1, 1, 1, 10, 3, 1);
    WasmBuilder builder = WasmBuilder.module().data(TEXT, "text");
    int log = builder.importFunction(V0, "console_log", "iiiiiiii", "");
    builder.reducer(
        code -> {
          for (int arg : new int[] {2, 0, 0, 0, 0, -1, TEXT, 4}) {
            code.i32(arg);
          }
          code.call(log).i32(0);
        });
    MapHost host = new MapHost();
    Guests.call(Guests.instance(Guests.load(builder.build()), host, limits));
    assertEquals("tex", host.logs.getFirst().message());
  }

  @Test
  void panicTraceNamesTheGuestsFunctions() {
    WasmBuilder builder = WasmBuilder.module().data(TEXT, "text");
    int log = builder.importFunction(V0, "console_log", "iiiiiiii", "");
    int panic =
        builder.function(
            "",
            "",
            code -> {
              for (int arg : new int[] {101, 0, 0, 0, 0, -1, TEXT, 4}) {
                code.i32(arg);
              }
              code.call(log).trap();
            });
    builder.reducer(code -> code.call(panic).i32(0)).name(panic, "my::panic");
    MapHost host = new MapHost();
    WasmInstance instance = Guests.instance(builder.build(), host);
    CallOutcome outcome = Guests.call(instance);
    assertEquals(List.of("func_0", "my::panic", "func_2"), host.logs.getFirst().trace());
    assertEquals(
        new CallOutcome.Trapped("Trapped on unreachable instruction in my::panic < func_2"),
        outcome);
  }

  @Test
  void timersLogTheirSpan() {
    Probe probe =
        Probe.with(
            "na\"me",
            (builder, same) -> {
              int start = builder.importFunction(V0, "console_timer_start", "ii", "i");
              int end = builder.importFunction(V0, "console_timer_end", "i", "i");
              builder.reducer(code -> code.i32(TEXT).i32(5).call(start).call(end));
            });
    assertEquals(0, probe.run());
    LogRecord record = probe.host.logs.getFirst();
    assertEquals("Timing span \"na\\\"me\": 1.234567ms", record.message());
    assertEquals(LogLevel.INFO, record.level());
    assertEquals(1, Probe.of(V0, "console_timer_start", "ii", TEXT, 4).run());
    assertEquals(7, Probe.of(V0, "console_timer_end", "i", 1).run());
    assertEquals(7, Probe.of(V0, "console_timer_end", "i", 0).run());
    assertTrue(Probe.of(V0, "console_timer_start", "ii", 0, 0).trap().startsWith("null pointer"));
  }

  @Test
  void timerHandlesAreUsedAgainAndBounded() {
    ConsoleTimers timers = new ConsoleTimers(2);
    assertEquals(1, timers.start("a", 0));
    assertEquals(2, timers.start("b", 0));
    assertEquals(Optional.of("Timing span \"a\": 5ns"), timers.end(1, 5));
    assertEquals(Optional.empty(), timers.end(1, 6));
    assertEquals(1, timers.start("c", 0));
    org.junit.jupiter.api.Assertions.assertThrows(HostTrap.class, () -> timers.start("d", 0));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0ns",
    "999, 999ns",
    "1000, 1µs",
    "1500, 1.5µs",
    "1234567, 1.234567ms",
    "1000000000, 1s",
    "61000000001, 61.000000001s"
  })
  void durationsReadAsRustWritesThem(long nanos, String text) {
    assertEquals(text, RustText.duration(nanos));
  }

  @Test
  void stringsReadAsRustWritesThem() {
    assertEquals(
        "\"a\\\"b\\\\c\\n\\r\\t\\0'é\\u{7f}\\u{200b}\"",
        RustText.quoted("a\"b\\c\n\r\t\0'é\u007f\u200b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "environ_get",
        "environ_sizes_get",
        "random_get",
        "fd_fdstat_get",
        "sock_shutdown"
      })
  void wasiStubsAnswer0AndTouchNothing(String name) {
    Probe probe = Probe.with("text", (builder, same) -> callWasi(builder, name, "ii", OUT, OUT));
    assertEquals(0, probe.run());
    assertEquals(-1, probe.cell(OUT));
  }

  /** WASI alone makes no module: it takes an import of the ABI as well. */
  private static void callWasi(WasmBuilder builder, String name, String parameters, int... args) {
    int function = builder.importFunction(WASI, name, parameters, "i");
    builder.importFunction(V0, "identity", "i", "");
    builder.reducer(
        code -> {
          for (int arg : args) {
            code.i32(arg);
          }
          code.call(function);
        });
  }

  @Test
  void wasiStubsThatAnswerSomething() {
    assertEquals(8, Probe.with("", (b, same) -> callWasi(b, "fd_prestat_get", "ii", 3, OUT)).run());
    Probe sizes = Probe.with("", (b, same) -> callWasi(b, "args_sizes_get", "ii", OUT, OUT + 4));
    assertEquals(0, sizes.run());
    assertEquals(1, sizes.cell(OUT));
    assertEquals(10, sizes.cell(OUT + 4));
    Probe arguments = Probe.with("", (b, same) -> callWasi(b, "args_get", "ii", OUT, BUFFER));
    assertEquals(0, arguments.run());
    assertEquals(BUFFER, arguments.cell(OUT));
    assertEquals("stdb.wasm\0", arguments.text(BUFFER, 10));
    Probe clock = Probe.with("", (b, same) -> callWasi(b, "clock_res_get", "ii", 0, OUT));
    assertEquals(0, clock.run());
    assertEquals(1, clock.cell64(OUT));
    Probe poll = Probe.with("", (b, same) -> callWasi(b, "poll_oneoff", "iiii", 1, 1, 1, OUT));
    assertEquals(52, poll.run());
    assertEquals(0, poll.cell(OUT));
  }

  @Test
  void wasiWritesAreLogged() {
    // One vector at BUFFER, all zero, then one that is the text.
    WasmBuilder builder =
        WasmBuilder.module()
            .data(TEXT, "line")
            .data(BUFFER, new byte[] {0, 0, 0, 0, 0, 0, 0, 0, TEXT, 0, 0, 0, 4, 0, 0, 0});
    callWasi(builder, "fd_write", "iiii", 2, BUFFER, 2, OUT);
    MapHost host = new MapHost();
    WasmInstance instance = Guests.instance(builder.build(), host);
    assertEquals(new CallOutcome.Returned(), Guests.call(instance));
    assertEquals(4, instance.guestMemory().readInt(OUT));
    LogRecord record = host.logs.getFirst();
    assertEquals(1, host.logs.size());
    assertEquals(LogLevel.WARN, record.level());
    assertEquals(Optional.of("wasi"), record.target());
    assertEquals("line", record.message());
  }

  @Test
  void wasiExitTraps() {
    WasmBuilder builder = WasmBuilder.module();
    int exit = builder.importFunction(WASI, "proc_exit", "i", "");
    builder.importFunction(V0, "identity", "i", "");
    builder.reducer(code -> code.i32(3).call(exit).i32(0));
    String outcome = Guests.call(Guests.instance(builder.build(), new MapHost())).toString();
    assertTrue(outcome.contains("proc_exit(3)"), outcome);
  }
}
