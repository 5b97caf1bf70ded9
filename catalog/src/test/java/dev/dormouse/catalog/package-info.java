@NullMarked
package dev.dormouse.catalog;

import org.jspecify.annotations.NullMarked;
