package dev.dormouse.database;

import dev.dormouse.datastore.Datastore;
import dev.dormouse.modulehost.CallWatch;
import dev.dormouse.modulehost.CpuBudget;
import dev.dormouse.modulehost.InstanceImage;
import dev.dormouse.modulehost.InstanceLimits;
import dev.dormouse.modulehost.LoadedModule;
import dev.dormouse.modulehost.ModuleInstance;
import dev.dormouse.sats.Bsatn;
import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.MemoryBudget;
import dev.dormouse.sats.ModuleHash;
import dev.dormouse.sats.RowShape;
import dev.dormouse.sats.json.JsonInput;
import dev.dormouse.sats.module.Lifecycle;
import dev.dormouse.sats.module.ModuleSchema;
import dev.dormouse.sats.module.ReducerDef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.LongSupplier;

/**
 * What a database runs: a loaded module and its definition, with what every call needs of it at
 * hand. Immutable; shared by the databases of one module.
 */
public final class Program {
  private final LoadedModule module;
  private final ModuleSchema schema;
  private final List<Optional<RowShape>> reducerArguments;
  private final OptionalInt onConnect;
  private final OptionalInt onDisconnect;
  private final JsonInput jsonInput;

  private Program(
      LoadedModule module, ModuleSchema schema, List<Optional<RowShape>> reducerArguments) {
    this.module = module;
    this.schema = schema;
    this.reducerArguments = reducerArguments;
    this.onConnect = schema.lifecycleReducer(Lifecycle.ON_CONNECT);
    this.onDisconnect = schema.lifecycleReducer(Lifecycle.ON_DISCONNECT);
    this.jsonInput = JsonInput.of(schema.typespace());
  }

  /**
   * A program whose definition was validated.
   *
   * @throws EngineException for the module's owner, if it uses what is not served yet
   */
  public static Program of(LoadedModule module, ModuleSchema schema) {
    NotBuiltYet.refuseIn(schema);
    List<Optional<RowShape>> arguments = new ArrayList<>();
    for (ReducerDef reducer : schema.reducers()) {
      arguments.add(shape(schema, reducer));
    }
    return new Program(module, schema, List.copyOf(arguments));
  }

  /** What a module says of itself. */
  public static final class Described {
    private final byte[] definition;
    private final Optional<InstanceImage> image;

    private Described(byte[] definition, Optional<InstanceImage> image) {
      this.definition = definition;
      this.image = image;
    }

    /** The bytes of its definition; not copied. */
    public byte[] definition() {
      return definition;
    }

    /**
     * What the instance holds that said so, if others may start from that: not if its initialisers
     * learnt something of where they ran, or did what others see.
     */
    public Optional<InstanceImage> image() {
      return image;
    }
  }

  /**
   * What a loaded module says of itself, from an instance made for that alone.
   *
   * @throws EngineException for the module's owner, if an initialiser fails
   */
  public static Described describe(
      LoadedModule module,
      InstanceLimits limits,
      CallWatch watch,
      CpuBudget budget,
      MemoryBudget memory,
      LongSupplier nanoTime) {
    TrialCalls host = new TrialCalls(nanoTime);
    try (ModuleInstance trial = module.instantiate(host, limits, watch, budget, memory)) {
      return new Described(trial.description(), host.wasAsked() ? Optional.empty() : trial.image());
    }
  }

  LoadedModule module() {
    return module;
  }

  /** What publishing another program over this one would change of the tables; a sentence each. */
  public List<String> tableChanges(Program next) {
    return TableChanges.between(schema, next.schema);
  }

  /** Has the JVM load its code now, and not when it is called first; takes milliseconds. */
  public void loadClasses() {
    module.loadClasses();
  }

  /** Which program the database of a restored store runs. */
  public static ModuleHash hashIn(Datastore store) {
    return ModuleRow.hashIn(store);
  }

  /** Roughly what it takes of heap and metaspace, in bytes, without its instances. */
  public long footprintBytes() {
    return module.footprintBytes();
  }

  /** Which program. */
  public ModuleHash hash() {
    return module.hash();
  }

  /** Its definition. */
  public ModuleSchema schema() {
    return schema;
  }

  /** Compiled parameters, unless they are of a recursive type. */
  private static Optional<RowShape> shape(ModuleSchema schema, ReducerDef reducer) {
    try {
      return Optional.of(RowShape.of(schema.typespace().inline(reducer.params())));
    } catch (DecodeException recursive) {
      return Optional.empty();
    }
  }

  /**
   * Checks that a reducer's arguments start at an offset.
   *
   * @param limit index behind the last byte that may be read
   * @return index behind the last byte of the arguments
   * @throws DecodeException if there are none
   */
  int argumentsEnd(int reducer, byte[] bytes, int offset, int limit) {
    Optional<RowShape> shape = reducerArguments.get(reducer);
    if (shape.isPresent()) {
      return shape.get().validate(bytes, offset, limit);
    }
    BsatnReader reader = new BsatnReader(bytes, offset, limit - offset);
    Bsatn.of(schema.typespace()).skip(schema.reducers().get(reducer).params(), reader);
    return reader.position();
  }

  JsonInput jsonInput() {
    return jsonInput;
  }

  OptionalInt onConnect() {
    return onConnect;
  }

  OptionalInt onDisconnect() {
    return onDisconnect;
  }
}
