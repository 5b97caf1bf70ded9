/** The client WebSocket protocol: messages, payloads and handshake rules as bytes ⇄ records. */
@NullMarked
package dev.dormouse.protocol;

import org.jspecify.annotations.NullMarked;
