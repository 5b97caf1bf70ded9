package dev.dormouse.runtimenode.logs;

/**
 * Bounds of the module logs of a node.
 *
 * @param queuedBytes bytes of lines that wait to be written, for all databases; more are dropped
 * @param fileBytes bytes of one database's lines of one UTC day; more are dropped
 * @param tailBytes bytes from the end of a file that are searched for the last lines
 * @param followers readers of one database that wait for new lines
 */
public record ModuleLogLimits(int queuedBytes, long fileBytes, int tailBytes, int followers) {
  /** 32 MiB waiting, 256 MiB a day, 16 MiB searched, 64 followers. */
  public static final ModuleLogLimits STANDARD =
      new ModuleLogLimits(32 << 20, 256L << 20, 16 << 20, 64);

  public ModuleLogLimits {
    if (queuedBytes <= 0 || fileBytes <= 0 || tailBytes <= 0 || followers <= 0) {
      throw new IllegalArgumentException("every module log limit must be at least 1");
    }
  }
}
