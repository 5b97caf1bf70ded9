/** The routes below {@code /v1/database}: publish, call, query and what is known of a database. */
@NullMarked
package dev.dormouse.runtimenode.databases;

import org.jspecify.annotations.NullMarked;
