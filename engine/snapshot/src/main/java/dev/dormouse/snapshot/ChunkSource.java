package dev.dormouse.snapshot;

import java.io.IOException;
import java.util.List;

/** Hands out chunks that were stored. */
@FunctionalInterface
public interface ChunkSource {
  /**
   * Hands out chunks in the order asked for, by the calling thread.
   *
   * @throws MissingChunkException naming a chunk that is not there
   * @throws dev.dormouse.sats.DecodeException if a chunk is damaged
   */
  void read(List<ChunkHash> hashes, ChunkVisitor visitor) throws IOException;

  /** Receives chunks one after another. */
  @FunctionalInterface
  interface ChunkVisitor {
    /** The next chunk. */
    void chunk(Chunk chunk);
  }
}
