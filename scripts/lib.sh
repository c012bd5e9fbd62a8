# Shared by all scripts: steps that are announced and timed, and the tools that a machine needs. Works with Bash 3.2
# (macOS).

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*"; }
fail() { printf '\n%s\n' "$*" >&2; exit 1; }

# step "what it does" command…: announces a step, runs it, and prints its time. If STEP_TIMES names a file, the time is
# also written there, even for a failed step. A nested step is indented.
step() {
    local what=$1 began=$SECONDS indent=${STEP_INDENT:-} status=0
    shift
    say "==> $what"
    export STEP_INDENT="$indent  "
    "$@" || status=$?
    export STEP_INDENT=$indent
    local took=$((SECONDS - began))
    [ -z "${STEP_TIMES:-}" ] || printf '%6d s  %s%s%s\n' "$took" "$indent" "$what" "$([ "$status" = 0 ] || echo ' (FAILED)')" >>"$STEP_TIMES"
    [ "$status" = 0 ] || fail "Failed: $what ($took s)"
    say "    $took s"
}

# The value of a setting: from the environment, else from .env, else the default.
setting() {
    local name=$1 default=$2 value=${!1:-}
    if [ -z "$value" ] && [ -f .env ]; then
        value=$(sed -n "s/^[[:space:]]*\(export \)\{0,1\}$name=[\"']\{0,1\}\([^\"']*\)[\"']\{0,1\}[[:space:]]*$/\2/p" .env | tail -n 1)
    fi
    printf '%s' "${value:-$default}"
}

need_rust() {
    command -v cargo >/dev/null 2>&1 || fail "Rust is missing: install it from https://rustup.rs, open a new terminal, and run this again."
    # Cargo would also say so, but not what to do.
    local needed found
    needed=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
    found=$(rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9]*\.[0-9]*\).*/\1/p')
    [ "$(printf '%s\n' "$needed" "${found:-0.0}" | sort -t . -k 1,1n -k 2,2n | head -n 1)" = "$needed" ] ||
        fail "Rust $needed or newer is needed (found: ${found:-none}): run \`rustup update stable\` (and \`rustup default stable\`, if another is the default), and run this again."
    # Cargo links every program with the C compiler, and SQLite and the TLS library are C.
    command -v cc >/dev/null 2>&1 || command -v clang >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 ||
        fail "A C compiler is missing: install one (Debian, Ubuntu: apt install build-essential; Fedora: dnf install gcc; macOS: xcode-select --install) and run this again."
}

has_wasm() { [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib" ]; }

# The browser's half is compiled for WebAssembly.
need_wasm() {
    has_wasm && return
    command -v rustup >/dev/null 2>&1 ||
        fail "The target wasm32-unknown-unknown is missing and there is no rustup to add it: install Rust from https://rustup.rs and run this again."
    step "Adding the WebAssembly target to Rust" rustup target add wasm32-unknown-unknown
}

can_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get -q update >/dev/null && apt-get -q install -y --no-install-recommends "$@" >/dev/null
}

# Prints the path of a browser for tests: CHROMIUM, or an installed one. The headless shell comes first, because the tests
# take a third less time with it.
chromium() {
    local name
    if [ -n "${CHROMIUM:-}" ]; then printf '%s' "$CHROMIUM" && return; fi
    for name in chromium-headless-shell chromium chromium-browser google-chrome "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
        command -v "$name" && return
    done
    return 1
}

# Whether any source is newer than this file. Folders are compared, too: their time changes when a file is removed.
changed_since() {
    [ -f "$1" ] || return 0
    [ -n "$(find Cargo.toml Cargo.lock .cargo app server migrations style public -newer "$1" -print 2>/dev/null | head -n 1)" ]
}
