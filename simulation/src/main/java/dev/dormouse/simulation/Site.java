package dev.dormouse.simulation;

/** A name that apps and callers know: which database it stands for may change. */
final class Site {
  private final Example example;
  private Ledger ledger;

  Site(Example example, Ledger ledger) {
    this.example = example;
    this.ledger = ledger;
  }

  Example example() {
    return example;
  }

  Ledger ledger() {
    return ledger;
  }

  void standsFor(Ledger next) {
    ledger = next;
  }
}
