#!/usr/bin/env bash
# Make sure that the build has Go, a C compiler and the libpcap headers: install them
# where a package manager and the rights are there, otherwise say in one line what to do.
set -euo pipefail

if ! command -v go >/dev/null; then
  echo "firetower: Go is missing: install Go 1.26 or later (https://go.dev/dl), then run make again" >&2
  exit 1
fi

have() {
  command -v "${CC:-cc}" >/dev/null &&
    printf '#include <pcap/pcap.h>\nint main(void){return pcap_lib_version()==0;}\n' |
    "${CC:-cc}" -x c - -lpcap -o /dev/null 2>/dev/null
}
have && exit 0

sudo=""
if [ "$(id -u)" != 0 ]; then
  sudo=none
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo="sudo -n"; fi
fi
install() {
  if command -v apt-get >/dev/null; then
    $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq gcc libc6-dev libpcap-dev
  elif command -v dnf >/dev/null; then
    $sudo dnf install -y -q gcc libpcap-devel
  elif command -v apk >/dev/null; then
    $sudo apk add -q gcc musl-dev libpcap-dev
  elif command -v pacman >/dev/null; then
    $sudo pacman -S --noconfirm --needed gcc libpcap
  else
    return 1
  fi
}
if [ "$sudo" != none ] && install >&2 && have; then exit 0; fi
echo "firetower: the build needs a C compiler and the libpcap headers: install gcc and libpcap-dev (Debian, Ubuntu), libpcap-devel (Fedora), libpcap-dev (Alpine) or libpcap (Arch, macOS), then run make again" >&2
exit 1
