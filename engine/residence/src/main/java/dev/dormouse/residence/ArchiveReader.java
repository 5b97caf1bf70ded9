package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.EpochMerge;
import dev.dormouse.commitlog.EpochSpan;
import dev.dormouse.commitlog.LogLimits;
import dev.dormouse.commitlog.RecordVisitor;
import dev.dormouse.commitlog.SegmentName;
import dev.dormouse.commitlog.SegmentObject;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.EngineException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Reads a database's log out of its segment objects: every byte checked, records merged over epochs
 * and without gaps. Of objects it only looks for it reads the header. Thread safe; blocks. Holds
 * one object in memory at a time.
 */
public final class ArchiveReader {
  private final SegmentStore segments;
  private final LogLimits limits;

  /** A reader of segments that were written within these limits. */
  public ArchiveReader(SegmentStore segments, LogLimits limits) {
    this.segments = segments;
    this.limits = limits;
  }

  /** The last archived offset of a database; empty if nothing of it is archived. */
  public Optional<TxOffset> last(DatabaseKey key) throws IOException {
    long validBelow = Long.MAX_VALUE;
    for (SegmentName name : namesNewestFirst(key)) {
      SegmentObject.Summary summary = summary(name);
      long first = summary.first().value();
      if (summary.marker()) {
        validBelow = Math.min(validBelow, first);
      } else if (first < validBelow) {
        return Optional.of(new TxOffset(Math.min(summary.last().value(), validBelow - 1)));
      }
    }
    return Optional.empty();
  }

  /**
   * Hands out a database's records, all from one offset to another.
   *
   * @param from the first offset
   * @param to the last offset
   * @param visitor gets views that hold only during the call
   * @throws IncompleteArchiveException naming the first range that is missing; what lies before it
   *     was handed out
   * @throws EngineException if a segment is damaged
   */
  public void read(DatabaseKey key, TxOffset from, TxOffset to, RecordVisitor visitor)
      throws IOException {
    if (to.compareTo(from) < 0) {
      throw new IllegalArgumentException("tx offsets %s to %s".formatted(from, to));
    }
    EpochMerge epochs = new EpochMerge();
    EpochMerge.Plan<SegmentName> plan = epochs.plan(from, spans(key, from, epochs));
    TxOffset next = from;
    for (EpochSpan<SegmentName> piece : plan.pieces()) {
      if (piece.first().compareTo(to) > 0) {
        return;
      }
      TxOffset last = piece.last().compareTo(to) < 0 ? piece.last() : to;
      read(piece.source(), piece.first(), last, visitor);
      next = last.next();
    }
    if (next.compareTo(to) <= 0) {
      TxOffset last =
          plan.missing().map(EpochMerge.Missing::last).filter(m -> m.compareTo(to) < 0).orElse(to);
      throw new IncompleteArchiveException(key, next, last);
    }
  }

  /**
   * The segments that hold nothing from an offset on, oldest first; never the newest one, which
   * tells the sequence of the next. Reads the header of each and of one more.
   */
  public List<SegmentName> before(DatabaseKey key, TxOffset offset) throws IOException {
    List<SegmentName> names = namesNewestFirst(key).reversed();
    List<SegmentName> before = new ArrayList<>();
    for (SegmentName name : names.subList(0, Math.max(0, names.size() - 1))) {
      SegmentObject.Summary summary = summary(name);
      TxOffset beyond = summary.marker() ? summary.first() : summary.last().next();
      if (beyond.compareTo(offset) > 0) {
        return before; // Whatever is behind it stays too, so that no gap comes into being.
      }
      before.add(name);
    }
    return before;
  }

  /** What segments hold, from the one that holds an offset on; markers are told to the merge. */
  private List<EpochSpan<SegmentName>> spans(DatabaseKey key, TxOffset from, EpochMerge epochs)
      throws IOException {
    List<EpochSpan<SegmentName>> spans = new ArrayList<>();
    for (SegmentName name : namesNewestFirst(key)) {
      SegmentObject.Summary summary = summary(name);
      if (summary.marker()) {
        epochs.begin(summary.header().epoch(), summary.first());
        continue;
      }
      spans.add(new EpochSpan<>(name, summary.header().epoch(), summary.first(), summary.last()));
      if (summary.first().compareTo(from) <= 0) {
        break; // Epochs only rise with sequences: nothing older counts from here on.
      }
    }
    return spans;
  }

  private List<SegmentName> namesNewestFirst(DatabaseKey key) throws IOException {
    List<SegmentName> names = new ArrayList<>();
    for (String name : segments.list(SegmentName.folder(key))) {
      SegmentName.parse(name).ifPresent(names::add);
    }
    Collections.reverse(names);
    return names;
  }

  private void read(SegmentName name, TxOffset first, TxOffset last, RecordVisitor visitor)
      throws IOException {
    SegmentObject object;
    try {
      object = SegmentObject.decode(present(name, segments.read(name.path())), limits);
    } catch (DecodeException e) {
      throw damaged(name, e);
    }
    switch (object) {
      case SegmentObject.Records(var header, var batch) ->
          batch.forEach(
              record -> {
                TxOffset offset = record.offset();
                if (offset.compareTo(first) >= 0 && offset.compareTo(last) <= 0) {
                  visitor.record(record);
                }
              });
      case SegmentObject.EpochMarker marker ->
          throw new IllegalStateException(name + " has become a marker while it was read");
    }
  }

  private SegmentObject.Summary summary(SegmentName name) throws IOException {
    SegmentObject.Summary summary;
    try {
      summary = SegmentObject.decodeHeader(present(name, head(name)));
    } catch (DecodeException e) {
      throw damaged(name, e);
    }
    if (!summary.header().name().equals(name.path())) {
      throw EngineException.operator(
          "segment " + name + " holds the object of " + summary.header().name());
    }
    return summary;
  }

  private Optional<byte[]> head(SegmentName name) throws IOException {
    return segments.readFirst(name.path(), SegmentObject.HEADER_BYTES);
  }

  private static byte[] present(SegmentName name, Optional<byte[]> bytes) throws IOException {
    return bytes.orElseThrow(() -> new IOException("segment " + name + " went while it was read"));
  }

  private static EngineException damaged(SegmentName name, DecodeException e) {
    return new EngineException(
        EngineException.Code.OPERATOR, "segment " + name + " is damaged: " + e.text(), e);
  }
}
