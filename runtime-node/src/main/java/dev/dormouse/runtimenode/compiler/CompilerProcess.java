package dev.dormouse.runtimenode.compiler;

import dev.dormouse.modulehost.CompileLimits;
import dev.dormouse.modulehost.ModuleArtefact;
import dev.dormouse.modulehost.ModuleRuntime;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.EngineException.Code;
import java.io.PrintStream;
import java.util.Optional;

/**
 * The process that compiles one program and ends: what {@link OutsideCompiler} starts. It reads a
 * request from stdin, writes an answer to stdout, and ends with 0. Whatever else it does, the
 * program could not be compiled. It ends as well when the node that started it is gone.
 *
 * <pre>
 * request = the 11 numbers of {@link CompileLimits}, in order, i32 each · program bytes
 * answer  = 0 u8 · artefact bytes | 1 u8 · why the program is refused str
 * </pre>
 */
final class CompilerProcess {
  private static final int COMPILED = 0;
  private static final int REFUSED = 1;

  private CompilerProcess() {}

  /** Compiles the program at stdin. */
  public static void main(String[] arguments) throws Exception {
    ProcessHandle.current().parent().ifPresent(CompilerProcess::endWith);
    PrintStream answers = System.out;
    System.setOut(System.err);
    byte[] answer = answer(System.in.readAllBytes());
    answers.write(answer);
    answers.flush();
    if (answers.checkError()) {
      throw new IllegalStateException(
          "the answer of %d bytes was not written".formatted(answer.length));
    }
    Runtime.getRuntime().halt(0);
  }

  private static void endWith(ProcessHandle node) {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              node.onExit().join();
              Runtime.getRuntime().halt(1);
            });
  }

  /** What is sent for a program. */
  static byte[] request(byte[] program, CompileLimits limits) {
    return new BsatnWriter()
        .writeI32(limits.programBytesMax())
        .writeI32(limits.functionsMax())
        .writeI32(limits.functionBytesMax())
        .writeI32(limits.importsMax())
        .writeI32(limits.exportsMax())
        .writeI32(limits.typesMax())
        .writeI32(limits.globalsMax())
        .writeI32(limits.tablesMax())
        .writeI32(limits.tableElementsMax())
        .writeI32(limits.segmentsMax())
        .writeI32(limits.interpretedFunctionsMax())
        .writeBytes(program)
        .toByteArray();
  }

  private static byte[] answer(byte[] request) {
    BsatnReader in = new BsatnReader(request);
    CompileLimits limits =
        new CompileLimits(
            in.readI32(),
            in.readI32(),
            in.readI32(),
            in.readI32(),
            in.readI32(),
            in.readI32(),
            in.readI32(),
            in.readI32(),
            in.readI32(),
            in.readI32(),
            in.readI32());
    try {
      ModuleArtefact artefact = ModuleRuntime.wasm().compile(in.readBytes(), limits);
      return new BsatnWriter().writeU8(COMPILED).writeBytes(artefact.toBytes()).toByteArray();
    } catch (EngineException e) {
      if (e.code() != Code.TENANT) {
        throw e;
      }
      return new BsatnWriter().writeU8(REFUSED).writeString(e.text()).toByteArray();
    }
  }

  /**
   * Reads an answer.
   *
   * @return the artefact, or empty if this is no answer
   * @throws EngineException TENANT if the program is refused
   */
  static Optional<ModuleArtefact> read(byte[] answer) {
    BsatnReader in = new BsatnReader(answer);
    try {
      return switch (in.readU8()) {
        case COMPILED -> ModuleArtefact.fromBytes(in.readBytes());
        case REFUSED -> throw EngineException.tenant(in.readString());
        default -> Optional.empty();
      };
    } catch (DecodeException e) {
      return Optional.empty();
    }
  }
}
