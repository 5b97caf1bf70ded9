/** The real process as a user meets it. */
@NullMarked
package dev.dormouse.e2e;

import org.jspecify.annotations.NullMarked;
