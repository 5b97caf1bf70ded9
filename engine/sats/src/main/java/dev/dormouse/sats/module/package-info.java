/**
 * Module definitions: the raw forms V9 and V10 as a module describes itself, and the validated
 * {@link dev.dormouse.sats.module.ModuleSchema} that everything else works with.
 */
@NullMarked
package dev.dormouse.sats.module;

import org.jspecify.annotations.NullMarked;
