package dev.dormouse.runtimenode.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for large request bodies of all callers together: a body takes its share as it arrives and
 * gives it back when the request is done. Thread safe.
 */
public final class UploadRoom {
  private final long bytesMax;
  private final AtomicLong taken = new AtomicLong();

  /** Room for so many bytes. */
  public UploadRoom(long bytesMax) {
    if (bytesMax <= 0) {
      throw new IllegalArgumentException("room of %d bytes, must be above 0".formatted(bytesMax));
    }
    this.bytesMax = bytesMax;
  }

  /** The share of one request, empty so far. */
  public Share share() {
    return new Share();
  }

  /** Bytes that are taken now. */
  public long takenBytes() {
    return taken.get();
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
      if (taken.addAndGet(bytes) > bytesMax) {
        taken.addAndGet(-bytes);
        throw new Refusal(
            Answer.text(
                    503,
                    "uploads of all callers together have reached the limit of %d bytes; try again"
                        .formatted(bytesMax))
                .with("retry-after", "1")
                .with("connection", "close"));
      }
      own += bytes;
    }

    @Override
    public void close() {
      closed = true;
      taken.addAndGet(-own);
      own = 0;
    }
  }
}
