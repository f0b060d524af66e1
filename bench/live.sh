#!/usr/bin/env bash
# The highest rate that one core sends over a veth pair: 'firetower watch', and then
# 'tcpdump -w /dev/null' in the same sitting. Needs root, iproute2, tcpdump.
#   bench/live.sh [SECONDS [SECONDS OF TCPDUMP]]     (600, and as long)
set -euo pipefail
seconds=${1:-600} peer=${2:-${1:-600}}
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "needs root to make network namespaces"; exit 1; }
a=ftlive-a$$ b=ftlive-b$$
dir=$(mktemp -d /tmp/ftlive.XXXXXX); chmod 755 "$dir"
trap 'ip netns del $a 2>/dev/null || true; ip netns del $b 2>/dev/null || true; rm -rf "$dir"' EXIT
ip netns add $a; ip netns add $b
ip link add e0 netns $a type veth peer name e1 netns $b
for x in "$a e0" "$b e1"; do set -- $x
  ip netns exec $1 sysctl -qw net.ipv6.conf.$2.disable_ipv6=1 || true
  ip -n $1 link set $2 up
done
go build -o "$dir/send" ./bench/live
[ -x "${FIRETOWER:=bin/firetower}" ] || go build -o bin/firetower ./cmd/firetower
cat >"$dir/c.yaml" <<END
store: {path: $dir/state/f.db}
dashboard: {listen: ""}
END

# usage PID: CPU seconds and peak memory in MB of a process that still runs.
usage() {
  awk -v hz="$(getconf CLK_TCK)" '{printf "CPU %.1f s, ", ($14+$15)/hz}' "/proc/$1/stat"
  awk '/VmHWM/{printf "memory %.0f MB\n", $2/1024}' "/proc/$1/status"
}

# run NAME SECONDS COMMAND...: watches e1 while the sender works.
run() {
  local name=$1 seconds=$2; shift 2
  ip netns exec $b "$@" >"$dir/$name.out" 2>"$dir/$name.err" &
  local pid=$!
  sleep 3
  read -r sent bytes refused < <(ip netns exec $a "$dir/send" e0 "$seconds")
  sleep 2
  echo "$name: sent $sent frames ($((sent / seconds))/s, $((bytes * 8 / seconds / 1000000)) Mbit/s), refused by the kernel $refused"
  echo "$name: $(usage $pid)"
  kill -TERM $pid; wait $pid || true
  grep -E 'stopped|captured|received by|dropped by' "$dir/$name.err" | sed "s/^/$name: /"
}

date -u +"%F %R UTC, $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), $seconds s and $peer s"
run firetower "$seconds" "$FIRETOWER" watch -i e1 --config "$dir/c.yaml"
run tcpdump "$peer" tcpdump -i e1 -n -B 32768 -w /dev/null
