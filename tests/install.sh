#!/bin/sh
# SPDX-License-Identifier: MIT
# usage: install.sh BUILD-DIRECTORY SCRATCH-DIRECTORY
# Installs into SCRATCH and builds a program there with nothing but what
# pkg-config says, dynamic and static.
set -eu

build=$1
scratch=$2
here=$(cd "$(dirname "$0")" && pwd)

rm -rf "$scratch"
mkdir -p "$scratch"
DESTDIR=$scratch/root meson install -C "$build" --no-rebuild --quiet
pc=$(find "$scratch/root" -name libptrace.pc)
[ -n "$pc" ] || { echo 'libptrace.pc is not installed'; exit 1; }
PKG_CONFIG_LIBDIR=$(dirname "$pc")
PKG_CONFIG_SYSROOT_DIR=$scratch/root
export PKG_CONFIG_LIBDIR PKG_CONFIG_SYSROOT_DIR

cc=${CC:-cc}
source=$here/install_user.c
# shellcheck disable=SC2046 # words
$cc -Wall -Werror -o "$scratch/shared" "$source" \
	$(pkg-config --cflags --libs libptrace)
LD_LIBRARY_PATH=$(dirname "$(dirname "$pc")") "$scratch/shared"
# shellcheck disable=SC2046
$cc -Wall -Werror -static -o "$scratch/static" "$source" \
	$(pkg-config --cflags --libs --static libptrace)
"$scratch/static"
