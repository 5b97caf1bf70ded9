@NullMarked
package dev.dormouse.catalog.embedded;

import org.jspecify.annotations.NullMarked;
