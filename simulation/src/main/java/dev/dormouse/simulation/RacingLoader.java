package dev.dormouse.simulation;

import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.FieldModel;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Loads the engine's concurrent classes, and the simulation that drives them, with a call of {@link
 * SharedAccess#next} before every access to a volatile field, an atomic, a lock, a concurrent
 * collection or a monitor. So a world can let tasks come off not only at seams but between any two
 * instructions that matter, and finds races that are a few instructions wide.
 *
 * <p>Within a monitor no task comes off: what blocks on one is resumed by a thread of the JDK, in
 * an order that no seed decides.
 */
final class RacingLoader extends EngineLoader {
  /** In-memory stores, whose monitors are held over calls back. */
  private static final List<String> FAKES = List.of(".Memory", ".StoreFaults", ".Faulty");

  private static final ClassDesc POINT = ClassDesc.of("dev.dormouse.simulation.SharedAccess");
  private static final MethodTypeDesc POINT_TYPE = MethodTypeDesc.of(ConstantDescs.CD_void);

  private final Map<String, Set<String>> volatiles = new HashMap<>();

  RacingLoader(ClassLoader parent) {
    super(parent);
  }

  @Override
  byte[] changed(String name, byte[] bytes) {
    return FAKES.stream().anyMatch(name::contains) ? bytes : withPoints(bytes);
  }

  private byte[] withPoints(byte[] bytes) {
    ClassModel model = classFile().parse(bytes);
    return classFile()
        .transformClass(
            model,
            ClassTransform.transformingMethodBodies(
                method -> !method.flags().has(AccessFlag.SYNCHRONIZED),
                CodeTransform.ofStateful(Points::new)));
  }

  /** Puts points into one method. */
  private final class Points implements CodeTransform {
    private boolean mayHoldMonitor;

    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      switch (element) {
        case MonitorInstruction monitor -> {
          // Where it is left again cannot be told from the order of instructions.
          point(code);
          mayHoldMonitor = true;
        }
        case FieldInstruction field when isVolatile(field) -> point(code);
        case InvokeInstruction call when isShared(call) -> point(code);
        default -> {}
      }
      code.with(element);
    }

    private void point(CodeBuilder code) {
      if (!mayHoldMonitor) {
        code.invokestatic(POINT, "next", POINT_TYPE);
      }
    }
  }

  private static boolean isShared(InvokeInstruction call) {
    String owner = call.owner().asInternalName();
    return !call.name().equalsString("<init>")
        && (owner.startsWith("java/util/concurrent/") || owner.startsWith("org/jctools/"));
  }

  private boolean isVolatile(FieldInstruction field) {
    String owner = field.owner().asInternalName().replace('/', '.');
    return isAnew(owner)
        && volatiles.computeIfAbsent(owner, this::volatilesOf).contains(field.name().stringValue());
  }

  private Set<String> volatilesOf(String owner) {
    Set<String> names = new HashSet<>();
    try {
      for (FieldModel field : classFile().parse(bytes(owner)).fields()) {
        if (field.flags().has(AccessFlag.VOLATILE)) {
          names.add(field.fieldName().stringValue());
        }
      }
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
    return names;
  }
}
