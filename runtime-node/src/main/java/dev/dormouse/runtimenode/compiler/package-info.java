/** Compiling programs in a process of its own. */
@NullMarked
package dev.dormouse.runtimenode.compiler;

import org.jspecify.annotations.NullMarked;
