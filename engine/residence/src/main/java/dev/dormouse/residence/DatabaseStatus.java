package dev.dormouse.residence;

import java.util.Optional;

/**
 * What is to be known of a database without waking it.
 *
 * @param sizeBytes bytes of live rows; asleep: when it fell asleep
 * @param lastWake empty before the first
 * @param failure why it is FAILED, if it is
 */
public record DatabaseStatus(
    DatabaseState state, long sizeBytes, Optional<LastWake> lastWake, Optional<String> failure) {}
