package dev.dormouse.modulehost;

/** How instances of a compiled module come to what they hold before their first call. */
sealed interface InstanceStart {
  /** Heap that it takes, roughly, in bytes. */
  default long footprintBytes() {
    return switch (this) {
      case ByInitialisers _ -> 0;
      case FromImage(InstanceImage image) -> image.footprintBytes();
    };
  }

  /**
   * By the module's initialisers.
   *
   * @param untilImage whether an image may take their place; not if instances can hold what none
   *     has
   */
  record ByInitialisers(boolean untilImage) implements InstanceStart {}

  /** As copies of an image; no code of the module runs. */
  record FromImage(InstanceImage image) implements InstanceStart {}
}
