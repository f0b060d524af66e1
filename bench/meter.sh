#!/bin/sh
# Reads web.pcap and flood.pcap with each program in turn and prints wall time,
# ratio to tcpdump and peak memory: bench/meter.sh DIR [RUNS]
# DIR holds what bench/captures.sh made. Output goes to a file in DIR or is discarded.
# Uses bin/firetower, or $FIRETOWER; leaves out what is not installed.
set -eu
[ $# -ge 1 ] || { echo "usage: bench/meter.sh DIR [RUNS]" >&2; exit 2; }
dir=$(cd "$1" && pwd)
runs=${2:-3}
here=$(cd "$(dirname "$0")/.." && pwd)
firetower=${FIRETOWER:-$here/bin/firetower}
for p in hyperfine tcpdump /usr/bin/time; do
	command -v $p >/dev/null || { echo "bench/meter.sh: apt-get install hyperfine tcpdump time" >&2; exit 1; }
done
out=$(mktemp -d "$dir/meter.XXXXXX")
trap 'rm -rf "$out"' EXIT

# one NAME FILE COMMAND: a line of the table; the first of a file is the measure.
one() {
	name=$1 file=$2 command=$3
	if ! /usr/bin/time -f %M -o "$out/mem" sh -c "exec $command" >"$out/log" 2>&1; then
		printf '%-22s %-6s failed: %s\n' "$name" "$file" "$(tail -1 "$out/log")"
		return
	fi
	hyperfine -w 1 -r "$runs" --prepare "rm -rf $out/nf/*" --export-csv "$out/csv" "sh -c \"exec $command\"" >"$out/log" 2>&1
	wall=$(awk -F, 'NR==2 {print $2}' "$out/csv")
	base=${base:-$wall}
	printf '%-22s %-6s %8.2f s  %7.2f x  %8.0f MB\n' "$name" "$file" "$wall" "$(echo "$wall $base" | awk '{print $1/$2}')" \
		"$(awk '{print $1/1024}' "$out/mem")"
}

for file in web flood; do
	pcap=$dir/$file.pcap
	[ -s "$pcap" ] || { echo "bench/meter.sh: no $pcap; run bench/captures.sh $dir" >&2; exit 1; }
	cat "$pcap" >/dev/null # into the page cache
	base=
	one "tcpdump -w /dev/null" $file "tcpdump -r $pcap -w /dev/null"
	if command -v softflowd >/dev/null; then
		one "softflowd" $file "softflowd -r $pcap -n 127.0.0.1:9 -p $out/pid -c none"
	fi
	if command -v nfpcapd >/dev/null; then
		mkdir -p "$out/nf"
		one "nfpcapd" $file "nfpcapd -r $pcap -w $out/nf"
	fi
	one "firetower detect" $file "$firetower detect --json $pcap"
	one "firetower flows" $file "$firetower flows $pcap"
done
