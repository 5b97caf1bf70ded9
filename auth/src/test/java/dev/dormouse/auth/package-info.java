@NullMarked
package dev.dormouse.auth;

import org.jspecify.annotations.NullMarked;
