package dev.dormouse.runtimenode.http;

import dev.dormouse.sats.MemoryShare;

/**
 * Memory for large request bodies of all callers together: a body takes its share as it arrives and
 * gives it back when the request is done. Thread safe.
 */
public final class UploadRoom {
  private final long bytesMax;
  private final MemoryShare memory;

  /** Room for so many bytes, on a node whose memory is bounded elsewhere. */
  public UploadRoom(long bytesMax) {
    this(bytesMax, MemoryShare.unlimited());
  }

  /** Room for so many bytes, as far as the node has memory. */
  public UploadRoom(long bytesMax, MemoryShare memory) {
    if (bytesMax <= 0) {
      throw new IllegalArgumentException("room of %d bytes, must be above 0".formatted(bytesMax));
    }
    this.bytesMax = bytesMax;
    this.memory = memory;
  }

  /** The share of one request, empty so far. */
  public Share share() {
    return new Share();
  }

  /** Bytes that are taken now. */
  public long takenBytes() {
    return memory.bytes();
  }

  /** What one request has taken. Used on the request's event loop, and closed once. */
  public final class Share implements AutoCloseable {
    private long own;
    private boolean closed;

    private Share() {}

    /** Takes room, or refuses with 503. */
    void take(int bytes) {
      if (closed) {
        return; // The request is answered already; what still arrives is thrown away.
      }
      long heap = (long) OpenRequests.BODY_COPIES * bytes;
      if (memory.bytes() + heap > bytesMax || !memory.tryAdd(heap)) {
        throw new Refusal(
            Answer.text(
                    503,
                    "uploads of all callers together hold as much as they may, at most %d bytes; try again"
                        .formatted(bytesMax))
                .with("retry-after", "1")
                .with("connection", "close"));
      }
      own += heap;
    }

    @Override
    public void close() {
      closed = true;
      memory.add(-own);
      own = 0;
    }
  }
}
