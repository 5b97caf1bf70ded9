package dev.dormouse.modulehost;

/**
 * Who decides that a guest makes room for others: a call that is due to pause is held at its next
 * call, loop or import, and goes on where it was. It does not notice.
 */
public interface Pauses {
  /** Nobody ever pauses. */
  Pauses NONE =
      new Pauses() {
        @Override
        public boolean isDue(Thread runner) {
          return false;
        }

        @Override
        public void pause() {}
      };

  /**
   * Whether the guest that a thread runs is to pause. Asked at every tick of the {@link CallWatch},
   * by its thread.
   */
  boolean isDue(Thread runner);

  /**
   * Holds the calling thread, which runs a guest and no host call, for as long as its guest has to
   * wait. Must not throw. Time that passes here is nobody's CPU time.
   */
  void pause();
}
