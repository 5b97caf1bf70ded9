package dev.dormouse.modulehost;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodBuilder;
import java.lang.classfile.MethodElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.TypeKind;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.classfile.instruction.ExceptionCatch;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.Method;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Rewrites what Chicory generated: methods that stand for imports call {@link GuestGate} instead of
 * boxing their arguments for a handle, and functions chosen by {@link StackGuard} count their
 * stack.
 *
 * <p>Chicory gives every function, imports too, a static method {@code func_<index>(parameters,
 * Memory, Instance)}.
 */
final class GeneratedCode {
  private static final String METHOD_PREFIX = "func_";
  private static final ClassDesc GATE = ClassDesc.of(GuestGate.class.getName());
  private static final ClassDesc MEMORY =
      ClassDesc.of(com.dylibso.chicory.runtime.Memory.class.getName());
  private static final MethodTypeDesc COUNT =
      MethodTypeDesc.of(ConstantDescs.CD_void, MEMORY, ConstantDescs.CD_int);

  private static final MethodTypeDesc LEFT = MethodTypeDesc.of(ConstantDescs.CD_int, MEMORY);

  /** What a frame has besides locals and operands, in the JVM's interpreter, generously. */
  private static final int FRAME_OVERHEAD_BYTES = 128;

  private final List<AbiImport> imports;
  private final BitSet counting;
  private final int[] frameBytes;

  /**
   * A rewriting of one module.
   *
   * @param imports in the order of their indices
   * @param counting functions that count their stack, by position after the imports
   * @param frameBytes what each function counts, by position
   */
  GeneratedCode(List<AbiImport> imports, BitSet counting, int[] frameBytes) {
    this.imports = imports;
    this.counting = counting;
    this.frameBytes = frameBytes;
  }

  /** The index of the function that a method is, imports counted; empty if it is none. */
  static OptionalInt function(MethodModel method) {
    String name = method.methodName().stringValue();
    return name.startsWith(METHOD_PREFIX)
        ? OptionalInt.of(Integer.parseInt(name.substring(METHOD_PREFIX.length())))
        : OptionalInt.empty();
  }

  /** Bytes of bytecode. */
  static int codeBytes(MethodModel method) {
    return method.code().map(code -> ((CodeAttribute) code).codeLength()).orElse(0);
  }

  /** Bytes of stack that a call takes in the JVM's interpreter, which needs the most. */
  static int frameBytes(MethodModel method) {
    return method
        .code()
        .map(CodeAttribute.class::cast)
        .map(code -> (code.maxLocals() + code.maxStack()) * Long.BYTES + FRAME_OVERHEAD_BYTES)
        .orElse(0);
  }

  /** The rewritten class; the same bytes if there is nothing to rewrite. */
  byte[] rewrite(ClassModel generated, byte[] bytes) {
    if (generated.methods().stream().noneMatch(m -> gate(m).isPresent() || isCounting(m))) {
      return bytes;
    }
    ClassTransform transform =
        (builder, element) -> {
          if (element instanceof MethodModel method && gate(method).isPresent()) {
            builder.transformMethod(method, this::callGate);
          } else if (element instanceof MethodModel method && isCounting(method)) {
            builder.transformMethod(method, MethodTransform.transformingCode(count(method)));
          } else {
            builder.with(element);
          }
        };
    return ClassFile.of().transformClass(generated, transform);
  }

  private Optional<Method> gate(MethodModel method) {
    OptionalInt function = function(method);
    return function.isPresent() && function.getAsInt() < imports.size()
        ? imports.get(function.getAsInt()).gate()
        : Optional.empty();
  }

  private boolean isCounting(MethodModel method) {
    OptionalInt function = function(method);
    return function.isPresent()
        && function.getAsInt() >= imports.size()
        && counting.get(function.getAsInt() - imports.size());
  }

  private void callGate(MethodBuilder builder, MethodElement element) {
    if (element instanceof CodeModel code) {
      MethodModel method = code.parent().orElseThrow();
      Method gate = gate(method).orElseThrow();
      builder.withCode(to -> callGate(to, gate, method.methodTypeSymbol()));
    } else {
      builder.with(element);
    }
  }

  private static void callGate(CodeBuilder code, Method gate, MethodTypeDesc type) {
    int parameters = type.parameterCount() - 1;
    for (int i = 0; i < parameters; i++) {
      code.loadLocal(TypeKind.from(type.parameterType(i)), code.parameterSlot(i));
    }
    MethodTypeDesc target = type.dropParameterTypes(parameters, parameters + 1);
    code.invokestatic(GATE, gate.getName(), target);
    code.return_(TypeKind.from(type.returnType()));
  }

  /**
   * Takes the frame's bytes when the function begins and gives them back where it returns. Where it
   * catches, it sets the count to what it was: the functions below have not returned.
   */
  private CodeTransform count(MethodModel method) {
    int bytes = frameBytes[function(method).orElseThrow() - imports.size()];
    int memory = method.methodTypeSymbol().parameterCount() - 2;
    Set<Label> handlers =
        method.code().orElseThrow().exceptionHandlers().stream()
            .map(ExceptionCatch::handler)
            .collect(Collectors.toSet());
    return new CodeTransform() {
      private int left;

      @Override
      public void atStart(CodeBuilder code) {
        code.aload(code.parameterSlot(memory)).loadConstant(bytes);
        code.invokestatic(GATE, "takeStack", COUNT);
        if (!handlers.isEmpty()) {
          left = code.allocateLocal(TypeKind.INT);
          code.aload(code.parameterSlot(memory)).invokestatic(GATE, "stackLeft", LEFT);
          code.istore(left);
        }
      }

      @Override
      public void accept(CodeBuilder code, CodeElement element) {
        if (element instanceof ReturnInstruction) {
          code.aload(code.parameterSlot(memory)).loadConstant(bytes);
          code.invokestatic(GATE, "giveStackBack", COUNT);
        }
        code.with(element);
        if (element instanceof LabelTarget target && handlers.contains(target.label())) {
          code.aload(code.parameterSlot(memory)).iload(left);
          code.invokestatic(GATE, "setStackLeft", COUNT);
        }
      }
    };
  }
}
