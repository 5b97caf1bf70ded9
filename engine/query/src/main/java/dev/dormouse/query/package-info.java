/** SQL text → typed query → plan → rows, for the ad-hoc and the subscription language. */
@NullMarked
package dev.dormouse.query;

import org.jspecify.annotations.NullMarked;
