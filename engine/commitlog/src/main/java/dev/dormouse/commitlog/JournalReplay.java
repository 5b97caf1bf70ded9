package dev.dormouse.commitlog;

import java.io.IOException;
import java.util.zip.CRC32C;

/** Reads one database's records out of the ranges that the index names. */
final class JournalReplay {
  private final LogStorage storage;
  private final JournalIndex index;
  private final DatabaseKey key;
  private final CRC32C crc = new CRC32C();
  private final CommitRecord record = new CommitRecord();

  JournalReplay(LogStorage storage, JournalIndex index, DatabaseKey key) {
    this.storage = storage;
    this.index = index;
    this.key = key;
  }

  /** Receives records until it wants no more. */
  @FunctionalInterface
  interface Sink {
    /** Takes a record; returns whether it was wanted, and more are. */
    boolean take(CommitRecord record);
  }

  void run(TxOffset from, TxOffset to, Sink sink) throws IOException {
    try (JournalIndex.Reading reading = index.read(key, from)) {
      for (EpochSpan<Run> piece : reading.plan.pieces()) {
        if (piece.first().compareTo(to) > 0 || !read(piece, to, sink)) {
          return;
        }
      }
      if (reading.plan.missing().isPresent()) {
        EpochMerge.Missing missing = reading.plan.missing().get();
        if (missing.first().compareTo(to) <= 0) {
          throw new MissingRecordsException(key, missing.first(), missing.last());
        }
      }
    }
  }

  private boolean read(EpochSpan<Run> piece, TxOffset to, Sink sink) throws IOException {
    Run run = piece.source();
    String name = run.file().name;
    JournalReader reader = new JournalReader(storage, name, run.end());
    long next = run.first();
    long last = Math.min(piece.last().value(), to.value());
    for (long at = run.start(); next <= last; ) {
      int size = locate(reader, name, run, at);
      if (size > 0 && record.isOf(key)) {
        if (record.offsetValue() != next || record.epochValue() != run.epoch()) {
          throw new CorruptLogException(
              name, at, "%s instead of tx offset %d".formatted(record, next));
        }
        if (next >= piece.first().value() && !sink.take(record)) {
          return false;
        }
        next++;
      }
      at += size > 0 ? size : JournalFormat.GROUP_BYTES;
    }
    return next <= to.value();
  }

  /** Points the view at the record here and returns its size; 0 if a group's header is here. */
  private int locate(JournalReader reader, String name, Run run, long at) throws IOException {
    long remaining = reader.remaining(at);
    if (remaining >= JournalFormat.GROUP_BYTES) {
      int offset = reader.locate(at, JournalFormat.GROUP_BYTES);
      if (JournalFormat.groupAt(reader.bytes(), offset, run.file().salt).isPresent()) {
        return 0;
      }
      long size = RecordFormat.sizeAt(reader.bytes(), offset);
      if (size >= RecordFormat.BYTES_MIN && size <= remaining && size <= RecordFormat.BYTES_MAX) {
        offset = reader.locate(at, (int) size);
        if (RecordFormat.isIntact(crc, reader.bytes(), offset, (int) size)) {
          record.at(reader.bytes(), offset, (int) size);
          return (int) size;
        }
      }
    }
    throw new CorruptLogException(name, at, "neither a whole record nor a group's header");
  }
}
