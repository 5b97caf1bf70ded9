package dev.dormouse.catalog;

import dev.dormouse.sats.Identity;
import java.util.Optional;

/**
 * What a name stands for.
 *
 * @param database absent if it was deleted: its name stays
 */
public record NamedDatabase(Identity identity, Optional<DatabaseRecord> database) {}
