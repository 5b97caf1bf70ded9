/** SATS types and values, their codecs, identities, and module definitions. */
@NullMarked
package dev.dormouse.sats;

import org.jspecify.annotations.NullMarked;
