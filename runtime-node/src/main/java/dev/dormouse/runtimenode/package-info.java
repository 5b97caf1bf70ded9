/** The data plane: every route of {@code /v1}, and the wiring of databases to their ports. */
@NullMarked
package dev.dormouse.runtimenode;

import org.jspecify.annotations.NullMarked;
