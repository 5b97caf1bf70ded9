package dev.dormouse.modulehost;

/**
 * How a call of a guest ended. In all but {@link Returned} the caller rolls back. Source: spec
 * host-semantics §2 and §3, module-abi §7.4.
 */
public sealed interface CallOutcome {
  /** The guest returned 0. */
  record Returned() implements CallOutcome {
    static final Returned INSTANCE = new Returned();
  }

  /**
   * The guest returned 1; the instance stays good.
   *
   * @param text what it wrote to the error sink, with bad UTF-8 replaced
   */
  record UserError(String text) implements CallOutcome {}

  /**
   * The guest returned something that has no meaning; the instance stays good.
   *
   * @param code what it returned
   */
  record BadReturnCode(int code) implements CallOutcome {}

  /**
   * The guest trapped, ran out of stack or asked for something that traps; the instance is
   * poisoned.
   *
   * @param detail why and where, for the server's log
   */
  record Trapped(String detail) implements CallOutcome {}

  /** The guest used up its budget; the instance is poisoned. */
  record OutOfBudget() implements CallOutcome {}
}
