@NullMarked
package dev.dormouse.database;

import org.jspecify.annotations.NullMarked;
