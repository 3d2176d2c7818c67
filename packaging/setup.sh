# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# What run.sh and test.sh share: the system packages and the virtual environment `.venv`.
# Sourced, not run. Speaks on standard error only: standard output belongs to the program.
#
# Environment:
#   DISCWRIGHT_PYTHON       the Python (3.11 or newer) to build `.venv` with
#   DISCWRIGHT_NO_PACKAGES  not empty: install no system packages, go on with what is there

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$checkout/.venv

qt_packages=(
  libegl1 libgl1 libopengl0 libglib2.0-0/libglib2.0-0t64 libdbus-1-3 libfontconfig1 libfreetype6 libxkbcommon0
  libxkbcommon-x11-0 libx11-6 libx11-xcb1 libxcb1 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
  libxcb-randr0 libxcb-render-util0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1
  libwayland-client0 libwayland-cursor0 libwayland-egl1
)

# Each line: why | packages. Packages that were renamed between releases are written old/new.
packages_for_running=(
  "libcdio: opens drives and disc images|libcdio-dev libiso9660-dev"
  "to build pycdio, libcdio's Python binding (PyPI has its source only)|gcc libc6-dev swig pkg-config/pkgconf"
  "libudev: tells what is plugged in|libudev1"
  "UDisks2: access to drives without being root|udisks2"
  "xorriso: talks to burners|xorriso"
  "cdrdao: burns music, mixed-mode and Mode 2 CDs, which xorriso can't|cdrdao"
  "to unpack compressed images on the way to a stick|xz-utils zstd lz4 bzip2 gzip"
  "file systems for sticks that are given back, or that a Windows installer goes on|dosfstools exfatprogs"
  "wimlib: splits the one file of a Windows installer that FAT32 can't hold|wimtools"
  "what Qt needs to show a window|${qt_packages[*]}"
  "a font for the window|fonts-dejavu-core"
)
packages_for_testing=(
  "umockdev: the virtual drive of the tests|umockdev"
  "dbus: a private bus for the tests|dbus"
  "other makers of disc images, to test against|genisoimage udftools cdrskin"
  "other readers of discs, to compare with|gddrescue libcdio-utils"
  "other packers and writers of images, to compare with|zip bmap-tools"
  "file systems and partitions for the tests of sticks|e2fsprogs fdisk mtools"
  "other makers of images that start a PC, to test against|grub-common grub-pc-bin grub-efi-amd64-bin isolinux syslinux syslinux-common syslinux-utils"
  "finished images that start a PC, to test against|memtest86+ ipxe"
  "a virtual machine for tests with a real kernel and real drivers, made of packages of this release|qemu-system-x86 qemu-utils mmdebstrap"
  "what a PC starts with, BIOS and UEFI, in the virtual machine|seabios ovmf"
  "checks of the desktop entry and the AppStream data|desktop-file-utils appstream"
  "checks of the Debian package and of the manual page in it|lintian man-db"
)
distribution_free_names="libcdio and libiso9660 with headers, swig, pkg-config, a C compiler, Python's headers and venv, libudev, udisks2, xorriso, cdrdao, wimlib, dosfstools, exfatprogs, xz, zstd, lz4, bzip2, and for Qt: EGL, OpenGL, fontconfig, D-Bus, xkbcommon, xcb-util-cursor and the other xcb-util libraries"

say() { printf '%s\n' "$*" >&2; }
fail() { say "$@"; exit 1; }

# Run a command with its output kept aside; on failure show all of it.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 9>&- || status=$?
  if ((status)); then
    say "This failed with exit status $status: $*"
    cat "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}

# --- Python -------------------------------------------------------------------------------

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local name
  for name in ${DISCWRIGHT_PYTHON:+"$DISCWRIGHT_PYTHON"} \
    python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if name=$(command -v "$name") && is_new_enough "$name"; then
      printf '%s\n' "$name"
      return 0
    fi
  done
  return 1
}

# Give the packages that a Python of the distribution needs beside itself, as lines "why|packages".
packages_beside_python() {
  local python real
  python=$(find_python) || return 0
  real=$(readlink -f "$python")
  [[ $real =~ ^/usr/bin/python3\.[0-9]+$ ]] || return 0
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    printf 'to make the virtual environment .venv|%s\n' "${real##*/}-venv"
  "$python" -c 'import os, sysconfig
os.stat(os.path.join(sysconfig.get_path("platinclude"), "Python.h"))' 2>/dev/null ||
    printf "Python's headers, to build pycdio|%s\n" "${real##*/}-dev"
}

# --- System packages ----------------------------------------------------------------------

has_apt() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }

# Read lines "why|packages"; set `missing` (names as written above) and `reasons` (lines).
find_missing() {
  local line why names name found installed
  declare -A here=()
  while read -r name found; do
    [[ $found == installed ]] && here[$name]=1
  done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' 2>/dev/null)
  missing=() reasons=()
  for line in "$@"; do
    why=${line%%|*} names=()
    for name in ${line#*|}; do
      found=
      for installed in ${name//\// }; do
        [[ -n ${here[$installed]:-} ]] && found=1
      done
      [[ -n $found ]] || names+=("$name")
    done
    if ((${#names[@]})); then
      missing+=("${names[@]}")
      reasons+=("  ${names[*]%%/*}  ($why)")
    fi
  done
}

# Set `chosen`: of each name in `missing`, the variant that this release offers.
choose_variants() {
  local name variant offered
  chosen=()
  for name in "${missing[@]}"; do
    offered=
    for variant in ${name//\// }; do
      if [[ -n $(apt-cache madison "$variant" 2>/dev/null) ]]; then
        offered=$variant
        break
      fi
    done
    if [[ -n $offered ]]; then
      chosen+=("$offered")
    else
      say "This system offers no package $name; going on without it."
    fi
  done
}

# Set `as_root` to the words that go before a command of the administrator.
find_root() {
  if ((EUID == 0)); then
    as_root=()
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 && -t 2 ]]; }; then
    as_root=(sudo)
  else
    return 1
  fi
}

apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
    apt-get -qq -o DPkg::Lock::Timeout=300 "$@"
}

# Bring apt's lists up to date, once. Needs find_root before.
refresh_lists() {
  [[ -z ${refreshed:-} ]] || return 0
  if ((${#as_root[@]})) && ! sudo -n true 2>/dev/null; then
    say "sudo asks for your password, to install system packages."
    sudo -v || fail "Without sudo the packages can't be installed; nothing was changed."
  fi
  quietly apt update ||
    say "The package lists couldn't all be refreshed; trying with those that are here."
  refreshed=yes
}

install_packages() {
  local line
  local refreshed
  local -a missing reasons chosen as_root wanted=("$@")
  if [[ -n ${DISCWRIGHT_NO_PACKAGES:-} ]]; then
    return 0
  fi
  if ! has_apt; then
    say "Only systems with apt are set up by themselves. This one needs: $distribution_free_names."
    say "Going on in case they are there."
    return 0
  fi
  if ! find_python >/dev/null; then
    say "Looking for a Python 3.11 or newer in the package lists; this system's is too old."
    if find_root; then refresh_lists; fi
    for line in 3.14 3.13 3.12 3.11; do
      if [[ -n $(apt-cache madison "python$line" 2>/dev/null) ]]; then
        wanted+=("Python 3.11 or newer|python$line python$line-venv python$line-dev")
        break
      fi
    done
  fi
  while IFS= read -r line; do wanted+=("$line"); done < <(packages_beside_python)
  find_missing "${wanted[@]}"
  ((${#missing[@]})) || return 0
  say "These system packages are missing and will be installed:"
  printf '%s\n' "${reasons[@]}" >&2
  if ! find_root; then
    say "That takes an administrator. Ask one to run:"
    say "  apt-get install --no-install-recommends ${missing[*]%%/*}"
    fail "Then start this again. (To go on without them: DISCWRIGHT_NO_PACKAGES=1.)"
  fi
  refresh_lists
  choose_variants
  ((${#chosen[@]})) || return 0
  say "Installing system packages. This can take a few minutes."
  quietly apt install -y --no-install-recommends "${chosen[@]}" ||
    fail "The packages couldn't be installed. The reason is above."
}

# --- The virtual environment --------------------------------------------------------------

# Give what the environment depends on, as one line; it fails where there is no environment.
fingerprint() {
  local version digest
  version=$("$venv/bin/python" -I -S -c 'import sys; print(sys.version)' 2>/dev/null) || return 1
  digest=$(cat "$checkout/pyproject.toml" "$checkout/packaging/setup.sh" | sha256sum)
  printf '%s %s %s' "$checkout" "${version//$'\n'/ }" "${digest%% *}"
}

# is_ready NAME: was everything for NAME (run, test) done, with these very files?
is_ready() {
  local stamp=$venv/discwright-$1.stamp now
  [[ -r $stamp ]] && now=$(fingerprint) && [[ $(<"$stamp") == "$now" ]]
}

make_venv() {
  local python version old=
  if [[ -r $venv/discwright-place ]]; then old=$(<"$venv/discwright-place"); fi
  version=$("$venv/bin/python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || version=
  if [[ -n $version && -d $venv/lib/python$version && ${old:-$checkout} == "$checkout" ]] &&
    is_new_enough "$venv/bin/python" && "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    return 0
  fi
  if ! python=$(find_python); then
    say "Discwright needs Python 3.11 or newer; this system's is $(python3 --version 2>&1 || true)."
    fail "Install a newer one (such as python3.12 with its venv and dev packages) so that it is on PATH, or name it in DISCWRIGHT_PYTHON."
  fi
  say "Making the virtual environment .venv with $("$python" --version)."
  quietly "$python" -m venv --clear "$venv" ||
    fail "The virtual environment couldn't be made. (Debian and Ubuntu: is python3-venv installed?)"
  printf '%s\n' "$checkout" >"$venv/discwright-place"
}

# Give the requirements of a dependency group, one a line (pip learned to do that in 25.1 only).
requirements_of() {
  "$venv/bin/python" -c 'import sys, tomllib
with open(sys.argv[1], "rb") as file:
    print(*tomllib.load(file)["dependency-groups"][sys.argv[2]], sep="\n")' \
    "$checkout/pyproject.toml" "$1"
}

install_project() {
  local group
  local -a requirements=()
  for group in "$@"; do
    mapfile -t -O "${#requirements[@]}" requirements < <(requirements_of "$group")
  done
  say "Installing Discwright and the Python packages that it needs into .venv. This can take a few minutes."
  quietly env -u PIP_USER -u PIP_TARGET -u PIP_PREFIX PIP_DISABLE_PIP_VERSION_CHECK=1 \
    "$venv/bin/python" -m pip install --quiet --no-input --editable "$checkout" "${requirements[@]}" ||
    fail "The Python packages couldn't be installed. The reason is above."
}

# set_up run | set_up test: make everything ready; quick and silent when it is.
set_up() {
  local what=$1 stamp
  local -a packages=("${packages_for_running[@]}") groups=()
  is_ready "$what" && return 0
  # One at a time: a second start waits here and then finds everything done.
  exec 9>>"$checkout/.venv.lock" || fail "$checkout can't be written to; .venv is made there."
  if ! flock --nonblock 9; then
    say "Another set-up is at work here; waiting for it."
    flock 9
  fi
  if ! is_ready "$what"; then
    if [[ $what == test ]]; then
      packages+=("${packages_for_testing[@]}")
      groups=(test)
    fi
    install_packages "${packages[@]}"
    make_venv
    install_project "${groups[@]}"
    for stamp in run "$what"; do
      fingerprint >"$venv/discwright-$stamp.stamp"
    done
    say "Ready."
  fi
  exec 9>&-
}
