package dev.dormouse.modulehost;

import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import dev.dormouse.sats.MemoryAccount;

/**
 * The function tables of one instance, whose elements count on the node's memory like its linear
 * memory. Used by the thread that runs the guest.
 */
final class GuestTables {
  /** A function's number and its instance, as Chicory keeps them. */
  private static final int ELEMENT_BYTES = Integer.BYTES + Long.BYTES;

  /** Tables of so few elements together take too little to be counted. */
  private static final int UNCOUNTED_ELEMENTS = 4_096;

  private static final String WHAT = "a guest's tables";

  private final int elementsMax;
  private final MemoryAccount account;
  private final LinearMemory memory;
  private long elements;

  /**
   * No tables yet.
   *
   * @param elementsMax of one table
   * @param account covers all of them
   * @param memory of the same instance, which keeps in mind what the node has refused
   */
  GuestTables(int elementsMax, MemoryAccount account, LinearMemory memory) {
    this.elementsMax = elementsMax;
    this.account = account;
    this.memory = memory;
  }

  /**
   * Makes a table with limits of its own: {@code table.grow} raises the minimum in the limits it
   * was made with, and the module's are shared by all its instances.
   *
   * @throws dev.dormouse.sats.EngineException if the node has not so much memory
   */
  TableInstance make(Table declared, int initialValue) {
    long min = declared.limits().min();
    long max = Math.max(min, Math.min(declared.limits().max(), elementsMax));
    account.cover(bytes(elements + min), WHAT);
    elements += min;
    return new Counted(
        new Table(declared.elementType(), new TableLimits(min, max), declared.initialize()),
        initialValue);
  }

  private static long bytes(long elements) {
    return elements <= UNCOUNTED_ELEMENTS ? 0 : elements * ELEMENT_BYTES;
  }

  private final class Counted extends TableInstance {
    Counted(Table table, int initialValue) {
      super(table, initialValue);
    }

    @Override
    public int grow(int more, int value, Instance instance) {
      if (more <= 0 || more > limits().max() - size()) {
        return super.grow(more, value, instance); // Which refuses what is not possible at all.
      }
      // The table is copied: while that goes on, its elements are there twice.
      long meanwhile = bytes(elements + more + size());
      if (!account.tryCover(meanwhile)) {
        memory.refused(account.refusal(meanwhile, WHAT));
        return -1;
      }
      int before = super.grow(more, value, instance);
      if (before >= 0) {
        elements += more;
      }
      account.settle(bytes(elements));
      return before;
    }
  }
}
