/**
 * JMH measurements of the call path, run by {@code benchmarks/jmh.sh}. They stand among the tests
 * so that the load generator stays free of our own modules; no test run executes them.
 */
@NullMarked
package dev.dormouse.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
