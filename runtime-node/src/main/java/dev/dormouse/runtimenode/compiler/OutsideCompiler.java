package dev.dormouse.runtimenode.compiler;

import dev.dormouse.modulehost.CompileLimits;
import dev.dormouse.modulehost.LoadedModule;
import dev.dormouse.modulehost.ModuleArtefact;
import dev.dormouse.modulehost.ModuleRuntime;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.EngineException.Code;
import dev.dormouse.sats.ModuleHash;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Compiles programs in processes of their own, each with a heap of its own, an empty environment
 * and nothing of the node's configuration, killed when the thread that waits is interrupted: a
 * program on which the compiler chokes then costs nobody else. Small programs stay inside where
 * {@link CompilerLimits} says so. Loading is always inside. Thread safe; blocks. Source:
 * docs/decisions/0008-child-compiler.md.
 */
public final class OutsideCompiler implements ModuleRuntime {
  private static final Logger LOG = Logger.getLogger(OutsideCompiler.class);

  private final ModuleRuntime inside;
  private final Path folder;
  private final CompilerLimits limits;
  private final Semaphore idle;

  private OutsideCompiler(ModuleRuntime inside, Path folder, CompilerLimits limits) {
    this.inside = inside;
    this.folder = folder;
    this.limits = limits;
    this.idle = new Semaphore(limits.processes(), true);
  }

  /**
   * A compiler.
   *
   * @param inside loads, and compiles what may stay inside
   * @param folder of its own, for what is being compiled; emptied
   */
  public static OutsideCompiler open(ModuleRuntime inside, Path folder, CompilerLimits limits)
      throws IOException {
    Files.createDirectories(folder);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder)) {
      for (Path file : left) {
        Files.delete(file);
      }
    }
    return new OutsideCompiler(inside, folder, limits);
  }

  @Override
  public LoadedModule load(ModuleArtefact artefact) {
    return inside.load(artefact);
  }

  @Override
  public ModuleArtefact compile(byte[] program, CompileLimits compileLimits) {
    if (program.length <= limits.ownProcessBytes()
        || program.length > compileLimits.programBytesMax()) {
      return inside.compile(program, compileLimits);
    }
    try {
      idle.acquire();
      try {
        return outside(program, compileLimits);
      } finally {
        idle.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw tookTooLong(program.length, e);
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw tookTooLong(program.length, e); // a file was being written
      }
      throw new EngineException(
          Code.OPERATOR, "the process that compiles programs cannot be used: " + e, e);
    }
  }

  private static EngineException tookTooLong(int programBytes, Exception cause) {
    return new EngineException(
        Code.TENANT, "module of %d bytes took too long to compile".formatted(programBytes), cause);
  }

  private ModuleArtefact outside(byte[] program, CompileLimits compileLimits)
      throws IOException, InterruptedException {
    List<Path> files = new ArrayList<>();
    try {
      for (String end : List.of(".request", ".answer", ".complaint")) {
        files.add(Files.createTempFile(folder, "compile", end));
      }
      Files.write(files.get(0), CompilerProcess.request(program, compileLimits));
      int status = run(files.get(0), files.get(1), files.get(2));
      long answerBytes = Files.size(files.get(1));
      if (answerBytes > limits.answerBytes()) {
        throw EngineException.tenant(
            "a program of %d bytes becomes %d bytes when compiled, limit %d bytes"
                .formatted(program.length, answerBytes, limits.answerBytes()));
      }
      Optional<ModuleArtefact> artefact =
          status == 0 ? CompilerProcess.read(Files.readAllBytes(files.get(1))) : Optional.empty();
      return artefact
          .filter(answer -> answer.hash().equals(ModuleHash.ofProgram(program)))
          .orElseThrow(() -> broke(program.length, status, complaint(files.get(2))));
    } finally {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    }
  }

  private int run(Path request, Path answer, Path complaint)
      throws IOException, InterruptedException {
    ProcessBuilder start =
        new ProcessBuilder(command(limits.heapBytes()))
            .redirectInput(request.toFile())
            .redirectOutput(answer.toFile())
            .redirectError(complaint.toFile());
    // Nothing of it is meant for what a publisher sends: it holds passwords.
    start.environment().clear();
    Process process = start.start();
    try {
      return process.waitFor();
    } finally {
      // Of a process that has ended there is nothing to kill; the wait is for its open files.
      process.destroyForcibly().onExit().join();
    }
  }

  private EngineException broke(int programBytes, int status, String complaint) {
    LOG.warnf("a compiler ended with status %d: %s", status, complaint);
    return EngineException.tenant(
        "a program of %d bytes could not be compiled with a heap of %d bytes: the compiler ended with status %d, %s"
            .formatted(programBytes, limits.heapBytes(), status, complaint));
  }

  private String complaint(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      String text =
          new String(in.readNBytes(limits.complaintBytes()), StandardCharsets.UTF_8)
              .strip()
              .replaceAll("\\s+", " ");
      return text.isEmpty() ? "without a word" : text;
    } catch (IOException e) {
      return "its last words cannot be read: " + e;
    }
  }

  /** This JVM again, with the same classes. */
  private static List<String> command(long heapBytes) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx" + heapBytes,
            "-Xss" + CompilerLimits.STACK_BYTES,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:+DisplayVMOutputToStderr",
            "-XX:-UsePerfData",
            "-Xlog:disable")); // stdout is for the answer
    command.add("-cp");
    command.add(
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator)));
    command.add(CompilerProcess.class.getName());
    return command;
  }
}
