@NullMarked
package dev.dormouse.runtimenode.databases;

import org.jspecify.annotations.NullMarked;
