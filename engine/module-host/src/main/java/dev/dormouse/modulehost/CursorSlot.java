package dev.dormouse.modulehost;

import org.jspecify.annotations.Nullable;

/** Where a scan leaves its cursor, so that a scan answers an errno and allocates no pair. */
public final class CursorSlot {
  private @Nullable HostCursor cursor;

  /** Leaves a cursor; the module host owns it from here on and will close it. */
  public void set(HostCursor opened) {
    cursor = opened;
  }

  /** Takes the cursor away. */
  HostCursor take() {
    HostCursor taken = cursor;
    cursor = null;
    if (taken == null) {
      throw new IllegalStateException("a scan answered 0 and left no cursor");
    }
    return taken;
  }
}
