/** What the platform knows: databases, names, modules, ownership. PostgreSQL holds it. */
@NullMarked
package dev.dormouse.catalog;

import org.jspecify.annotations.NullMarked;
