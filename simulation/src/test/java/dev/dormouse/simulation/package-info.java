@NullMarked
package dev.dormouse.simulation;

import org.jspecify.annotations.NullMarked;
