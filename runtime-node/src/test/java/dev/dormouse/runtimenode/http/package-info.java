@NullMarked
package dev.dormouse.runtimenode.http;

import org.jspecify.annotations.NullMarked;
