package dev.dormouse.modulehost;

import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a module gets that imports WASI by mistake: harmless answers, no clock, no files, no
 * randomness. Source: spec module-abi §8.
 */
final class WasiStubs {
  private static final String MODULE = "wasi_snapshot_preview1";
  private static final int BAD_FILE_DESCRIPTOR = 8;
  private static final int NOT_SUPPORTED = 52;
  private static final int STANDARD_ERROR = 2;
  private static final byte[] PROGRAM_NAME = "stdb.wasm\0".getBytes(StandardCharsets.US_ASCII);

  /** Functions that answer 0 and touch nothing, with their parameters: i for i32, l for i64. */
  private static final List<String> SILENT =
      List.of(
          "environ_get:ii",
          "environ_sizes_get:ii",
          "clock_time_get:ili",
          "fd_advise:illi",
          "fd_allocate:ill",
          "fd_close:i",
          "fd_datasync:i",
          "fd_fdstat_get:ii",
          "fd_fdstat_set_flags:ii",
          "fd_fdstat_set_rights:ill",
          "fd_filestat_get:ii",
          "fd_filestat_set_size:il",
          "fd_filestat_set_times:illi",
          "fd_pread:iiili",
          "fd_prestat_dir_name:iii",
          "fd_pwrite:iiili",
          "fd_read:iiii",
          "fd_readdir:iiili",
          "fd_renumber:ii",
          "fd_seek:ilii",
          "fd_sync:i",
          "fd_tell:ii",
          "path_create_directory:iii",
          "path_filestat_get:iiiii",
          "path_filestat_set_times:iiiilli",
          "path_link:iiiiiii",
          "path_open:iiiiillii",
          "path_readlink:iiiiii",
          "path_remove_directory:iii",
          "path_rename:iiiiii",
          "path_symlink:iiiii",
          "path_unlink_file:iii",
          "random_get:ii",
          "sched_yield:",
          "sock_accept:iii",
          "sock_recv:iiiiii",
          "sock_send:iiiii",
          "sock_shutdown:ii");

  /** What a stub does, on arguments that travel as longs. */
  @FunctionalInterface
  private interface Body {
    long run(GuestImports imports, long[] args);
  }

  private WasiStubs() {}

  static void addTo(List<AbiImport> imports) {
    SILENT.forEach(signature -> imports.add(stub(signature, (in, a) -> 0)));
    imports.add(stub("fd_prestat_get:ii", (in, a) -> BAD_FILE_DESCRIPTOR));
    imports.add(stub("fd_write:iiii", WasiStubs::write));
    imports.add(stub("args_sizes_get:ii", WasiStubs::argumentSizes));
    imports.add(stub("args_get:ii", WasiStubs::arguments));
    imports.add(stub("clock_res_get:ii", WasiStubs::clockResolution));
    imports.add(stub("poll_oneoff:iiii", WasiStubs::poll));
    imports.add(stub("proc_exit", FunctionType.accepting(ValType.I32), WasiStubs::exit));
  }

  private static AbiImport stub(String signature, Body body) {
    int colon = signature.indexOf(':');
    return stub(signature.substring(0, colon), type(signature.substring(colon + 1)), body);
  }

  private static AbiImport stub(String name, FunctionType type, Body body) {
    return new AbiImport(
        MODULE,
        name,
        type,
        Optional.empty(),
        (instance, args) -> {
          GuestImports imports = ((LinearMemory) instance.memory()).imports();
          imports.enterHost();
          long answer = body.run(imports, args);
          imports.leaveHost();
          return new long[] {answer};
        });
  }

  private static FunctionType type(String parameters) {
    List<ValType> types = new ArrayList<>();
    for (int i = 0; i < parameters.length(); i++) {
      types.add(parameters.charAt(i) == 'l' ? ValType.I64 : ValType.I32);
    }
    return FunctionType.of(types, List.of(ValType.I32));
  }

  private static long write(GuestImports in, long[] a) {
    LogLevel level = i(a, 0) == STANDARD_ERROR ? LogLevel.WARN : LogLevel.INFO;
    in.logVectors(level, i(a, 1), i(a, 2), i(a, 3));
    return 0;
  }

  private static long argumentSizes(GuestImports in, long[] a) {
    in.writeCell(i(a, 0), 1);
    in.writeCell(i(a, 1), PROGRAM_NAME.length);
    return 0;
  }

  private static long arguments(GuestImports in, long[] a) {
    int buffer = i(a, 1);
    in.require(buffer, PROGRAM_NAME.length);
    in.memory().write(buffer, PROGRAM_NAME, 0, PROGRAM_NAME.length);
    in.writeCell(i(a, 0), buffer);
    return 0;
  }

  private static long clockResolution(GuestImports in, long[] a) {
    in.writeCell64(i(a, 1), 1);
    return 0;
  }

  private static long poll(GuestImports in, long[] a) {
    in.writeCell(i(a, 3), 0);
    return NOT_SUPPORTED;
  }

  private static long exit(GuestImports in, long[] a) {
    throw new HostTrap("proc_exit(" + i(a, 0) + ")");
  }

  private static int i(long[] args, int index) {
    return (int) args[index];
  }
}
