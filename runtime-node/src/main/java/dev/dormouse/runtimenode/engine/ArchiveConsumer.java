package dev.dormouse.runtimenode.engine;

import dev.dormouse.residence.ArchiveRange;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Archives the ranges that come on the {@link ArchiveChannel}. */
@Singleton
public final class ArchiveConsumer {
  private final Provider<NodeEngine> engine;

  ArchiveConsumer(Provider<NodeEngine> engine) {
    this.engine = engine;
  }

  /** Done when the range is archived; only then is the message acknowledged. */
  @Incoming(ArchiveChannel.NAME)
  public CompletionStage<Void> archive(ArchiveRange range) {
    return engine.get().archiver().archive(range);
  }
}
