/** How a request of {@code /v1} becomes an answer: routes, callers, limits, CORS, errors. */
@NullMarked
package dev.dormouse.runtimenode.http;

import org.jspecify.annotations.NullMarked;
