@NullMarked
package dev.dormouse.runtimenode.ws;

import org.jspecify.annotations.NullMarked;
