#!/bin/sh
# Unpacks Debian's 32-bit GLib and mbedTLS into build/ia32, for the lanes on 32-bit XS (tools/xs-host/ia32.mjs).
# Nothing is installed: i386's development packages would take the place of this computer's own.
# Needs gcc-multilib, and i386 known to apt: dpkg --add-architecture i386 && apt-get update
set -eu
folder="$(cd "$(dirname "$0")/../.." && pwd)/build/ia32"
mkdir -p "$folder/packages"
cd "$folder/packages"
apt-get -qq download libglib2.0-0:i386 libglib2.0-dev:i386 libpcre2-8-0:i386 libffi8:i386 zlib1g:i386 \
	libmount1:i386 libblkid1:i386 libselinux1:i386 libmbedtls-dev:i386 libmbedtls14:i386 libmbedx509-1:i386 libmbedcrypto7:i386
for package in *.deb; do
	dpkg -x "$package" ..
done
