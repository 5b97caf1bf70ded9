package dev.dormouse.modulehost;

import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.Identity;
import java.util.Optional;

/**
 * One instance of a module, with its own memory, serving one database.
 *
 * <p>Used by one thread at a time, a platform thread. Guests count the stack they take, up to
 * {@link InstanceLimits#stackBytesMax()}, and the thread must have that and {@link
 * InstanceLimits#HOST_STACK_BYTES} more: otherwise the stack may end inside the host. After {@link
 * CallOutcome.Trapped} and {@link CallOutcome.OutOfBudget} the instance is poisoned and must be
 * replaced by a new one.
 */
public interface ModuleInstance extends AutoCloseable {
  /** The module's definition as it describes itself: BSATN of a RawModuleDef. */
  byte[] description();

  /**
   * What it holds, for others to start from; to be taken right after it was made, if its
   * initialisers asked the host nothing. Empty if an image does not have all that an instance of
   * this module holds, or would be too large.
   */
  Optional<InstanceImage> image();

  /**
   * Whether the guest was cut off in the middle of something, so that it cannot be called again.
   */
  boolean isPoisoned();

  /**
   * Runs a reducer to its end. The caller has opened a transaction, and commits or rolls it back by
   * the outcome.
   *
   * <p>An exception of {@link HostCalls} other than {@link HostTrap} passes through; then too the
   * instance is poisoned.
   *
   * @param reducer position of the reducer in the module's definition; must be one of them
   * @param sender who calls
   * @param connection from where
   * @param timestampMicros when, in microseconds since the epoch
   * @param arguments BSATN of the argument product; not copied, and not kept
   * @param budget CPU time of this call
   * @throws dev.dormouse.sats.EngineException RETRY if the guest trapped after the node had refused
   *     it memory
   * @throws IllegalStateException if the instance is poisoned or in the middle of a call
   */
  CallOutcome callReducer(
      int reducer,
      Identity sender,
      ConnectionId connection,
      long timestampMicros,
      byte[] arguments,
      CpuBudget budget);

  /** Heap that the guest's memory takes, in bytes; pages never written to take none. */
  long memoryBytes();

  /** Gives the guest's memory back to the node; it must not be called any more. Once. */
  @Override
  void close();
}
