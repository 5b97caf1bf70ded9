package dev.dormouse.datastore;

/** What is committed, whatever a transaction is doing. */
final class CommittedView extends StoreView {
  private final Datastore store;

  CommittedView(Datastore store) {
    super(false);
    this.store = store;
  }

  @Override
  Catalog catalog() {
    return store.catalog();
  }
}
