/** Assembly: the one runnable artefact, its start, its configuration and its end. */
@NullMarked
package dev.dormouse.server;

import org.jspecify.annotations.NullMarked;
