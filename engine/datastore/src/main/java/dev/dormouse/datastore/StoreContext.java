package dev.dormouse.datastore;

/** What all parts of one datastore share. Used by the lane only. */
final class StoreContext {
  final DatastoreLimits limits;
  final KeyedHash hash;
  final CaptureClock clock;
  final Overlay overlay;

  /** For a key that is made and used at once; never kept over a call. */
  final KeyBuffer key = new KeyBuffer();

  /** For the key of a row that is compared with another. */
  final KeyBuffer other = new KeyBuffer();

  final KeyBuffer low = new KeyBuffer();
  final KeyBuffer high = new KeyBuffer();

  StoreContext(DatastoreOptions options, CaptureClock.Copies copies) {
    clock = new CaptureClock(copies);
    limits = options.limits();
    hash = new KeyedHash(options.hashSecret());
    overlay = new Overlay(limits, options.memory().open());
  }
}
