/** Who somebody is and what they may do: keys, tokens, identities, permissions. */
@NullMarked
package dev.dormouse.auth;

import org.jspecify.annotations.NullMarked;
