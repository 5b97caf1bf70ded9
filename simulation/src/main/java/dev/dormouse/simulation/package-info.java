/** A seeded world around the real residence and database: virtual time, faults, crashes, checks. */
@NullMarked
package dev.dormouse.simulation;

import org.jspecify.annotations.NullMarked;
