/** The life of a database on a node: wake, sleep, ownership, archiving; and the ports it needs. */
@NullMarked
package dev.dormouse.residence;

import org.jspecify.annotations.NullMarked;
