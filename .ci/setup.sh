#!/usr/bin/env bash
# Installs what building needs, where it is missing: a C compiler (SQLite is built from source), git, curl and Rust. Says
# what it installs before it does; does nothing, and quickly, when all is there. All words go to stderr.
#   .ci/setup.sh         what `make demo` needs
#   .ci/setup.sh lint    also clippy and rustfmt, for `make check` and `make test`
#   .ci/setup.sh kotlin  also a JDK and Maven, for `make kotlin` and `make test`
#   .ci/setup.sh android also what draws the app's screens and links its resources, for `make android` and `make test`
# Behind a mirror, RUSTUP_DIST_SERVER and RUSTUP_UPDATE_ROOT are obeyed.
set -euo pipefail
cd "$(dirname "$0")/.."
exec 1>&2
say() { printf 'setup: %s\n' "$*"; }
stop() { say "$*"; exit 1; }

compiles_c() { printf '#include <stdlib.h>\nint main(void){return EXIT_SUCCESS;}\n' | cc -x c - -o /dev/null 2>/dev/null; }
has_rust() { .ci/with-rust.sh true 2>/dev/null; }
has_lints() { .ci/with-rust.sh cargo clippy --version >/dev/null 2>&1 && .ci/with-rust.sh cargo fmt --version >/dev/null 2>&1; }

has_jdk() { [ "$(javac -version 2>/dev/null | sed -n 's/^javac \([0-9]*\).*/\1/p')" -ge 17 ] 2>/dev/null; }

has_chinese_font() { fc-list 2>/dev/null | grep 'Noto Sans CJK SC' >/dev/null; }
# Of the libraries that Skia loads, by the names of their files.
has_library() { /sbin/ldconfig -p | grep "^[[:space:]]*$1 " >/dev/null; }

install_packages() {
    command -v apt-get >/dev/null || stop "please install with your system's package manager: $*"
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || stop "please run as root: apt-get install $*"
        root=(sudo)
    fi
    say "installing by apt-get: $*"
    "${root[@]}" apt-get -o DPkg::Lock::Timeout=300 update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" >/dev/null
}

install_rust() {
    local wanted rustup
    wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
    rustup=$(command -v rustup || echo "${CARGO_HOME:-$HOME/.cargo}/bin/rustup")
    if [ -x "$rustup" ]; then
        say "adding Rust $wanted to the rustup that is here; the default toolchain stays as it is"
        "$rustup" toolchain install "$wanted" --profile minimal --component clippy --component rustfmt
        return
    fi
    say "installing Rust $wanted by rustup into ${CARGO_HOME:-$HOME/.cargo}; shell profiles are left alone"
    local installer
    installer=$(mktemp)
    trap 'rm -f "$installer"' RETURN
    curl --proto '=https' --tlsv1.2 --retry 5 -sSfL -o "$installer" \
        "${RUSTUP_UPDATE_ROOT:-https://static.rust-lang.org/rustup}/rustup-init.sh"
    RUSTUP_INIT_SKIP_PATH_CHECK=yes sh "$installer" -y --no-modify-path --profile minimal \
        --component clippy,rustfmt --default-toolchain "$wanted"
}

install_lints() {
    if .ci/with-rust.sh rustup --version >/dev/null 2>&1; then
        say "adding clippy and rustfmt to the Rust that is here"
        .ci/with-rust.sh rustup component add clippy rustfmt
    else
        install_packages rust-clippy rustfmt
    fi
}

packages=()
compiles_c || packages+=(gcc libc6-dev)
command -v git >/dev/null || packages+=(git)
has_rust || command -v curl >/dev/null || packages+=(curl ca-certificates)
[ ${#packages[@]} -eq 0 ] || install_packages "${packages[@]}"
has_rust || install_rust
has_rust || stop "Rust was installed but does not run; look at the lines above"
[ "${1:-}" != lint ] || has_lints || install_lints
if [ "${1:-}" = kotlin ] || [ "${1:-}" = android ]; then
    packages=()
    # The JDK that this system has as its own; 17 or newer on every Debian and Ubuntu since 2023.
    has_jdk || packages+=(default-jdk-headless)
    command -v mvn >/dev/null || packages+=(maven)
    if [ "$1" = android ]; then
        command -v unzip >/dev/null || packages+=(unzip)
        command -v aapt2 >/dev/null || packages+=(aapt)
        [ -f /usr/share/android-framework-res/framework-res.apk ] || packages+=(android-framework-res)
        has_chinese_font || packages+=(fontconfig fonts-noto-cjk)
        has_library libfontconfig.so.1 || packages+=(libfontconfig1)
        has_library libGL.so.1 || packages+=(libgl1)
        has_library libX11.so.6 || packages+=(libx11-6)
    fi
    [ ${#packages[@]} -eq 0 ] || install_packages "${packages[@]}"
    has_jdk || stop "Java 17 or newer is needed, and what javac says is: $(javac -version 2>&1 || true)"
fi
