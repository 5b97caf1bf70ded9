/** The state of a datastore at one tx offset as a manifest and chunks, and back. */
@NullMarked
package dev.dormouse.snapshot;

import org.jspecify.annotations.NullMarked;
