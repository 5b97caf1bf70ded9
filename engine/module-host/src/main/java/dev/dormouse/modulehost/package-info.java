/**
 * Runs published modules: checks, compiles, loads and calls them. The only place that knows wasm;
 * it sees no datastore and asks its host through {@link dev.dormouse.modulehost.HostCalls}.
 */
@NullMarked
package dev.dormouse.modulehost;

import org.jspecify.annotations.NullMarked;
