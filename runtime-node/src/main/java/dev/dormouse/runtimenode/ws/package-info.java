/** The clients' WebSockets: the upgrade, and each connection from its first frame to its last. */
@NullMarked
package dev.dormouse.runtimenode.ws;

import org.jspecify.annotations.NullMarked;
