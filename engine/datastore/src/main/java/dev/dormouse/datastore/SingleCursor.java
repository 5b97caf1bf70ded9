package dev.dormouse.datastore;

/** One row. */
final class SingleCursor implements RowCursor {
  private final byte[] buffer;
  private final int offset;
  private final int length;
  private final int rowPointer;
  private boolean taken;

  SingleCursor(byte[] buffer, int offset, int length, int rowPointer) {
    this.buffer = buffer;
    this.offset = offset;
    this.length = length;
    this.rowPointer = rowPointer;
  }

  @Override
  public boolean next() {
    boolean first = !taken;
    taken = true;
    return first;
  }

  @Override
  public byte[] buffer() {
    return buffer;
  }

  @Override
  public int offset() {
    return offset;
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public int rowPointer() {
    return rowPointer;
  }
}
