package dev.dormouse.modulehost;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodBuilder;
import java.lang.classfile.MethodElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;

/**
 * Rewrites the methods that stand for imports in generated classes, so that they call {@link
 * GuestGate} instead of boxing their arguments for a handle.
 *
 * <p>Chicory gives every function, imports too, a static method {@code func_<index>(parameters,
 * Memory, Instance)}.
 */
final class ImportLinks {
  private static final String METHOD_PREFIX = "func_";
  private static final ClassDesc GATE = ClassDesc.of(GuestGate.class.getName());

  private final List<AbiImport> imports;

  /**
   * Links for one module.
   *
   * @param imports in the order of their indices
   */
  ImportLinks(List<AbiImport> imports) {
    this.imports = imports;
  }

  /** The class with its imports linked; the same bytes if it has none. */
  byte[] link(ClassModel generated, byte[] bytes) {
    if (generated.methods().stream().noneMatch(method -> gate(method).isPresent())) {
      return bytes;
    }
    return ClassFile.of()
        .transformClass(
            generated,
            ClassTransform.transformingMethods(method -> gate(method).isPresent(), this::callGate));
  }

  private void callGate(MethodBuilder builder, MethodElement element) {
    if (element instanceof CodeModel code) {
      MethodModel method = code.parent().orElseThrow();
      Method gate = gate(method).orElseThrow();
      builder.withCode(to -> call(to, gate, method.methodTypeSymbol()));
    } else {
      builder.with(element);
    }
  }

  private static void call(CodeBuilder code, Method gate, MethodTypeDesc type) {
    int parameters = type.parameterCount() - 1;
    for (int i = 0; i < parameters; i++) {
      code.loadLocal(TypeKind.from(type.parameterType(i)), code.parameterSlot(i));
    }
    MethodTypeDesc target = type.dropParameterTypes(parameters, parameters + 1);
    code.invokestatic(GATE, gate.getName(), target);
    code.return_(TypeKind.from(type.returnType()));
  }

  private Optional<Method> gate(MethodModel method) {
    String name = method.methodName().stringValue();
    if (!name.startsWith(METHOD_PREFIX)) {
      return Optional.empty();
    }
    int function = Integer.parseInt(name.substring(METHOD_PREFIX.length()));
    return function < imports.size() ? imports.get(function).gate() : Optional.empty();
  }
}
