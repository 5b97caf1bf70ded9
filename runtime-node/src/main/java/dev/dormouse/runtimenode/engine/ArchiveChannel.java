package dev.dormouse.runtimenode.engine;

import dev.dormouse.residence.Archive;
import dev.dormouse.residence.ArchiveRange;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Channel;
import org.eclipse.microprofile.reactive.messaging.Emitter;

/**
 * The channel on which a node tells what is to be archived: in one process in memory, between
 * processes over a broker. A message is a range; its acknowledgement means that the range is
 * archived and that this is recorded. Source: design §6.
 */
@Singleton
public final class ArchiveChannel implements Archive {
  /** Its name in the configuration. */
  public static final String NAME = "archive-ranges";

  private final Emitter<ArchiveRange> ranges;

  ArchiveChannel(@Channel(NAME) Emitter<ArchiveRange> ranges) {
    this.ranges = ranges;
  }

  @Override
  public CompletionStage<Void> archive(ArchiveRange range) {
    return ranges.send(range);
  }
}
