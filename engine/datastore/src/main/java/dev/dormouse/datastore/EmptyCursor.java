package dev.dormouse.datastore;

/** No rows. */
enum EmptyCursor implements RowCursor {
  EMPTY;

  @Override
  public boolean next() {
    return false;
  }

  @Override
  public byte[] buffer() {
    throw new IllegalStateException("no row");
  }

  @Override
  public int offset() {
    throw new IllegalStateException("no row");
  }

  @Override
  public int length() {
    throw new IllegalStateException("no row");
  }

  @Override
  public int rowPointer() {
    throw new IllegalStateException("no row");
  }
}
