#!/usr/bin/env bash
# Install what DPIN needs to be built and run, or say plainly what is missing and how to get it.
#
#   scripts/setup.sh build     Debian packages, Rust, the wasm target   (make build, demo, dev)
#   scripts/setup.sh test      the same, Node.js and the examples' npm packages   (make test)
#
# Running it again costs a fraction of a second when nothing is missing. Packages are installed as
# root or through sudo; otherwise the command to type is printed and the exit status is 1.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
# shellcheck source=scripts/env.sh
. scripts/env.sh

MODE=${1:-build}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/dpin
WASM_TARGET=wasm32v1-none
CHANNEL=$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)
NODE_MAJOR=20
# What is taken from npm where the system's Node.js is older, as Debian 12's is.
NODE_VERSION=22.23.3
NODE_DIR=$CACHE/node
# A Debian release's keyring signs its later suites too, so a package may be taken from a suite that
# is not configured.
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
SOURCE_SUITES="trixie-backports testing unstable"

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
    printf 'setup: cannot continue: %s\n' "$1" >&2
    shift
    [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Whether version $1 is at least $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

SUDO=()
can_install() {
    have apt-get || return 1
    [ "$(id -u)" -eq 0 ] && return 0
    have sudo || return 1
    if sudo -n true 2>/dev/null || [ -t 0 ]; then
        SUDO=(sudo)
        return 0
    fi
    return 1
}

APT=(apt-get -q -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30)

apt_install() {
    say "installing $*"
    local run=("${SUDO[@]}" env DEBIAN_FRONTEND=noninteractive "${APT[@]}" install -y --no-install-recommends)
    "${run[@]}" "$@" >&2 && return 0
    # The package lists of a fresh machine are missing or old.
    "${SUDO[@]}" "${APT[@]}" update >&2 && "${run[@]}" "$@" >&2
}

# ---- Debian packages ------------------------------------------------------------------------------------------------

# Whether the compiler's search finds library $1: gcc answers with a path only for a file that is
# there.
has_library() { case "$(gcc -print-file-name="$1" 2>/dev/null)" in /*) [ -n "$1" ] ;; *) return 1 ;; esac; }

# Whether an OpenCL driver is registered whose library is really there.
has_opencl_driver() {
    local icd library
    for icd in /etc/OpenCL/vendors/*.icd; do
        [ -f "$icd" ] || continue
        read -r library <"$icd" || true
        case "$library" in
            /*) [ -e "$library" ] && return 0 ;;
            *) has_library "$library" && return 0 ;;
        esac
    done
    return 1
}

packages() {
    local missing=()
    have protoc || missing+=(protobuf-compiler)
    have pkg-config || missing+=(pkg-config)
    have g++ || missing+=(g++)
    have make || missing+=(make)
    # The network crates build their own OpenSSL, whose configuration is written in Perl.
    perl -MFindBin -MIPC::Cmd -e 1 2>/dev/null || missing+=(perl)
    # The off-chain worker's HTTP client does not start without system root certificates, even for
    # plain http.
    [ -s /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    has_library libOpenCL.so || missing+=(ocl-icd-opencl-dev)
    # A driver that is there already (a GPU's) is as good as PoCL.
    has_opencl_driver || missing+=(pocl-opencl-icd)
    if [ "$MODE" = test ]; then
        have node || missing+=(nodejs)
        have npm || missing+=(npm)
        have python3 || missing+=(python3)
    fi
    [ ${#missing[@]} -eq 0 ] && return 0
    can_install || fail "these packages are missing: ${missing[*]}" \
        "On Debian, as root: apt-get install --no-install-recommends ${missing[*]}" \
        "Elsewhere: install packages that provide protoc, pkg-config, g++, make, perl, CA certificates, libOpenCL and an OpenCL device."
    apt_install "${missing[@]}" || fail "apt-get could not install: ${missing[*]}" \
        "Install them by hand, or repair the package sources, then try again."
}

# ---- Rust -----------------------------------------------------------------------------------------------------------

rust_version() { { rustc --version 2>/dev/null || true; } | sed -n 's/^rustc \([0-9.]*\).*/\1/p'; }

apt_candidate() { LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: \([0-9].*\)$/\1/p'; }

rust() {
    local version
    version=$(rust_version)
    if [ -z "$version" ] && have rustup; then
        say "installing Rust $CHANNEL with rustup"
        timeout 900 rustup toolchain install "$CHANNEL" --profile minimal --component clippy,rustfmt >&2 || true
        version=$(rust_version)
    fi
    if [ -z "$version" ] && ! have rustc && can_install; then
        "${SUDO[@]}" "${APT[@]}" update >&2 || true
        if [ -n "$(apt_candidate rustup)" ] && apt_install rustup; then
            timeout 900 rustup toolchain install "$CHANNEL" --profile minimal --component clippy,rustfmt >&2 || true
        else
            install_distribution_rust || true
        fi
        version=$(rust_version)
    fi
    [ -n "$version" ] && have cargo || fail "Rust $CHANNEL is not installed" \
        "Install rustup as the Rust project's web site describes (Debian 13: apt-get install rustup), then: rustup toolchain install $CHANNEL" \
        "To use another installed toolchain: RUSTUP_TOOLCHAIN=<its name> make ..."
    at_least "$version" "$CHANNEL" || fail "Rust $version is too old; version $CHANNEL or later is needed" \
        "With rustup: rustup toolchain install $CHANNEL"
    SYSROOT=$(rustc --print sysroot)
    VERSION=$version
}

# ---- The wasm target --------------------------------------------------------------------------------------------------

# Whether a no_std library that allocates compiles and links for the target: the truth, in a tenth
# of a second.
wasm_works() {
    local dir=$CACHE/probe.$$ status=0
    mkdir -p "$dir"
    cat >"$dir/probe.rs" <<'RUST'
#![no_std]
extern crate alloc;
use core::alloc::{GlobalAlloc, Layout};
struct Nothing;
unsafe impl GlobalAlloc for Nothing {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        core::ptr::null_mut()
    }
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}
#[global_allocator]
static ALLOCATOR: Nothing = Nothing;
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}
#[no_mangle]
pub extern "C" fn probe(bytes: usize) -> usize {
    alloc::vec::Vec::<u8>::with_capacity(bytes).capacity()
}
RUST
    # Thin LTO is what the runtime is built with; it needs bitcode in core and alloc.
    rustc --edition 2021 --target $WASM_TARGET --crate-type cdylib -O -C panic=abort -C lto=thin \
        -o "$dir/probe.wasm" "$dir/probe.rs" >"$dir/log" 2>&1 || status=1
    rm -rf "$dir"
    return $status
}

# Run a command on the toolchain's folders, as root where they are not ours.
in_sysroot() {
    if [ -w "$SYSROOT/lib/rustlib" ]; then
        "$@"
    elif [ "$(id -u)" -ne 0 ] && have sudo; then
        sudo "$@"
    else
        say "$SYSROOT is not writable"
        return 1
    fi
}

# Two builds of core in one place make every compilation fail, so what does not work goes first.
remove_wasm() {
    if have rustup; then
        rustup target remove $WASM_TARGET >/dev/null 2>&1 || true
    fi
    if [ -d "$SYSROOT/lib/rustlib/$WASM_TARGET" ]; then
        in_sysroot rm -rf "$SYSROOT/lib/rustlib/$WASM_TARGET"
    fi
}

# Build core and alloc from the `library` folder $1 and put them where the compiler looks.
build_core() {
    [ -f "$1/core/src/lib.rs" ] || return 1
    say "building core and alloc for $WASM_TARGET"
    local dir status=0
    dir=$(mktemp -d)
    build_core_in "$dir" "$1" >&2 || status=1
    rm -rf "$dir"
    return $status
}

# Each step names its failure: a function that is tested by its caller runs without errexit.
build_core_in() {
    local dir=$1 library=$2 source="$SYSROOT/lib/rustlib/src/rust" installed="$SYSROOT/lib/rustlib/$WASM_TARGET/lib"
    if ! [ "$library" -ef "$source/library" ]; then
        printf '%s\n' "$VERSION" >"$dir/version"
        in_sysroot mkdir -p "$source" || return 1
        in_sysroot rm -rf "$source/library" || return 1
        in_sysroot cp -R "$library" "$source/library" || return 1
        in_sysroot cp "$dir/version" "$source/library/.dpin-version" || return 1
    fi
    mkdir -p "$dir/core/src" || return 1
    printf '#![no_std]\n' >"$dir/core/src/lib.rs"
    printf '[package]\nname = "core-for-wasm"\nversion = "0.0.0"\nedition = "2021"\n[workspace]\n' >"$dir/core/Cargo.toml"
    # This folder is outside the repository, so the toolchain is named by its path.
    (cd "$dir/core" && env -u CARGO_ENCODED_RUSTFLAGS RUSTC="$SYSROOT/bin/rustc" RUSTC_BOOTSTRAP=1 \
        RUSTFLAGS="-C embed-bitcode=yes" CARGO_TARGET_DIR="$dir/target" "$SYSROOT/bin/cargo" build --quiet --release \
        -Z build-std=core,alloc -Z build-std-features=compiler-builtins-mem --target $WASM_TARGET) || return 1
    remove_wasm || return 1
    in_sysroot mkdir -p "$installed" || return 1
    in_sysroot cp "$dir/target/$WASM_TARGET/release/deps"/lib{core,alloc,compiler_builtins}-*.rlib "$installed/"
}

way_rustup() {
    have rustup || return 1
    [ -f "$SYSROOT/lib/rustlib/multirust-channel-manifest.toml" ] || return 1
    remove_wasm
    timeout 120 rustup target add $WASM_TARGET >&2
}

# The library's source is in the toolchain already: rustup's rust-src, or an earlier run of this
# script.
way_source_in_toolchain() {
    local library="$SYSROOT/lib/rustlib/src/rust/library"
    [ -f "$library/core/src/lib.rs" ] || return 1
    if [ -f "$library/.dpin-version" ] && [ "$(cat "$library/.dpin-version")" != "$VERSION" ]; then
        return 1
    fi
    build_core "$library"
}

# The mirrors from which this machine installs Debian itself, out of its own apt configuration.
debian_mirrors() {
    local codename
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null)
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 2>/dev/null |
        awk -v release="${codename:-stable}" '$2 == release || $2 == "stable" { print $1 }' | sort -u
}

# Fetch package $1 of exactly our compiler's version with the apt options that follow, and build
# from it.
core_from_package() {
    local package=$1 dir=$2 version deb library
    shift 2
    version=$(apt-cache "$@" madison "$package" 2>/dev/null | awk -F'|' '{ gsub(/ /, "", $2); print $2 }' |
        grep -E "^${VERSION//./\\.}[-+~]" | head -n 1) || return 1
    [ -n "$version" ] || return 1
    say "fetching Debian's $package $version"
    (cd "$dir" && "${APT[@]}" "$@" download "$package=$version" >/dev/null) || return 1
    deb=$(compgen -G "$dir/${package}_*.deb" | head -n 1)
    dpkg -x "$deb" "$dir/unpacked" || return 1
    library=$(find "$dir/unpacked/usr/src" -maxdepth 2 -type d -name library | head -n 1)
    [ -n "$library" ] && build_core "$library"
}

way_debian_source() {
    have apt-get || return 1
    local dir status=0
    dir=$(mktemp -d)
    debian_source_in "$dir" || status=1
    rm -rf "$dir"
    return $status
}

debian_source_in() {
    local dir=$1 mirror suite package options=(-o APT::Sandbox::User=root -o Debug::NoLocking=1)
    for package in rust-src rust-web-src; do
        core_from_package $package "$dir" "${options[@]}" && return 0
    done
    [ -f $KEYRING ] || return 1
    for mirror in $(debian_mirrors); do
        for suite in $SOURCE_SUITES; do
            rm -rf "${dir:?}"/*
            mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" || return 1
            printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$mirror" "$suite" $KEYRING \
                >"$dir/debian.sources"
            local suite_options=("${options[@]}" -o Dir::Etc::sourcelist="$dir/debian.sources" -o Dir::Etc::sourceparts=-
                -o Dir::State::Lists="$dir/lists" -o Dir::Cache="$dir/cache" -o Acquire::Languages=none)
            "${APT[@]}" "${suite_options[@]}" update >/dev/null 2>&1 || continue
            core_from_package rust-src "$dir" "${suite_options[@]}" && return 0
        done
    done
    return 1
}

# Install the distribution's own compiler where it is new enough.
install_distribution_rust() {
    can_install || return 1
    local candidate prefix
    for prefix in "rustc-web cargo-web rust-web-src rust-web-llvm" "rustc cargo rust-src rust-llvm"; do
        # shellcheck disable=SC2086
        set -- $prefix
        candidate=$(apt_candidate "$1")
        if [ -n "$candidate" ] && at_least "${candidate%%[-+~]*}" "$CHANNEL"; then
            apt_install "$@" || continue
            # rust-lld links the wasm; the package that holds what it points to is only suggested.
            [ -e /usr/bin/rust-lld ] || apt_install "$(basename "$(readlink /usr/bin/rust-lld)")" || continue
            return 0
        fi
    done
    return 1
}

way_distribution() {
    install_distribution_rust || return 1
    local sysroot=$SYSROOT version=$VERSION toolchain=${RUSTUP_TOOLCHAIN:-}
    if have rustup; then
        rustup toolchain link dpin-distribution /usr >&2 || return 1
        export RUSTUP_TOOLCHAIN=dpin-distribution
    fi
    hash -r
    SYSROOT=$(rustc --print sysroot)
    VERSION=$(rust_version)
    say "using the distribution's Rust $VERSION"
    if wasm_works || { way_source_in_toolchain && wasm_works; }; then
        return 0
    fi
    if have rustup; then
        rustup toolchain uninstall dpin-distribution >&2 || true
        unset RUSTUP_TOOLCHAIN
        [ -z "$toolchain" ] || export RUSTUP_TOOLCHAIN="$toolchain"
    fi
    SYSROOT=$sysroot
    VERSION=$version
    return 1
}

way_archive() {
    local archive=${DPIN_RUST_LIBRARY:-$ROOT/../shared/toolchain/rust-library-$VERSION.tar.xz} dir status=0
    [ -f "$archive" ] || return 1
    have xz || { can_install && apt_install xz-utils; } || return 1
    dir=$(mktemp -d)
    tar -xJf "$archive" -C "$dir" && build_core "$dir/library" || status=1
    rm -rf "$dir"
    return $status
}

wasm() {
    wasm_works && return 0
    mkdir -p "$CACHE"
    exec 9>"$CACHE/setup.lock"
    if have flock; then
        flock 9
        wasm_works && return 0
    fi
    local way
    for way in way_rustup way_source_in_toolchain way_debian_source way_distribution way_archive; do
        if $way; then
            if wasm_works; then
                say "$WASM_TARGET installed (${way#way_})"
                return 0
            fi
            say "${way#way_}: the installed target does not work"
        else
            say "${way#way_}: not possible here"
        fi
    done
    fail "the target $WASM_TARGET of Rust $VERSION is missing, and every way to install it failed" \
        "With a network: rustup target add $WASM_TARGET --toolchain $CHANNEL" \
        "With the \`library\` folder of the compiler's source as a .tar.xz: DPIN_RUST_LIBRARY=<file> scripts/setup.sh"
}

# ---- npm packages of the examples and the client tests -------------------------------------------------------------

node_major() { node --version | sed 's/^v\([0-9]*\).*/\1/'; }

# A Node.js that is new enough: the system's, or one from npm that only tests use
# (tests/clients/run.sh).
newer_node() {
    [ "$(node_major)" -lt $NODE_MAJOR ] || return 0
    local bin=$NODE_DIR/node_modules/node/bin
    if [ "$("$bin/node" --version 2>/dev/null)" != "v$NODE_VERSION" ]; then
        say "installing Node.js $NODE_VERSION for the tests: the system's is $(node --version)"
        mkdir -p "$NODE_DIR"
        npm install --prefix "$NODE_DIR" --no-audit --no-fund --loglevel=error "node@$NODE_VERSION" >&2 ||
            fail "Node.js $(node_major) is too old; the tests need version $NODE_MAJOR or later"
    fi
    PATH=$bin:$PATH
    [ "$(node_major)" -ge $NODE_MAJOR ] || fail "Node.js $NODE_VERSION does not run here"
}

npm_packages() {
    newer_node
    # Node.js looks for packages in the folders above a script: those of the examples serve the
    # client tests as well.
    if [ ! -L tests/clients/node_modules ]; then
        rm -rf tests/clients/node_modules
        ln -s ../../examples/node_modules tests/clients/node_modules
    fi
    # npm writes this file last.
    local done=examples/node_modules/.package-lock.json
    [ -f $done ] && [ ! examples/package-lock.json -nt $done ] && return 0
    say "installing the examples' npm packages"
    (cd examples && npm ci --no-audit --no-fund --loglevel=error) >&2 ||
        fail "npm could not install the packages of the examples" "Try: cd examples && npm ci"
    touch $done
}

case "$MODE" in
    build | test) ;;
    *) fail "unknown mode: $MODE" "Usage: scripts/setup.sh [build|test]" ;;
esac
packages
rust
wasm
if [ "$MODE" = test ]; then
    npm_packages
fi
