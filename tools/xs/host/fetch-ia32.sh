#!/bin/sh
# Unpacks Debian's 32-bit GLib and mbedTLS into build/ia32, for the lanes on 32-bit XS (tools/xs/host/ia32.mjs).
# Nothing is installed, and apt's own state is left alone: i386's development packages would take the place of this
# computer's. Compiling needs gcc-multilib.
set -eu
folder="$(cd "$(dirname "$0")/../../.." && pwd)/build/ia32"
rm -rf "$folder"
mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial" "$folder/packages"
cd "$folder/packages"
apt() {
	apt-get -qq -o APT::Architecture=i386 -o APT::Architectures=i386 -o APT::Sandbox::User=root \
		-o Dir::State::lists="$folder/lists" -o Dir::Cache="$folder/cache" -o Dir::State::status=/dev/null "$@"
}
apt update || echo "not all lists of packages came; going on with those that did" >&2
apt download libglib2.0-0 libglib2.0-dev libpcre2-8-0 libffi8 zlib1g libmount1 libblkid1 libselinux1 \
	libmbedtls-dev libmbedtls14 libmbedx509-1 libmbedcrypto7
for package in *.deb; do
	dpkg -x "$package" ..
done
rm -r "$folder/lists" "$folder/cache"
