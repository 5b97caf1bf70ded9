package dev.dormouse.database;

/** How a call of a reducer ended. Source: spec host-semantics §2. */
public sealed interface CallResult {
  /** It returned 0 and its transaction is committed. */
  record Committed() implements CallResult {}

  /** It returned an error of its own; rolled back. */
  record Failed(String error) implements CallResult {}

  /** It trapped, or the engine refused its transaction; rolled back. */
  record FailedInternally(String error) implements CallResult {}

  /** It used up its CPU budget; rolled back. */
  record OutOfBudget() implements CallResult {}

  /** It was never entered, and why. */
  sealed interface NotRun extends CallResult {
    /** For the caller. */
    String error();
  }

  /** Not run: the arguments are no values of the parameters' types. */
  record InvalidArguments(String error) implements NotRun {}

  /** Not run: there is no such function for this caller. */
  record NoSuchFunction(String error) implements NotRun {}

  /** Not run: lifecycle reducers are not called by clients. */
  record LifecycleReducer(String error) implements NotRun {}

  /** Not run: a kind of function that this node does not run yet. */
  record NotBuiltYet(String error) implements NotRun {}

  /**
   * Not run: the module refused the connection that the call came on.
   *
   * @param outOfBudget whether it refused by using up its budget
   */
  record ConnectionRefused(String error, boolean outOfBudget) implements CallResult {}

  /** The text of a trap or panic, which never reaches a client. */
  String FATAL = "The instance encountered a fatal error.";

  /** The text of a used-up budget. */
  String BUDGET_EXHAUSTED = "Module energy budget exhausted.";
}
