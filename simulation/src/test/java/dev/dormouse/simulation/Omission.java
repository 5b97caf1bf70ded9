package dev.dormouse.simulation;

import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;

/** The engine with one of its calls left out: a defect that only what it leads to can show. */
final class Omission extends EngineLoader {
  private final String type;
  private final String method;
  private final String call;
  private int left;

  /**
   * Leaves out calls.
   *
   * @param type binary name of the class that makes them
   * @param method in which method, lambdas in it included
   * @param call simple type and name of what it calls, such as {@code List.add}
   */
  Omission(String type, String method, String call) {
    super(Omission.class.getClassLoader());
    this.type = type;
    this.method = method;
    this.call = call;
  }

  /** How many calls were left out. */
  int left() {
    return left;
  }

  @Override
  byte[] changed(String name, byte[] bytes) {
    if (!name.equals(type)) {
      return bytes;
    }
    return classFile()
        .transformClass(
            classFile().parse(bytes),
            ClassTransform.transformingMethodBodies(
                found -> isIn(found.methodName().stringValue()), this::leaveOut));
  }

  private boolean isIn(String name) {
    return name.equals(method) || name.startsWith("lambda$" + method + "$");
  }

  private boolean isIt(InvokeInstruction invoke) {
    String owner = invoke.owner().asInternalName();
    String simple = owner.substring(owner.lastIndexOf('/') + 1);
    return call.equals(simple + "." + invoke.name().stringValue());
  }

  private void leaveOut(CodeBuilder code, CodeElement element) {
    if (!(element instanceof InvokeInstruction invoke) || !isIt(invoke)) {
      code.with(element);
      return;
    }
    left++;
    MethodTypeDesc signature = invoke.typeSymbol();
    for (ClassDesc parameter : signature.parameterList().reversed()) {
      pop(code, TypeKind.from(parameter));
    }
    if (invoke.opcode() != Opcode.INVOKESTATIC) {
      code.pop();
    }
    switch (TypeKind.from(signature.returnType())) {
      case VOID -> {}
      case REFERENCE -> code.aconst_null();
      case LONG -> code.lconst_0();
      case FLOAT -> code.fconst_0();
      case DOUBLE -> code.dconst_0();
      case BOOLEAN, BYTE, CHAR, SHORT, INT -> code.iconst_0();
    }
  }

  private static void pop(CodeBuilder code, TypeKind kind) {
    if (kind.slotSize() == 2) {
      code.pop2();
    } else {
      code.pop();
    }
  }
}
