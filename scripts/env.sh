# Sourced by the Makefile and by setup.sh: which Rust toolchain is used.

if [ -z "${HOME:-}" ]; then
    HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
    export HOME
fi

# rustup's installer changes the PATH of later shells only.
if ! command -v cargo >/dev/null 2>&1 && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
    PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    export PATH
fi

# Set-up links the distribution's toolchain under this name where it could not complete rustup's.
if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && [ -e "${RUSTUP_HOME:-$HOME/.rustup}/toolchains/dpin-distribution" ]; then
    RUSTUP_TOOLCHAIN=dpin-distribution
    export RUSTUP_TOOLCHAIN
fi
