package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.TxOffset;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The laws of {@link ArchivePositions}, which every implementation must hold. */
public abstract class ArchivePositionsContract {
  private static final DatabaseKey A = Samples.key(1);
  private static final DatabaseKey B = Samples.key(2);

  /** The positions under test, empty at first. */
  protected abstract ArchivePositions positions();

  private static ArchivePosition position(long next, long nextSequence) {
    return new ArchivePosition(new TxOffset(next), 7 * next, nextSequence);
  }

  @Test
  void positionsOnlyRise() throws IOException {
    assertEquals(Optional.empty(), positions().of(A));
    positions().record(A, position(10, 1));
    positions().record(A, position(10, 1));
    assertEquals(Optional.of(position(10, 1)), positions().of(A));
    positions().record(A, position(30, 3));
    positions().record(A, position(20, 2));
    assertEquals(Optional.of(position(30, 3)), positions().of(A));
    positions().record(A, position(30, 4));
    assertEquals(Optional.of(position(30, 4)), positions().of(A), "behind an epoch marker");
    assertEquals(Optional.empty(), positions().of(B));
  }

  @Test
  void aForgottenPositionIsGone() throws IOException {
    positions().record(A, position(5, 1));
    positions().record(B, position(6, 1));
    positions().forget(A);
    positions().forget(A);
    assertEquals(Optional.empty(), positions().of(A));
    assertEquals(Optional.of(position(6, 1)), positions().of(B));
  }
}
