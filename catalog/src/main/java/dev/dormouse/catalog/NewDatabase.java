package dev.dormouse.catalog;

import dev.dormouse.sats.Identity;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * A database about to be.
 *
 * @param identity fresh, or that of a deleted database whose name is published again
 * @param owner who publishes
 * @param name to register for it, with its namespace if nobody owns that yet; absent if it has none
 *     or has it already
 * @param generation fresh
 * @param module the program it begins with
 * @param idleAfter its own idle time; absent for the node's default
 */
public record NewDatabase(
    Identity identity,
    Identity owner,
    Optional<DomainName> name,
    UUID generation,
    ModuleRecord module,
    Optional<Duration> idleAfter) {}
