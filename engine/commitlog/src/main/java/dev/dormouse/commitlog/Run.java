package dev.dormouse.commitlog;

/**
 * An entry of the index: where in one file a gapless stretch of one database's records is. Records
 * of other databases and headers of groups may lie between them.
 *
 * @param start of the first record, in bytes from the start of the file
 * @param end of the last record, exclusive
 * @param ownBytes of the stretch's own records
 */
record Run(
    JournalFile file, long start, long end, long ownBytes, long epoch, long first, long last) {

  boolean isContinuedBy(Run next) {
    return file == next.file && epoch == next.epoch && last + 1 == next.first;
  }

  Run joinedWith(Run next) {
    return new Run(file, start, next.end, ownBytes + next.ownBytes, epoch, first, next.last);
  }

  LogRange range(DatabaseKey key, long from, long to) {
    return new LogRange(key, new Epoch(epoch), new TxOffset(from), new TxOffset(to), ownBytes);
  }
}
