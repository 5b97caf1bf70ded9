/** Tests of module definitions. */
@NullMarked
package dev.dormouse.sats.module;

import org.jspecify.annotations.NullMarked;
