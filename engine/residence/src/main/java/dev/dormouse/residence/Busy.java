package dev.dormouse.residence;

import dev.dormouse.database.Database;
import dev.dormouse.sats.EngineException;

/** What is said to those who come when there is no room for more; they may try again. */
final class Busy {
  private Busy() {}

  static EngineException queue(Database present) {
    return present.context().limits().full();
  }

  static EngineException waitingRoom(int waiting) {
    return EngineException.retry(
        "%d requests wait for the database to wake, which is the limit".formatted(waiting));
  }

  static EngineException waitingBytes(long waiting, long more, long bytesMax) {
    return EngineException.retry(
        "requests of %d bytes wait for the database to wake, %d more are over the limit of %d"
            .formatted(waiting, more, bytesMax));
  }

  static EngineException wakes(ResidenceLimits limits) {
    return EngineException.retry(
        "too many databases wait to wake, limit " + limits.wakes().waiting());
  }

  static EngineException tooLate(ResidenceLimits limits) {
    return EngineException.retry(
        "the database did not wake within " + limits.parking().atMost().toSeconds() + " s");
  }
}
