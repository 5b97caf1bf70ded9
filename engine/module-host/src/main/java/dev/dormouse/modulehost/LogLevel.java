package dev.dormouse.modulehost;

/** How loud a log record is. Source: spec module-abi §6. */
public enum LogLevel {
  /** Level byte 0. */
  ERROR("Error"),
  /** Level byte 1. */
  WARN("Warn"),
  /** Level byte 2. */
  INFO("Info"),
  /** Level byte 3, and every byte without a level of its own. */
  DEBUG("Debug"),
  /** Level byte 4. */
  TRACE("Trace"),
  /** Level byte 101: the guest is about to trap. */
  PANIC("Panic");

  private static final int PANIC_BYTE = 101;

  private final String label;

  LogLevel(String label) {
    this.label = label;
  }

  /** The name in the log. */
  public String label() {
    return label;
  }

  /** The level of a guest's number, of which only the low 8 bits count. */
  static LogLevel ofGuest(int level) {
    return switch (level & 0xff) {
      case 0 -> ERROR;
      case 1 -> WARN;
      case 2 -> INFO;
      case 4 -> TRACE;
      case PANIC_BYTE -> PANIC;
      default -> DEBUG;
    };
  }
}
