/** Query sets of clients, and what a committed transaction changed in them. */
@NullMarked
package dev.dormouse.subscription;

import org.jspecify.annotations.NullMarked;
