package dev.dormouse.residence;

import dev.dormouse.commitlog.DatabaseKey;
import dev.dormouse.commitlog.Epoch;
import dev.dormouse.commitlog.TxOffset;
import dev.dormouse.sats.Identity;
import dev.dormouse.sats.ModuleHash;

/**
 * The wish that a database's durable records be archived up to an offset. What lies before and is
 * not archived yet is archived with them.
 *
 * @param epoch under which this node owns the database
 * @param last the last offset wanted
 * @param module the program that runs
 * @param owner to whom the database belongs
 */
public record ArchiveRange(
    DatabaseKey key, Epoch epoch, TxOffset last, ModuleHash module, Identity owner) {}
