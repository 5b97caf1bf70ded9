/** Which cores the threads of a node run on. */
@NullMarked
package dev.dormouse.runtimenode.cores;

import org.jspecify.annotations.NullMarked;
