@NullMarked
package dev.dormouse.residence;

import org.jspecify.annotations.NullMarked;
