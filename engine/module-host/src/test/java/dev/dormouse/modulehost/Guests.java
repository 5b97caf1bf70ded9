package dev.dormouse.modulehost;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.MemoryBudget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What tests need to run a guest. */
final class Guests {
  static final ModuleRuntime RUNTIME = ModuleRuntime.wasm();
  static final Identity SENDER = new Identity(11, 12, 13, 14);
  static final ConnectionId CONNECTION = new ConnectionId(21, 22);
  static final CpuBudget BUDGET = CpuBudget.of(Duration.ofSeconds(10));

  private Guests() {}

  /** A file of the repository. */
  static byte[] file(String path) {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("docs/spec"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException("not inside the repository");
    }
    try {
      return Files.readAllBytes(folder.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static LoadedModule load(byte[] program) {
    return RUNTIME.load(RUNTIME.compile(program, CompileLimits.STANDARD));
  }

  /** A watch that nobody ticks. */
  static CallWatch idleWatch() {
    return new CallWatch(thread -> 0, 4);
  }

  static WasmInstance instance(byte[] program, HostCalls host) {
    return instance(load(program), host, InstanceLimits.STANDARD);
  }

  static WasmInstance instance(LoadedModule module, HostCalls host, InstanceLimits limits) {
    return (WasmInstance)
        module.instantiate(host, limits, idleWatch(), BUDGET, MemoryBudget.unlimited());
  }

  static CallOutcome call(ModuleInstance instance, int reducer, byte[] arguments) {
    return instance.callReducer(reducer, SENDER, CONNECTION, 1_000, arguments, BUDGET);
  }

  static CallOutcome call(ModuleInstance instance) {
    return call(instance, 0, new byte[0]);
  }

  static byte[] args(BsatnWriter arguments) {
    return arguments.toByteArray();
  }
}
