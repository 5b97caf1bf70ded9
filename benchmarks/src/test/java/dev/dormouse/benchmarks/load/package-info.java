/** Tests of the load generator, on the vectors of the spec. */
@NullMarked
package dev.dormouse.benchmarks.load;

import org.jspecify.annotations.NullMarked;
