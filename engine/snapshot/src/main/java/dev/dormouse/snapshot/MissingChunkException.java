package dev.dormouse.snapshot;

import java.io.IOException;

/** A chunk that a manifest names is not where it should be. */
public final class MissingChunkException extends IOException {
  private static final long serialVersionUID = 1L;

  /** The chunk of this hash is missing in a place. */
  public MissingChunkException(ChunkHash hash, String where) {
    super("chunk " + hash + " is missing in " + where);
  }
}
