@NullMarked
package dev.dormouse.runtimenode.engine;

import org.jspecify.annotations.NullMarked;
