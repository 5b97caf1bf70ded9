@NullMarked
package dev.dormouse.server;

import org.jspecify.annotations.NullMarked;
