"""Command line of the suite."""

import argparse
import os
import sys

from . import harness
from . import (  # noqa: F401
    cases_connection,
    cases_handshake,
    cases_http,
    cases_messages,
    cases_module,
    cases_sql,
    cases_subscriptions,
    cases_types,
)

REPOSITORY = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def main():
    parser = argparse.ArgumentParser(
        prog="conformance/run",
        description="Checks a server against docs/spec from outside, over HTTP and WebSocket.",
    )
    parser.add_argument("--url", required=True, help="such as http://127.0.0.1:3000")
    parser.add_argument(
        "--module",
        default=os.path.join(REPOSITORY, "examples", "chat", "chat.wasm"),
        help="the chat module (default: examples/chat/chat.wasm)",
    )
    parser.add_argument(
        "--abi",
        metavar="FILE",
        default=os.path.join(REPOSITORY, "fixtures", "abi", "abi.wasm"),
        help="the module with every type (default: fixtures/abi/abi.wasm)",
    )
    parser.add_argument("--only", default="", metavar="TEXT", help="cases whose name holds TEXT")
    parser.add_argument("--timeout", type=float, default=10, help="seconds to wait for an answer")
    parser.add_argument("--verbose", action="store_true", help="stack traces of failures")
    options = parser.parse_args()

    def out(line):
        print(line, flush=True)

    server = harness.Server(
        options.url, {"chat": options.module, "abi": options.abi}, options.timeout
    )
    try:
        server.http("GET", "/v1/ping")
    except OSError as error:
        sys.exit(f"no server at {options.url}: {error}")
    passed, failed, skipped = harness.run(server, options.only, options.verbose, out)
    if skipped:
        out(f"{skipped} skipped")
    out(f"{passed} passed, {failed} failed")
    sys.exit(0 if failed == 0 and passed > 0 else 1)


if __name__ == "__main__":
    main()
