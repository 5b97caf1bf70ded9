#!/bin/sh
# Builds one Rust module for wasm32-unknown-unknown.
#
#   build-module.sh CRATE_DIR OUT.wasm [PACKAGE]
#
# PACKAGE picks a member if CRATE_DIR is a workspace.
#
# Uses rustup's wasm32-unknown-unknown target if it is installed, else the
# Debian packages rustc-web, cargo-web, rust-web-src, rust-web-llvm, lld-22 (the standard
# library is then built from source).
set -eu

[ $# -ge 2 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
crate=$(CDPATH= cd -- "$1" && pwd)
out=$2
package=${3:-}
case $out in /*) ;; *) out=$(pwd)/$out ;; esac

target=wasm32-unknown-unknown
# One build directory for all modules: dependencies are compiled once.
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target}
export CARGO_TARGET_DIR

# No path of this machine may end up in the panic messages of the module.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
flags=
remap() { flags="$flags --remap-path-prefix=$1=$2"; }
remap_all() {
    remap "$cargo_home" /cargo
    for registry in "$cargo_home"/registry/src/*/; do
        [ -d "$registry" ] && remap "${registry%/}" /crates
    done
    remap "$(CDPATH= cd -- "$here/.." && pwd)" /source
}

has_std() { # rustc
    libdir=$("$1" --print target-libdir --target $target 2>/dev/null) || return 1
    ls "$libdir"/libstd-*.rlib >/dev/null 2>&1
}

cd "$crate"
if command -v cargo >/dev/null 2>&1 && has_std "${RUSTC:-rustc}"; then
    cargo=cargo
    set -- build --release --target $target
elif [ -x /usr/bin/cargo ] && [ -x /usr/bin/rustc ] &&
    [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/std" ]; then
    cargo=/usr/bin/cargo
    RUSTC=/usr/bin/rustc
    RUSTC_BOOTSTRAP=1
    export RUSTC RUSTC_BOOTSTRAP
    library=$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust
    set -- build -Zbuild-std=std,panic_abort --release --target $target --ignore-rust-version
    remap "$library" /rust
    remap "$(readlink -f "$library")" /rust
else
    cat >&2 <<'EOF'
build-module.sh: no Rust toolchain with the standard library of wasm32-unknown-unknown.
Install one of
  - rustup (https://rustup.rs), then: rustup target add wasm32-unknown-unknown
  - on Debian: apt-get install rustc-web cargo-web rust-web-src rust-web-llvm lld-22
EOF
    exit 1
fi

[ -z "$package" ] || set -- "$@" -p "$package"
"$cargo" fetch --locked --target $target >/dev/null 2>&1 || "$cargo" fetch --target $target
remap_all
RUSTFLAGS="$flags" "$cargo" "$@"

name=${package:-$(sed -n 's/^name = "\(.*\)"/\1/p' Cargo.toml | head -n 1)}
mkdir -p "$(dirname -- "$out")"
cp "$CARGO_TARGET_DIR/$target/release/$(echo "$name" | tr - _).wasm" "$out"
chmod 644 "$out"
echo "$out: $(wc -c <"$out") bytes"
