/** Tests of types, values, encodings and identities. */
@NullMarked
package dev.dormouse.sats;

import org.jspecify.annotations.NullMarked;
