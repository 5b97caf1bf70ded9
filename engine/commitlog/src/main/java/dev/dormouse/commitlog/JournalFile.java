package dev.dormouse.commitlog;

import java.util.LinkedHashSet;
import java.util.Set;

/** One file of the journal, as the index knows it. Guarded by {@link JournalIndex}. */
final class JournalFile {
  final long sequence;
  final String name;
  final long firstGroup;
  final long salt;

  /** The group after the last one. */
  long endGroup;

  /** Bytes that hold whole groups, from the start of the file. */
  long bytes;

  /** Whether nothing will be appended any more. */
  boolean sealed;

  /** Whether it has an index beside it that can be believed. */
  boolean indexed;

  /** Whether it holds records that the index does not know any more, since all of them may go. */
  boolean partlyKnown;

  /** Readers at work; the file stays as long as there are any. */
  int readers;

  /** Whose records it holds, in the order of their coming. */
  final Set<KeyRuns> keys = new LinkedHashSet<>();

  JournalFile(JournalFormat.Header header) {
    this.sequence = header.sequence();
    this.name = JournalFormat.fileName(sequence);
    this.firstGroup = header.firstGroup();
    this.salt = header.salt();
    this.endGroup = firstGroup;
    this.bytes = JournalFormat.HEADER_BYTES;
  }

  JournalFormat.Header header() {
    return new JournalFormat.Header(sequence, firstGroup, salt);
  }

  JournalFormat.Trimmed asTrimmed() {
    return new JournalFormat.Trimmed(sequence, firstGroup, endGroup - 1);
  }
}
