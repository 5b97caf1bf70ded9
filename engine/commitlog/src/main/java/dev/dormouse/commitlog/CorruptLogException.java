package dev.dormouse.commitlog;

import java.io.IOException;

/** A log file holds what was never written there; whoever runs the node must act. */
public final class CorruptLogException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long position;

  CorruptLogException(String file, long position, String what) {
    super("%s at byte %d: %s".formatted(file, position, what));
    this.file = file;
    this.position = position;
  }

  /** Name of the file in its storage. */
  public String file() {
    return file;
  }

  /** Where the first bad bytes begin, from the start of the file. */
  public long position() {
    return position;
  }
}
