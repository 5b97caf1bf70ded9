package dev.dormouse.modulehost;

import dev.dormouse.sats.EngineException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lets the classes of all modules call one class for what Chicory puts into a copy beside each of
 * them: accesses of memory, of globals, traps. One class is loaded, verified and optimised once per
 * process, where the copies take a fifth of every module's bytecode. What loops ask, whether their
 * thread was interrupted, they ask {@link GuestGate}.
 *
 * <p>Changes the constant pool of a class file and nothing else. Source: JVMS §4.4.
 */
final class SharedOperations {
  /** The copy's binary name. */
  static final String COPY = GuestClasses.MAIN_CLASS + "Shaded";

  private static final byte[] COPY_NAME = internal(COPY);
  private static final byte[] ORIGINAL_NAME =
      internal("com.dylibso.chicory.compiler.internal.Shaded");
  private static final byte[] GATE_NAME = internal(GuestGate.class.getName());
  private static final byte[] CHECK = "checkInterruption".getBytes(StandardCharsets.US_ASCII);

  /** What the constants of a class and one can be at most. Source: JVMS §4.1. */
  private static final int CONSTANTS_MAX = 0xffff;

  private static final int COUNT_AT = 8;
  private static final int UTF8 = 1;
  private static final int CLASS = 7;
  private static final int METHOD = 10;
  private static final int NAME_AND_TYPE = 12;

  private final ByteBuffer file;

  /** Where each entry of the constant pool begins, its tag; and where the last one ends. */
  private final int[] at;

  private SharedOperations(byte[] classFile) {
    file = ByteBuffer.wrap(classFile);
    int count = Short.toUnsignedInt(file.getShort(COUNT_AT));
    at = new int[count + 1];
    int position = COUNT_AT + Short.BYTES;
    for (int entry = 1; entry < count; entry++) {
      at[entry] = position;
      int tag = file.get(position);
      switch (tag) {
        case UTF8 -> position += 3 + unsigned(position + 1);
        case CLASS, 8, 16, 19, 20 -> position += 3; // string, method type, module, package
        case 15 -> position += 4; // method handle
        case 3, 4, 9, METHOD, 11, NAME_AND_TYPE, 17, 18 -> position += 5; // numbers, members
        case 5, 6 -> { // long, double: two entries
          position += 9;
          entry++;
          at[entry] = position;
        }
        default -> throw new IllegalStateException("constant " + entry + " has the tag " + tag);
      }
    }
    at[count] = position;
  }

  private static byte[] internal(String binaryName) {
    return binaryName.replace('.', '/').getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The class, which calls the shared ones where it called the copy; the same bytes if it did not.
   *
   * @throws EngineException TENANT if its constants leave no room for the gate's name
   */
  static byte[] insteadOfCopy(byte[] classFile) {
    SharedOperations pool = new SharedOperations(classFile.clone());
    int copy = pool.utf8(COPY_NAME);
    return copy == 0 ? classFile : pool.redirected(copy);
  }

  private byte[] redirected(int copy) {
    int gate = at.length; // behind the pool: the name of the gate, and then its class
    if (gate >= CONSTANTS_MAX) {
      throw EngineException.tenant(
          "%d constants in one class of generated code leave no room for the host's, limit %d"
              .formatted(at.length - 2, CONSTANTS_MAX - 3));
    }
    int check = utf8(CHECK);
    for (int entry = 1; entry < at.length - 1; entry++) {
      if (isMethod(entry)
          && unsigned(at[unsigned(at[entry] + 1)] + 1) == copy
          && unsigned(at[unsigned(at[entry] + 3)] + 1) == check) {
        file.putShort(at[entry] + 1, (short) gate);
      }
    }
    int end = at[at.length - 1];
    int behindName = at[copy] + 3 + COPY_NAME.length;
    byte[] bytes = file.array();
    ByteBuffer out =
        ByteBuffer.allocate(
            bytes.length - COPY_NAME.length + ORIGINAL_NAME.length + GATE_NAME.length + 6);
    out.put(bytes, 0, COUNT_AT).putShort((short) (gate + 1));
    out.put(bytes, COUNT_AT + Short.BYTES, at[copy] - COUNT_AT - Short.BYTES);
    out.put((byte) UTF8).putShort((short) ORIGINAL_NAME.length).put(ORIGINAL_NAME);
    out.put(bytes, behindName, end - behindName);
    out.put((byte) UTF8).putShort((short) GATE_NAME.length).put(GATE_NAME);
    out.put((byte) CLASS).putShort((short) (gate - 1));
    return out.put(bytes, end, bytes.length - end).array();
  }

  private boolean isMethod(int entry) {
    return file.get(at[entry]) == METHOD && at[entry] < at[entry + 1];
  }

  /** The entry of that text; 0 if there is none. */
  private int utf8(byte[] text) {
    byte[] bytes = file.array();
    for (int entry = 1; entry < at.length - 1; entry++) {
      int start = at[entry] + 3;
      if (bytes[at[entry]] == UTF8
          && at[entry] < at[entry + 1]
          && Arrays.equals(bytes, start, start + unsigned(start - 2), text, 0, text.length)) {
        return entry;
      }
    }
    return 0;
  }

  private int unsigned(int position) {
    return Short.toUnsignedInt(file.getShort(position));
  }
}
