/** Values as SATS-JSON: written from BSATN, and read into BSATN. */
@NullMarked
package dev.dormouse.sats.json;

import org.jspecify.annotations.NullMarked;
