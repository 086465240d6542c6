#!/usr/bin/env bash
# Check the spelling (typos) and the layout of TOML files (taplo). Install both if they are missing.
#
#   scripts/tools.sh check     fail if a word or a file is wrong   (make lint)
#   scripts/tools.sh fmt       lay out all TOML files   (make fmt)
#
# The versions are those of scripts/tools.txt. They are installed once, in a virtual environment of
# Python in the cache folder. A program of the right version on the PATH is used as it is. Where
# there is no program, its check is skipped with one line; with STRICT=1 it fails.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/env.sh
. scripts/env.sh

MODE=${1:-check}
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/dpin
TOOLS=$CACHE/tools
LIST=scripts/tools.txt

say() { printf 'tools: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

wanted() { sed -n "s/^$1==\([0-9.]*\).*/\1/p" $LIST; }

# Whether program $2 is tool $1 in the version of the list.
is_wanted() { [ "$({ "$2" --version 2>/dev/null || true; } | sed -n 's/^.* \([0-9.]*\)$/\1/p')" = "$(wanted "$1")" ]; }

# Set PROGRAM to the path of tool $1.
find_tool() {
    for PROGRAM in "$TOOLS/bin/$1" "$(command -v "$1" || true)"; do
        [ -x "$PROGRAM" ] && is_wanted "$1" "$PROGRAM" && return 0
    done
    return 1
}

# Install what the list has for this machine, unless that is done. If it fails, WHY says so. One try
# in a run.
TRIED=0
WHY=
install() {
    [ $TRIED -eq 0 ] || return 0
    TRIED=1
    # Written last.
    ! cmp -s $LIST "$TOOLS/installed.txt" || return 0
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        WHY="there is no Python with venv (Debian: apt-get install python3-venv)"
        return 0
    fi
    mkdir -p "$CACHE"
    exec 8>"$CACHE/tools.lock"
    if have flock; then
        flock 8
        ! cmp -s $LIST "$TOOLS/installed.txt" || return 0
    fi
    say "installing typos $(wanted typos) and taplo $(wanted taplo) in $TOOLS"
    if ! fetch >"$CACHE/tools.log" 2>&1; then
        rm -rf "$TOOLS"
        if grep -q "DO NOT MATCH THE HASHES" "$CACHE/tools.log"; then
            say "a downloaded file does not match its hash in $LIST; see $CACHE/tools.log"
            exit 1
        fi
        WHY="it could not be installed; see $CACHE/tools.log"
    fi
    exec 8>&-
}

fetch() {
    rm -rf "$TOOLS"
    timeout 120 python3 -m venv "$TOOLS" || return 1
    timeout 300 "$TOOLS/bin/python" -m pip install --disable-pip-version-check --no-input --retries 1 --timeout 20 \
        --only-binary :all: --require-hashes -r $LIST || return 1
    cp $LIST "$TOOLS/installed.txt"
}

# Run tool $1 with the arguments that follow.
run() {
    local tool=$1
    shift
    if ! find_tool "$tool"; then
        install
        if ! find_tool "$tool"; then
            say "$tool is skipped: ${WHY:-there is no wheel of $tool $(wanted "$tool") for this machine; install it another way}"
            [ "${STRICT:-0}" != 1 ]
            return
        fi
    fi
    "$PROGRAM" "$@"
}

failed=0
case "$MODE" in
    check)
        run typos || failed=1
        RUST_LOG=warn run taplo fmt --check || failed=1
        ;;
    fmt) RUST_LOG=warn run taplo fmt || failed=1 ;;
    *)
        printf 'tools: unknown mode: %s; usage: scripts/tools.sh [check|fmt]\n' "$MODE" >&2
        exit 2
        ;;
esac
exit $failed
