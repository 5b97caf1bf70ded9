#!/bin/sh
# Rebuilds every committed .wasm of the examples. Toolchain: see build-module.sh.
set -eu
cd "$(dirname -- "$0")"
for example in chat bank; do
    ./build-module.sh "$example/module" "$example/$example.wasm"
done
