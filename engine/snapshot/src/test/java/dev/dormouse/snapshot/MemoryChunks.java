package dev.dormouse.snapshot;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Chunks by their hash, in the packed form. */
final class MemoryChunks implements ChunkSink, ChunkSource {
  final Map<ChunkHash, byte[]> packed = new LinkedHashMap<>();

  @Override
  public boolean has(ChunkHash hash) {
    return packed.containsKey(hash);
  }

  @Override
  public void add(Chunk chunk) {
    packed.put(chunk.hash(), chunk.pack());
  }

  @Override
  public void read(List<ChunkHash> hashes, ChunkVisitor visitor) throws IOException {
    for (ChunkHash hash : hashes) {
      byte[] bytes = packed.get(hash);
      if (bytes == null) {
        throw new MissingChunkException(hash, "memory");
      }
      visitor.chunk(Chunk.unpack(hash, bytes, SnapshotLimits.DEFAULTS));
    }
  }
}
