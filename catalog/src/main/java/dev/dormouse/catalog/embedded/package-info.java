/** A PostgreSQL of our own in the data folder, for a node that was given none. */
@NullMarked
package dev.dormouse.catalog.embedded;

import org.jspecify.annotations.NullMarked;
