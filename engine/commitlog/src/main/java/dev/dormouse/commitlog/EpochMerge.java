package dev.dormouse.commitlog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Makes one history of one database out of what several owners wrote: a record of an epoch counts
 * only below the first offset of the next epoch that is known.
 *
 * <p>What an owner wrote and could not have acknowledged any more thus falls to its successor's
 * records at the same offsets. Not safe for use by several threads.
 */
public final class EpochMerge {
  private final TreeMap<Epoch, TxOffset> firsts = new TreeMap<>();

  /**
   * Tells where an epoch begins, from a marker or from a record; of several answers the lowest
   * counts.
   */
  public EpochMerge begin(Epoch epoch, TxOffset first) {
    firsts.merge(epoch, first, (one, other) -> one.compareTo(other) <= 0 ? one : other);
    return this;
  }

  /** Whether a record of this epoch counts at this offset. */
  public boolean isValid(Epoch epoch, TxOffset offset) {
    return offset.value() < validBelow(epoch);
  }

  /**
   * The offset below which records of an epoch count; the largest long if no later one is known.
   */
  public long validBelow(Epoch epoch) {
    long below = Long.MAX_VALUE;
    for (TxOffset first : firsts.tailMap(epoch, false).values()) {
      below = Math.min(below, first.value());
    }
    return below;
  }

  /**
   * The pieces to read one after another, cut so that each offset stands in exactly one.
   *
   * @param pieces contiguous from the offset asked for; empty if nothing at or above it is known
   * @param missing the first stretch that is in no source though later records are
   * @param <S> what names a place
   */
  public record Plan<S>(List<EpochSpan<S>> pieces, Optional<Missing> missing) {
    public Plan {
      pieces = List.copyOf(pieces);
    }
  }

  /**
   * Offsets that are in no source.
   *
   * @param first the first of them
   * @param last the last of them
   */
  public record Missing(TxOffset first, TxOffset last) {}

  /**
   * Plans the reading of everything at and above an offset. The spans themselves tell where epochs
   * begin, besides what {@link #begin} told.
   *
   * @param spans in any order; among equally good ones the earlier in the list is taken
   */
  public <S> Plan<S> plan(TxOffset from, List<EpochSpan<S>> spans) {
    spans.forEach(span -> begin(span.epoch(), span.first()));
    Map<Epoch, Long> below = new TreeMap<>();
    List<EpochSpan<S>> valid = new ArrayList<>();
    for (EpochSpan<S> span : spans) {
      long limit = below.computeIfAbsent(span.epoch(), this::validBelow);
      long end = Math.min(span.end(), limit);
      if (end > from.value() && end > span.first().value()) {
        valid.add(
            new EpochSpan<>(span.source(), span.epoch(), span.first(), new TxOffset(end - 1)));
      }
    }
    valid.sort(Comparator.comparing(EpochSpan::first));
    List<EpochSpan<S>> pieces = new ArrayList<>();
    long next = from.value();
    int candidate = 0;
    while (true) {
      Optional<EpochSpan<S>> best = Optional.empty();
      for (;
          candidate < valid.size() && valid.get(candidate).first().value() <= next;
          candidate++) {
        EpochSpan<S> span = valid.get(candidate);
        if (span.end() > best.map(EpochSpan::end).orElse(next)) {
          best = Optional.of(span);
        }
      }
      if (best.isPresent()) {
        EpochSpan<S> span = best.get();
        pieces.add(new EpochSpan<>(span.source(), span.epoch(), new TxOffset(next), span.last()));
        next = span.end();
      } else if (candidate < valid.size()) {
        TxOffset last = new TxOffset(valid.get(candidate).first().value() - 1);
        return new Plan<>(pieces, Optional.of(new Missing(new TxOffset(next), last)));
      } else {
        return new Plan<>(pieces, Optional.empty());
      }
    }
  }
}
