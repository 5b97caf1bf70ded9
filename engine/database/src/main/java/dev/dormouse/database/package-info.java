/** One awake database: its lane, calls in transactions, log, gate and subscriptions. */
@NullMarked
package dev.dormouse.database;

import org.jspecify.annotations.NullMarked;
