/** The engine of a node with its threads, wired to the ports it needs. */
@NullMarked
package dev.dormouse.runtimenode.engine;

import org.jspecify.annotations.NullMarked;
