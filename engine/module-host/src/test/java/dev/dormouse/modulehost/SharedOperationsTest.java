package dev.dormouse.modulehost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.dormouse.sats.EngineException;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import org.junit.jupiter.api.Test;

/** The one place where bytes of a class file are changed by hand: as many constants as fit. */
final class SharedOperationsTest {
  /** Constants and one: of the class's own names, of the copy's, and numbers up to the wanted. */
  private static byte[] classOf(int constantsAndOne) {
    return ClassFile.of()
        .build(
            ClassDesc.of("dormouse.guest.Full"),
            builder -> {
              var pool = builder.constantPool();
              var _ = pool.classEntry(ClassDesc.of(SharedOperations.COPY));
              var _ = pool.classEntry(ConstantDescs.CD_Object); // What the class extends.
              for (int i = 0; pool.size() < constantsAndOne; i++) {
                var _ = pool.intEntry(i);
              }
            });
  }

  private static int constantsAndOne(byte[] classFile) {
    return ClassFile.of().parse(classFile).constantPool().size();
  }

  @Test
  void theLastTwoConstantsAreForTheGate() {
    byte[] full = classOf(0xfffd);
    assertEquals(0xfffd, constantsAndOne(full));
    assertEquals(0xffff, constantsAndOne(SharedOperations.insteadOfCopy(full)));
  }

  @Test
  void whoLeavesNoneIsRefused() {
    EngineException refused =
        assertThrows(EngineException.class, () -> SharedOperations.insteadOfCopy(classOf(0xfffe)));
    assertEquals(EngineException.Code.TENANT, refused.code());
    assertEquals(
        "65533 constants in one class of generated code leave no room for the host's, limit 65532",
        refused.text());
  }
}
