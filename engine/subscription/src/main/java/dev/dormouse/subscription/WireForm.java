package dev.dormouse.subscription;

import dev.dormouse.datastore.TableSchema;
import dev.dormouse.query.Rows;

/**
 * One way to write rows to clients, given by the edge; subscribers that speak the same protocol
 * share one instance.
 *
 * <p>Laws: the result depends on the arguments alone, keeps none of their bytes, and may go to any
 * number of subscribers. Called on the lane. Equal forms write the same bytes.
 *
 * @param <R> the encoded rows of one query
 * @param <U> the encoded change of one query
 */
public interface WireForm<R, U> {
  /**
   * Encodes the complete rows of one query, none included.
   *
   * @throws dev.dormouse.sats.EngineException if they cannot be sent
   */
  R rows(TableSchema table, Rows rows);

  /**
   * Encodes what one transaction changed in one query. An event table ({@link
   * TableSchema#isEvent()}) has no deleted rows.
   *
   * @throws dev.dormouse.sats.EngineException if it cannot be sent; drops the query sets that hold
   *     the query
   */
  U update(TableSchema table, Rows inserted, Rows deleted);
}
