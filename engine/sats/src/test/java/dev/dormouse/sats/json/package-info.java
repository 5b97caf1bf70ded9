/** Tests of SATS-JSON. */
@NullMarked
package dev.dormouse.sats.json;

import org.jspecify.annotations.NullMarked;
