#!/usr/bin/env bash
# Install the real servers and the browser that integration tests talk to, where this
# is Debian and the rights are there. Without them those tests are skipped and say so.
set -uo pipefail
packages="iproute2 exim4-daemon-light rsyslog rsyslog-gnutls postgresql chromium strace systemd"
missing=""
for p in $packages; do
  dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing for the integration tests:$missing"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null && exit 0
fi
echo "not installed, so tests that need it are skipped:$missing"
