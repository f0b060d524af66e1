#!/bin/sh
# Makes the two captures that bench/meter.sh measures on: bench/captures.sh DIR
#   web.pcap    1,000,000 packets, about 1.1 GB and 6,800 flows: HTTP, nginx and wrk
#   flood.pcap  1,578,209 packets, 110 MB: a SYN flood from random sources (hping3)
# Root, Debian. Two network namespaces of its own, removed at the end. A file that is
# there already is kept.
set -eu
[ $# = 1 ] || { echo "usage: bench/captures.sh DIR" >&2; exit 2; }
mkdir -p "$1"
dir=$(cd "$1" && pwd)
[ -s "$dir/web.pcap" ] && [ -s "$dir/flood.pcap" ] && exit 0
[ "$(id -u)" = 0 ] || { echo "bench/captures.sh makes network namespaces: run it as root" >&2; exit 1; }
for p in iproute2 ethtool tcpdump nginx-light wrk hping3; do
	dpkg-query -W -f '${Status}' $p 2>/dev/null | grep -q 'ok installed' ||
		{ echo "bench/captures.sh: apt-get install $p" >&2; exit 1; }
done

a=ftbench$$-a b=ftbench$$-b work=$(mktemp -d)
chmod 755 "$work"
clean() {
	for n in $a $b; do
		ip netns pids $n 2>/dev/null | xargs -r kill 2>/dev/null || true
	done
	sleep 0.3
	ip netns del $a 2>/dev/null || true
	ip netns del $b 2>/dev/null || true
	rm -rf "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM

ip netns add $a
ip netns add $b
ip -n $a link add fta type veth peer name ftb netns $b
for side in "$a fta 192.0.2.1" "$b ftb 192.0.2.2"; do
	set -- $side
	ip -n "$1" addr add "$3/24" dev "$2"
	ip -n "$1" link set lo up
	ip -n "$1" link set "$2" up
	# Frames as on a wire: none larger than 1514 bytes, checksums filled in.
	ip netns exec "$1" ethtool -K "$2" tx off tso off gso off gro off
done

web() {
	mkdir -p "$work/site"
	head -c 150000 /dev/urandom >"$work/site/page"
	cat >"$work/nginx.conf" <<-CONF
		user www-data;
		pid $work/pid;
		error_log $work/error.log;
		events { worker_connections 1024; }
		http { access_log off; server { listen 80; root $work/site; } }
	CONF
	ip netns exec $b nginx -c "$work/nginx.conf" -e "$work/error.log" 2>"$work/nginx.log"
	# A rate that the recorder keeps up with.
	ip -n $b link set ftb txqueuelen 10000
	ip netns exec $b tc qdisc add dev ftb root tbf rate 600mbit burst 256k latency 100ms
	ip netns exec $a tcpdump -q -n -i fta -Z root -B 524288 -c 1000000 -w "$dir/web.part" tcp port 80 &
	recorder=$!
	sleep 1
	ip netns exec $a timeout 120 wrk -t 1 -c 24 -d 100 -H 'Connection: close' http://192.0.2.2/page >"$work/wrk.log" &
	client=$!
	wait $recorder
	kill $client 2>/dev/null || true
	mv "$dir/web.part" "$dir/web.pcap"
}

flood() {
	# The victim does not answer: the file holds the attacker's packets only.
	ip netns exec $b tcpdump -q -n -i ftb -Z root -B 524288 -c 1578209 -w "$dir/flood.part" 'tcp[tcpflags] = tcp-syn and dst host 192.0.2.2' &
	recorder=$!
	sleep 1
	ip netns exec $a timeout 120 hping3 --flood --rand-source -S -p 80 192.0.2.2 >"$work/hping.log" 2>&1 &
	client=$!
	wait $recorder
	kill $client 2>/dev/null || true
	mv "$dir/flood.part" "$dir/flood.pcap"
}

[ -s "$dir/web.pcap" ] || web
[ -s "$dir/flood.pcap" ] || flood
ls -l "$dir"/*.pcap >&2
