#!/usr/bin/env bash
# make bench: Go benchmarks, then Firetower beside its peers on captures that
# bench/captures.sh makes once (root, Debian) and keeps in $FIRETOWER_BENCH.
set -euo pipefail
cd "$(dirname "$0")/.."
dir=${FIRETOWER_BENCH:-/var/tmp/firetower-bench}

go test -run '^$' -bench . -benchmem ./internal/packet ./internal/flow ./internal/feature ./internal/payload ./internal/forest/...

if [ -s "$dir/web.pcap" ] && [ -s "$dir/flood.pcap" ] || bench/captures.sh "$dir"; then
  bench/meter.sh "$dir" "${RUNS:-5}"
else
  echo "bench: no captures to read; bench/captures.sh says what it needs" >&2
fi
echo
echo "The forest beside scikit-learn: bench/forest.py parity; bench/forest.py speed --full (bench/README.md)"
