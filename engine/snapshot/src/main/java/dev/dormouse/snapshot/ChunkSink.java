package dev.dormouse.snapshot;

import java.io.IOException;

/** Receives the chunks of a snapshot. */
public interface ChunkSink {
  /** Whether a chunk is there already, so that it need not be added. */
  boolean has(ChunkHash hash);

  /** Takes a chunk that is not there yet. */
  void add(Chunk chunk) throws IOException;
}
