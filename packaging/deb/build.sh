#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Build a Debian package of this checkout: ./packaging/deb/build.sh [OUTPUT]
# OUTPUT is a folder (default: where you are). The package is for the release that this runs on: it carries what Python
# needs beside the distribution's own Python 3.11 or newer. Two builds of one commit give the same bytes.
# Prints the path of the package on standard output; says on standard error what it installs, and why.
#
# Environment, beside that of setup.sh and dpkg-deb:
#   SOURCE_DATE_EPOCH  the time of all files in the package (default: that of the last commit)
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# The package has to fit the distribution's Python, whatever else is on PATH.
export DISCWRIGHT_PYTHON=/usr/bin/python3
source "$here/../setup.sh"
umask 022
unset PYTHONPATH PYTHONHOME
export LC_ALL=C.UTF-8 TZ=UTC PYTHONDONTWRITEBYTECODE=1

packages_for_building=(
  "dpkg-deb, which packs, and dpkg-shlibdeps, which finds the packages of libraries|dpkg-dev"
  "strip and readelf, to trim what is packed|binutils"
  "Python, as the system's own|python3"
  "libcdio: opens drives and disc images|libcdio-dev libiso9660-dev"
  "to build pycdio, libcdio's Python binding (PyPI has its source only)|gcc libc6-dev swig pkg-config/pkgconf"
  "the libraries of the window, to find out their packages|${qt_packages[*]}"
)

python=/usr/bin/python3
has_apt || fail "A Debian package is built on Debian, Ubuntu or their kin."
architecture=$(dpkg --print-architecture)
[[ $architecture == amd64 ]] || fail "The versions in requirements.txt are those for amd64; this machine is $architecture."
if [[ -x $python ]] && ! is_new_enough "$python"; then
  fail "Discwright needs Python 3.11 or newer, and a package needs the release's own, which is $("$python" --version 2>&1)." \
    "On such a release (Ubuntu 22.04 for one) packaging/run.sh works with a newer Python beside it."
fi
output=$(mkdir -p "${1:-.}" && cd "${1:-.}" && pwd -P)
install_packages "${packages_for_building[@]}"
minor=$("$python" -c 'import sys; print(sys.version_info.minor)')

if [[ -z ${SOURCE_DATE_EPOCH:-} ]]; then
  SOURCE_DATE_EPOCH=$(git -c safe.directory="$checkout" -C "$checkout" log -1 --format=%ct 2>/dev/null) ||
    SOURCE_DATE_EPOCH=$(stat -c %Y "$checkout/CHANGELOG.md")
fi
export SOURCE_DATE_EPOCH

# The version of the program, as dpkg sorts it (0.2.0rc1 comes before 0.2.0), and the release that the package is for.
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$checkout/app/discwright/__init__.py" | sed -E 's/\.?(dev|a|b|rc)([0-9]+)/~\1\2/')
release=$(. /etc/os-release && echo "${ID/debian/deb}${VERSION_ID:-}")
version=$version-1+$release

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root private=$work/root/usr/lib/discwright share=$work/root/usr/share
doc=$share/doc/discwright
mkdir -p "$root/DEBIAN" "$root/usr/bin" "$share" "$doc"

say "Fetching the Python packages that go into the package."
quietly "$python" -m venv "$work/venv"
fetch() {
  quietly env -u PIP_USER -u PIP_TARGET -u PIP_PREFIX PIP_DISABLE_PIP_VERSION_CHECK=1 \
    "$work/venv/bin/python" -m pip install --quiet --no-input --no-compile --no-deps --require-hashes \
    --target "$work/packages" "$@" || fail "The Python packages couldn't be had. The reason is above."
}
grep '^pycdio==' "$here/requirements.txt" >"$work/to-build"
grep -v '^pycdio==' "$here/requirements.txt" >"$work/ready-made"
fetch --only-binary :all: --requirement "$work/ready-made"
# What pip keeps of earlier builds may come from another Python, with other options. A build-id would be a hash over what
# is stripped later, with the paths of this machine.
CFLAGS=$(dpkg-buildflags --get CFLAGS) LDFLAGS="$(dpkg-buildflags --get LDFLAGS) -Wl,--build-id=none" \
  fetch --no-binary pycdio --no-cache-dir --requirement "$work/to-build"

say "Laying out the package."
"$python" "$here/bundle.py" "$work/packages" "$checkout" "$private" >"$work/elf"
resources=$checkout/resources data=$share/discwright
mkdir -p "$data/icons" "$share/icons" "$share/applications" "$share/metainfo" "$share/man/man1" \
  "$share/bash-completion/completions" "$share/lintian/overrides"
cp -r "$resources/icons/." "$data/icons"
(cd "$resources" && find locale -name '*.mo' -exec cp --parents {} "$data" \;)
ln -s ../../../share/discwright "$private/discwright/data"
cp -r "$resources/icons/hicolor" "$share/icons"
cp "$resources"/*.desktop "$share/applications"
cp "$resources"/*.metainfo.xml "$share/metainfo"
cp "$here/launcher" "$root/usr/bin/discwright"
cp "$here/copyright" "$doc/copyright"
cp "$here/lintian-overrides" "$share/lintian/overrides/discwright"
PYTHONPATH=$checkout/app "$python" "$here/manual.py" man "$(date -d "@$SOURCE_DATE_EPOCH" +%F)" |
  gzip -9n >"$share/man/man1/discwright.1.gz"
PYTHONPATH=$checkout/app "$python" "$here/manual.py" completion >"$share/bash-completion/completions/discwright"
gzip -9n <"$checkout/CHANGELOG.md" >"$doc/changelog.gz"
maintainer=$(sed -n 's/^Maintainer: //p' "$here/control.in")
printf 'discwright (%s) unstable; urgency=medium\n\n  * Built for %s; what is new is in changelog.gz.\n\n -- %s  %s\n' \
  "$version" "$release" "$maintainer" "$(date -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n >"$doc/changelog.Debian.gz"

mkdir "$work/debian"
printf 'Source: discwright\n\nPackage: discwright\nArchitecture: any\n' >"$work/debian/control"
mapfile -t elf <"$work/elf"
(cd "$work" && quietly dpkg-shlibdeps --warnings=0 -Tsubstvars "${elf[@]/#/-e}" \
  -l"$private/PySide6/Qt/lib" -l"$private/PySide6" -l"$private/shiboken6") ||
  fail "The libraries that the package depends on couldn't be found out."
libraries=$(sed -n 's/^shlibs:Depends=//p' "$work/substvars")

find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -exec chmod 644 {} +
size=$(find "$root/usr" -type f -printf '%s\n' | awk '{total += int(($1 + 1023) / 1024)} END {print total}')
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" \
  -e "s/@PYTHON@/3.$minor/" -e "s/@PYTHON_AFTER@/3.$((minor + 1))/" -e "s/@LIBRARIES@/$libraries/" \
  "$here/control.in" >"$root/DEBIAN/control"
cp "$here/postinst" "$here/prerm" "$root/DEBIAN"
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
chmod 755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm" "$root/usr/bin/discwright"
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

package=$output/discwright_${version}_$architecture.deb
say "Packing."
quietly dpkg-deb --root-owner-group -Z"${DPKG_DEB_COMPRESSOR_TYPE:-xz}" --build "$root" "$work/package.deb" ||
  fail "The package couldn't be packed. The reason is above."
mv "$work/package.deb" "$package"
say "Ready: $(basename "$package"), $(($(stat -c %s "$package") / 1000000)) MB. To install it: sudo apt install ./$(basename "$package")"
echo "$package"
