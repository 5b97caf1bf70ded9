/** Tests of the threads that lanes share. */
@org.jspecify.annotations.NullMarked
package dev.dormouse.runtimenode.cores;
