/** Where cold things live: snapshots in PostgreSQL, segments and artefacts in a directory. */
@NullMarked
package dev.dormouse.snapshotstore;

import org.jspecify.annotations.NullMarked;
