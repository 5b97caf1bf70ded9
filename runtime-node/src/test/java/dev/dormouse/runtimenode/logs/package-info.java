@NullMarked
package dev.dormouse.runtimenode.logs;

import org.jspecify.annotations.NullMarked;
