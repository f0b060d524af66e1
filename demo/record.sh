#!/bin/sh
# Records demo/demo.pcap.gz and demo/truth.tsv anew: sudo demo/record.sh
# Real servers, real clients and real tools between network namespaces that this
# run makes and removes; takes two minutes. Installs the Debian packages it needs.
set -eu
cd "$(dirname "$0")/.."
if [ "$(id -u)" != 0 ]; then
	echo "demo/record.sh makes network namespaces: run it as root (sudo demo/record.sh)" >&2
	exit 1
fi
lab/install demo
lab/run demo --out demo "$@"
gzip -9nf demo/demo.pcap
ls -l demo/demo.pcap.gz >&2
