# Shared by the scripts beside it: what a bare Debian needs, and the one way to build.
# shellcheck shell=bash disable=SC2034

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SWIFT_VERSION=6.2.3 # fetched only where no Swift is installed; anything from 6.2 on will do

# Every build shares these: other flags would mean building everything again.
BUILD_FLAGS=(--explicit-target-dependency-import-check error)
# The release has a directory of its own, so that neither build waits for the other.
RELEASE_DIR=$ROOT/.build-release
# Stripped, bound at the start, and without the table of all symbols that the static runtime's own flags ask for: nobody
# links to a program.
LINK_FLAGS=(-Xlinker -s -Xlinker -z -Xlinker now -Xlinker --no-export-dynamic)
RELEASE_FLAGS=("${BUILD_FLAGS[@]}" -c release --static-swift-stdlib --scratch-path "$RELEASE_DIR" "${LINK_FLAGS[@]}")

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# Installs the Debian packages that are missing.
need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    [ "$(id -u)" = 0 ] || die "Missing packages: ${missing[*]}. Run this as root, or install them first."
    say "Installing ${missing[*]}"
    apt-get update -q >&2
    DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${missing[@]}" >&2
}

swift_is_new_enough() {
    local version
    version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+') || return 1
    [ "$(printf '%s\n6.2\n' "$version" | sort -V | head -n 1)" = 6.2 ]
}

# Swift 6.2 or newer: the installed one, Debian's, or the official build with its signature checked.
need_swift() {
    [ -x /usr/local/swift/usr/bin/swift ] && PATH=/usr/local/swift/usr/bin:$PATH
    swift_is_new_enough && return 0
    if apt-cache policy swiftlang 2>/dev/null | grep -qE 'Candidate: (6\.[2-9]|[7-9])'; then
        need_packages swiftlang
        swift_is_new_enough && return 0
    fi
    install_official_swift
    swift_is_new_enough || die "No usable Swift 6.2 or newer. Install one from https://www.swift.org/install/linux/."
}

install_official_swift() {
    need_packages ca-certificates curl gnupg binutils gcc libc6-dev libstdc++-12-dev libcurl4-openssl-dev \
        libxml2-dev zlib1g-dev tzdata
    local suffix='' name url work
    [ "$(uname -m)" = aarch64 ] && suffix=-aarch64
    name=swift-$SWIFT_VERSION-RELEASE-debian12$suffix.tar.gz
    url=https://download.swift.org/swift-$SWIFT_VERSION-release/debian12$suffix/swift-$SWIFT_VERSION-RELEASE/$name
    work=$(mktemp -d)
    say "Fetching Swift $SWIFT_VERSION"
    if ! curl -fL --retry 2 --connect-timeout 20 -o "$work/$name" "$url" -o "$work/$name.sig" "$url.sig" ||
        ! curl -fsSL https://www.swift.org/keys/all-keys.asc | gpg --homedir "$work" --import ||
        ! gpg --homedir "$work" --verify "$work/$name.sig" "$work/$name"; then
        rm -rf "$work"
        die "Swift could not be fetched. Install 6.2 or newer from https://www.swift.org/install/linux/ and try again."
    fi
    mkdir -p /usr/local/swift
    tar -xzf "$work/$name" --strip-components=1 -C /usr/local/swift
    rm -rf "$work"
    PATH=/usr/local/swift/usr/bin:$PATH
}

BUILD_PACKAGES=(pkg-config libbluetooth-dev libcrypt-dev libcurl4-openssl-dev libdbus-1-dev libmosquitto-dev libsqlite3-dev)
# The tools bring the libraries that the binary loads: libmosquitto1, libsqlite3-0, libcurl4.
RUN_PACKAGES=(mosquitto mosquitto-clients sqlite3 curl libbluetooth3 libdbus-1-3)

# Builds the release binary, or another PRODUCT beside it, and prints where it is.
build_release() {
    local product=${1:-station-agent}
    (cd "$ROOT" && swift build "${RELEASE_FLAGS[@]}" --product "$product" >&2 && echo "$RELEASE_DIR/release/$product")
}
