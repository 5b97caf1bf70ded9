package dev.dormouse.simulation;

import dev.dormouse.modulehost.CompileLimits;
import dev.dormouse.modulehost.LoadedModule;
import dev.dormouse.modulehost.ModuleArtefact;
import dev.dormouse.modulehost.ModuleRuntime;
import dev.dormouse.sats.ModuleHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The example modules, compiled once for all worlds of this JVM. What is shared depends on the
 * module's bytes alone. Thread safe.
 */
final class SharedModules implements ModuleRuntime {
  /** Those of the JVM; as a {@link ModuleRuntime} also those of classes loaded anew. */
  static final SharedModules COMPILED = new SharedModules(ModuleRuntime.wasm());

  private final ModuleRuntime runtime;
  private final Map<ModuleHash, ModuleArtefact> compiled = new HashMap<>();
  private final Map<ModuleHash, LoadedModule> loaded = new HashMap<>();
  private final Map<String, byte[]> files = new HashMap<>();

  /** Keeps what a runtime has compiled. */
  SharedModules(ModuleRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * The bytes of an example module.
   *
   * @param revision programs of different revisions do the same and have different hashes
   */
  synchronized byte[] wasm(String name, int revision) {
    byte[] file =
        files.computeIfAbsent(
            name,
            wanted -> {
              try {
                return Files.readAllBytes(root().resolve(wanted));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    return withCustomSection(file, revision);
  }

  /** Appends a section that changes nothing but the program's hash. */
  private static byte[] withCustomSection(byte[] wasm, int revision) {
    byte[] name = "rev".getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream more = new ByteArrayOutputStream();
    more.writeBytes(wasm);
    more.write(0);
    more.write(1 + name.length + 1);
    more.write(name.length);
    more.writeBytes(name);
    more.write(revision);
    return more.toByteArray();
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("docs/spec"))) {
      folder = folder.getParent();
    }
    if (folder == null) {
      throw new IllegalStateException("run the simulation inside the repository");
    }
    return folder;
  }

  @Override
  public synchronized ModuleArtefact compile(byte[] program, CompileLimits limits) {
    return compiled.computeIfAbsent(
        ModuleHash.ofProgram(program), absent -> runtime.compile(program, limits));
  }

  @Override
  public synchronized LoadedModule load(ModuleArtefact artefact) {
    return loaded.computeIfAbsent(artefact.hash(), absent -> runtime.load(artefact));
  }
}
