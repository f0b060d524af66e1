#!/usr/bin/env bash
# From a clean clone to the first live alert by mail, as docs/operating.md tells it, with
# the time of each step. Needs root, git, Go, nmap, and a mail server at port 25 of this
# machine that takes mail for root (Debian: exim4-daemon-light). The Go build cache is
# an empty one, or that in $CACHE; the module cache is the one that is there.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 1; }
(exec 3<>/dev/tcp/127.0.0.1/25) 2>/dev/null || { echo "no mail server at port 25"; exit 1; }
dir=$(mktemp -d /tmp/first-mail.XXXXXX); chmod 755 "$dir"
pid=
trap '[ -z "$pid" ] || kill $pid 2>/dev/null || true; ip netns del attacker 2>/dev/null || true; rm -rf "$dir"' EXIT
began=$(date +%s.%N)
step() { awk -v a="$began" -v b="$(date +%s.%N)" -v what="$1" 'BEGIN{printf "%6.1f s  %s\n", b-a, what}'; }
mails() { cat /var/mail/mail /var/mail/root 2>/dev/null | grep -c "^Subject: \[Firetower\] $1" || true; }

git clone -q "$here" "$dir/firetower" && cd "$dir/firetower"
GOCACHE=${CACHE:-$dir/cache} make -s build >/dev/null
step "cloned and built"
ip netns add attacker
ip link add ft0 type veth peer name eth0 netns attacker
ip addr add 10.99.0.1/24 dev ft0 && ip link set ft0 up
ip -n attacker addr add 10.99.0.2/24 dev eth0 && ip -n attacker link set eth0 up
cat > firetower.yaml <<END
interfaces: [ft0]
store: {path: $dir/state/firetower.db}
dashboard: {listen: ""}
alerts:
  mail:
    - {host: localhost, tls: none, from: firetower@localhost, to: [root@localhost]}
END
bin/firetower watch --check --config firetower.yaml
bin/firetower alert test --config firetower.yaml
before=$(mails "Port scan")
bin/firetower watch --config firetower.yaml >out 2>err & pid=$!
until grep -q watching err; do sleep 0.1; done
step "watching"
ip netns exec attacker nmap -n -T4 10.99.0.1 >/dev/null & scan=$!
until [ "$(mails "Port scan")" -gt "$before" ]; do sleep 0.1; done
step "the mail is there"
wait $scan
kill -TERM $pid; wait $pid || true; pid=
tail -1 err
