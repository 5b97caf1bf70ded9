package dev.dormouse.protocol;

/** Tags of the sums Option and Result. Source: spec client-protocol §1. */
final class SumTags {
  static final int SOME = 0;
  static final int NONE = 1;
  static final int OK = 0;
  static final int ERR = 1;

  private SumTags() {}
}
