/** The durable log of a node: commit records, the journal, its index, and segment objects. */
@NullMarked
package dev.dormouse.commitlog;

import org.jspecify.annotations.NullMarked;
