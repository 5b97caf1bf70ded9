/** The platform threads that all lanes of a node share. */
@NullMarked
package dev.dormouse.runtimenode.lanes;

import org.jspecify.annotations.NullMarked;
