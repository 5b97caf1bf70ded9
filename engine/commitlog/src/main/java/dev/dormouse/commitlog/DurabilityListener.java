package dev.dormouse.commitlog;

/**
 * Hears what became of one database's records. Called by the thread that drives the writer, one
 * call at a time; must neither block nor throw.
 */
public interface DurabilityListener {
  /**
   * Records have become durable; called once per group that held any of the database.
   *
   * @param last the highest offset; all below it are durable too
   */
  void durable(TxOffset last);

  /**
   * The journal has failed: nothing that is not durable by now will ever be acknowledged, though
   * some of it may be found at the next open.
   */
  void failed(Throwable cause);
}
