/** Where modules' log lines are kept and read: NDJSON files, one per database and UTC day. */
@NullMarked
package dev.dormouse.runtimenode.logs;

import org.jspecify.annotations.NullMarked;
