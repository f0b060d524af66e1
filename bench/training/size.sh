#!/bin/sh
# How long and how much memory all of 'firetower train' takes on data of full size, both
# presets: rows drawn from FLOWS with 1 % noise. Prints a table. Ten minutes or so on two
# idle cores; needs 2 GB of room in DIR.
#
#     bench/training/size.sh FLOWS.csv.gz [ROWS] [DIR]
set -eu
[ $# -ge 1 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0"; exit 2; }
flows=$1 rows=${2:-2800000} dir=${3:-$(mktemp -d)}
cd "$(dirname "$0")/../.."
time=$(command -v time) || { echo "size.sh: needs GNU time (apt-get install time)" >&2; exit 1; }
go build -o "$dir/firetower" ./cmd/firetower
[ -s "$dir/big.csv" ] || go run ./bench/training/big "$flows" "$rows" > "$dir/big.csv"
echo "$rows rows, $(du -m "$dir/big.csv" | cut -f1) MB, $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg)"
echo "| train | wall, s | CPU, s | peak memory, MB | macro-F1 |"
echo "|---|---|---|---|---|"
row() {
	name=$1
	shift
	"$time" -o "$dir/took" -f '%e %U %S %M' "$dir/firetower" train --data "$dir/big.csv" --out "$dir/out" "$@" 2> "$dir/said" ||
		{ tail -1 "$dir/said" >&2; exit 1; }
	f1=$(sed -n 's/^macro-F1 \([0-9.]*\).*/\1/p' "$dir/said")
	awk -v name="$name" -v f1="$f1" '{ printf "| %s | %.0f | %.0f | %.0f | %s |\n", name, $1, $2 + $3, $4 / 1024, f1 }' "$dir/took"
}
row "default preset" --preset default
row "default preset without honesty and refit" --preset default --without honesty,refit
row "paper preset" --preset paper
