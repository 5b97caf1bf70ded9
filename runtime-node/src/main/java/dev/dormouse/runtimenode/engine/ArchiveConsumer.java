package dev.dormouse.runtimenode.engine;

import dev.dormouse.residence.ArchiveRange;
import jakarta.inject.Provider;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.reactive.messaging.Acknowledgment;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.eclipse.microprofile.reactive.messaging.Message;

/**
 * Archives the ranges that come on the {@link ArchiveChannel}: as many at a time as are on the
 * channel and the archiver has threads for, those of one database one after another.
 */
@Singleton
public final class ArchiveConsumer {
  private final Provider<NodeEngine> engine;

  ArchiveConsumer(Provider<NodeEngine> engine) {
    this.engine = engine;
  }

  /** Takes a range on; its message is acknowledged when it is archived, and refused if not. */
  @Incoming(ArchiveChannel.NAME)
  @Acknowledgment(Acknowledgment.Strategy.MANUAL)
  public CompletionStage<Void> archive(Message<ArchiveRange> message) {
    var unused =
        engine
            .get()
            .archiver()
            .archive(message.getPayload())
            .handle((nothing, failure) -> failure)
            .thenCompose(
                failure ->
                    failure == null
                        ? message.ack()
                        : message.nack(
                            failure instanceof CompletionException e && e.getCause() != null
                                ? e.getCause()
                                : failure));
    return CompletableFuture.completedStage(null); // The next one may come.
  }
}
