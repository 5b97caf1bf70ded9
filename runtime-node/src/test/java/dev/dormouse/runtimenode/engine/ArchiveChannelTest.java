package dev.dormouse.runtimenode.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.Generation;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.residence.ArchiveRange;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;
import io.smallrye.reactive.messaging.providers.DefaultEmitterConfiguration;
import io.smallrye.reactive.messaging.providers.extension.EmitterImpl;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.reactive.messaging.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The channel over the emitter that a node gets, with a consumer that takes its time. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ArchiveChannelTest {
  private static final Identity OWNER = Identity.fromClaims("test", "owner");

  private final EmitterImpl<ArchiveRange> emitter =
      new EmitterImpl<>(new DefaultEmitterConfiguration(), EngineLimits.CHANNEL_BUFFER);
  private final SlowConsumer consumer = new SlowConsumer();

  ArchiveChannelTest() {
    emitter.getPublisher().subscribe(consumer);
  }

  /** Takes one message after another, each when the one before was answered. */
  private static final class SlowConsumer
      implements Flow.Subscriber<Message<? extends ArchiveRange>> {
    private final ConcurrentLinkedQueue<Message<? extends ArchiveRange>> taken =
        new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();

    @Override
    public void onSubscribe(Flow.Subscription begun) {
      subscription.complete(begun);
      begun.request(1);
    }

    @Override
    public void onNext(Message<? extends ArchiveRange> message) {
      taken.add(message);
    }

    /** Answers what it has taken, and what comes thereby; how many. */
    List<ArchiveRange> acknowledgeAll() {
      List<ArchiveRange> archived = new ArrayList<>();
      for (var next = taken.poll(); next != null; next = taken.poll()) {
        archived.add(next.getPayload());
        next.ack().toCompletableFuture().join();
        subscription.join().request(1);
      }
      return archived;
    }

    @Override
    public void onError(Throwable failure) {
      throw new AssertionError(failure);
    }

    @Override
    public void onComplete() {}
  }

  private static ArchiveRange range(int database) {
    return new ArchiveRange(
        new DatabaseKey(
            Identity.fromClaims("test", "database " + database),
            new Generation(new UUID(1, database))),
        new Epoch(1),
        new TxOffset(5),
        ModuleHash.ofProgram(new byte[] {1}),
        OWNER);
  }

  private static EngineLimits limits(int archiving, int waiting) {
    EngineLimits standard = EngineLimits.STANDARD;
    return new EngineLimits(
        standard.watch(),
        standard.tick(),
        standard.disk(),
        standard.freeBytesMin(),
        standard.upkeep(),
        standard.trim(),
        standard.retention(),
        standard.nodeBytes(),
        standard.databasePercent(),
        standard.smallPercent(),
        standard.edgePercent(),
        archiving,
        waiting,
        standard.drain(),
        standard.workers());
  }

  @Test
  void theEmitterAloneHoldsNoMoreThanItsBuffer() {
    List<CompletableFuture<Void>> sent = new ArrayList<>();
    assertThrows(
        IllegalStateException.class,
        () -> {
          for (int i = 0; i < 2 * EngineLimits.CHANNEL_BUFFER; i++) {
            sent.add(emitter.send(range(i)).toCompletableFuture());
          }
        });
    assertTrue(sent.size() >= EngineLimits.CHANNEL_BUFFER, "it holds " + sent.size());
    assertTrue(sent.stream().noneMatch(CompletableFuture::isDone));
  }

  @Test
  void whenThousandsFallAsleepTogetherEachIsArchived() throws Exception {
    ArchiveChannel channel = new ArchiveChannel(emitter);
    int databases = 5_000;
    List<CompletableFuture<Void>> answers = new ArrayList<>();
    try (ExecutorService workers = Executors.newFixedThreadPool(8)) {
      List<Callable<CompletableFuture<Void>>> calls = new ArrayList<>();
      for (int i = 0; i < databases; i++) {
        ArchiveRange range = range(i);
        calls.add(() -> channel.archive(range).toCompletableFuture());
      }
      for (Future<CompletableFuture<Void>> told : workers.invokeAll(calls)) {
        answers.add(told.get());
      }
    }
    assertTrue(answers.stream().noneMatch(CompletableFuture::isDone), "nothing is archived yet");
    List<ArchiveRange> archived = consumer.acknowledgeAll();
    assertEquals(databases, archived.size());
    assertEquals(databases, new HashSet<>(archived).size(), "each once");
    for (CompletableFuture<Void> answer : answers) {
      answer.get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void beyondTheLimitItIsRefusedByNumberAndTheRestGoesOn() {
    ArchiveChannel channel = new ArchiveChannel(emitter, limits(2, 3));
    List<CompletableFuture<Void>> taken = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      taken.add(channel.archive(range(i)).toCompletableFuture());
    }
    CompletionException refused =
        assertThrows(
            CompletionException.class,
            () -> channel.archive(range(5)).toCompletableFuture().join());
    EngineException why = assertInstanceOf(EngineException.class, refused.getCause());
    assertEquals(EngineException.Code.RETRY, why.code());
    assertTrue(why.text().contains("3 ranges wait"), why.text());
    assertEquals(5, consumer.acknowledgeAll().size());
    taken.forEach(CompletableFuture::join);
    CompletableFuture<Void> later = channel.archive(range(6)).toCompletableFuture();
    assertEquals(1, consumer.acknowledgeAll().size());
    later.join();
  }

  @Test
  void aRefusedRangeIsToldWithItsReasonAndTheNextOneGoes() {
    ArchiveChannel channel = new ArchiveChannel(emitter, limits(1, 10));
    CompletableFuture<Void> first = channel.archive(range(1)).toCompletableFuture();
    CompletableFuture<Void> second = channel.archive(range(2)).toCompletableFuture();
    IOException full = new IOException("the archive is full");
    consumer.taken.remove().nack(full).toCompletableFuture().join();
    consumer.subscription.join().request(1);
    assertEquals(full, assertThrows(CompletionException.class, first::join).getCause());
    assertEquals(1, consumer.acknowledgeAll().size());
    second.join();
  }
}
