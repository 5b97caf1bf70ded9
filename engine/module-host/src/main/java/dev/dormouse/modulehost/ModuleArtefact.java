package dev.dormouse.modulehost;

import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.ModuleHash;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A compiled module: what instances need and no more. Immutable.
 *
 * <p>Its bytes are executed without a check of their own, so they must come from where only a node
 * writes, or carry a MAC. In BSATN terms:
 *
 * <pre>
 * artefact = magic "DMWA" · format u8 = 2 · engine str · module hash 32 bytes
 *          · warnings vec&lt;str&gt; · names bytes · module bytes · classes vec&lt;{name str, bytes}&gt;
 *          · start: 0 initialisers | 1 initialisers until there is an image | 2 {@link InstanceImage}
 * </pre>
 */
public final class ModuleArtefact {
  /**
   * What compiles and loads: an artefact of another engine is compiled again. Part of the key under
   * which artefacts are stored.
   */
  public static final String ENGINE = "dormouse-wasm-3+chicory-1.7.5";

  private static final byte[] MAGIC = "DMWA".getBytes(StandardCharsets.US_ASCII);
  private static final int FORMAT = 2;

  private static final int BY_INITIALISERS = 0;
  private static final int NO_IMAGE_YET = 1;
  private static final int FROM_IMAGE = 2;

  private final ModuleHash hash;
  private final List<String> warnings;
  private final byte[] names;
  private final byte[] module;
  private final Map<String, byte[]> classes;
  private final InstanceStart start;

  /**
   * An artefact; nothing is copied.
   *
   * @param names of functions, as {@link FunctionNames} keeps them
   * @param module the program without what has been compiled
   * @param classes by binary name
   */
  ModuleArtefact(
      ModuleHash hash,
      List<String> warnings,
      byte[] names,
      byte[] module,
      Map<String, byte[]> classes,
      InstanceStart start) {
    this.hash = hash;
    this.warnings = List.copyOf(warnings);
    this.names = names;
    this.module = module;
    this.classes = classes;
    this.start = start;
  }

  /** The same module, whose instances are copies of one that its initialisers have run in. */
  public ModuleArtefact startingFrom(InstanceImage image) {
    return new ModuleArtefact(
        hash,
        warnings,
        names,
        WasmSections.of(module).withoutInitialisation(),
        classes,
        new InstanceStart.FromImage(image));
  }

  /** Which program this was compiled from. */
  public ModuleHash hash() {
    return hash;
  }

  /** What the publisher should know although the module runs: functions that run slowly. */
  public List<String> warnings() {
    return warnings;
  }

  byte[] names() {
    return names;
  }

  byte[] module() {
    return module;
  }

  Map<String, byte[]> classes() {
    return classes;
  }

  InstanceStart start() {
    return start;
  }

  /** The form in which it is stored; equal programs give equal bytes. */
  public byte[] toBytes() {
    BsatnWriter out = new BsatnWriter();
    out.writeRaw(MAGIC).writeU8(FORMAT).writeString(ENGINE).writeRaw(hash.toByteArray());
    out.writeI32(warnings.size());
    warnings.forEach(out::writeString);
    out.writeBytes(names).writeBytes(module).writeI32(classes.size());
    for (Map.Entry<String, byte[]> each : classes.entrySet()) {
      out.writeString(each.getKey()).writeBytes(each.getValue());
    }
    switch (start) {
      case InstanceStart.ByInitialisers(boolean untilImage) ->
          out.writeU8(untilImage ? NO_IMAGE_YET : BY_INITIALISERS);
      case InstanceStart.FromImage(InstanceImage image) -> {
        out.writeU8(FROM_IMAGE);
        image.write(out);
      }
    }
    return out.toByteArray();
  }

  /**
   * Reads the stored form.
   *
   * @return the artefact, or empty if another engine made it: then compile the program again
   * @throws DecodeException if these are not the bytes of an artefact
   */
  public static Optional<ModuleArtefact> fromBytes(byte[] bytes) {
    BsatnReader in = new BsatnReader(bytes);
    if (!Arrays.equals(in.readRaw(MAGIC.length), MAGIC)) {
      throw new DecodeException("not a module artefact: it does not begin with DMWA");
    }
    if (in.readU8() != FORMAT || !in.readString().equals(ENGINE)) {
      return Optional.empty();
    }
    ModuleHash hash = ModuleHash.ofBytes(in.readRaw(ModuleHash.BYTES));
    List<String> warnings = new ArrayList<>();
    int warningCount = in.readCount(Integer.BYTES, "warnings");
    for (int i = 0; i < warningCount; i++) {
      warnings.add(in.readString());
    }
    byte[] names = in.readBytes();
    byte[] module = in.readBytes();
    Map<String, byte[]> classes = new TreeMap<>();
    int classCount = in.readCount(2 * Integer.BYTES, "classes");
    for (int i = 0; i < classCount; i++) {
      classes.put(in.readString(), in.readBytes());
    }
    int tag = in.readU8();
    InstanceStart start =
        switch (tag) {
          case BY_INITIALISERS -> new InstanceStart.ByInitialisers(false);
          case NO_IMAGE_YET -> new InstanceStart.ByInitialisers(true);
          case FROM_IMAGE -> new InstanceStart.FromImage(InstanceImage.read(in));
          default -> throw new DecodeException("module artefact starts in the way " + tag);
        };
    if (in.remaining() != 0) {
      throw new DecodeException("module artefact has %d bytes too many".formatted(in.remaining()));
    }
    return Optional.of(new ModuleArtefact(hash, warnings, names, module, classes, start));
  }
}
