/**
 * The cases of the table in {@code benchmarks/README.md}: each starts the platform as a user does,
 * on a folder of its own, measures, prints and stops it.
 */
@NullMarked
package dev.dormouse.benchmarks.cases;

import org.jspecify.annotations.NullMarked;
