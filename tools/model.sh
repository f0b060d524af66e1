#!/usr/bin/env bash
# Trains the bundled model anew, byte for byte (docs/model-card.md).
#   tools/model.sh          writes internal/detect/bundled/default.firetower
#   tools/model.sh --check  compares with it and writes nothing
# SOURCES (cicids, lab, field; default: all) says what to train on, CICIDS, LAB and FIELD where it is, BIN the program,
# OUT where to write.
set -euo pipefail
cd "$(dirname "$0")/.."
sources=${SOURCES:-cicids lab field}
cicids=${CICIDS:-../shared/data/cicids2017/cicids2017_improved_cns2022_sample.csv.gz}
lab=${LAB:-lab/flows.csv.gz}
field=${FIELD:-../shared/data/field}
bin=${BIN:-bin/firetower}
model=${OUT:-internal/detect/bundled/default.firetower}

[[ -x $bin ]] || { echo "model: no $bin: run 'make build' first" >&2; exit 1; }
missing=0
need() { [[ -e $1 ]] || { echo "model: $1 is missing: $2" >&2; missing=1; }; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
data=()
for s in $sources; do
    case $s in
    cicids) need "$cicids" "the corrected CICIDS2017 sample; CICIDS=FILE says where it is"; data+=(--data "$cicids") ;;
    lab) need "$lab" "flows of the lab; LAB=FILE says where they are"; data+=(--data "$lab") ;;
    field) need "$field/manifest.tsv" "captures with a manifest; FIELD=DIR says where they are"; data+=(--data "$out/field") ;;
    *) echo "model: there is no source $s; there are cicids, lab and field" >&2; exit 1 ;;
    esac
done
((missing == 0)) || exit 3
case " $sources " in *" field "*) go run ./bench/sources -bin "$bin" -field "$field" -write "$out/field" ;; esac

preset=(--preset sources --group file)
[[ $sources == cicids ]] && preset=()
"$bin" train "${data[@]}" "${preset[@]}" --without honesty --out "$out/model" 2>"$out/log" || { cat "$out/log" >&2; exit 1; }
if [[ ${1:-} == --check ]]; then
    cmp "$out/model/model.firetower" "$model" && echo "model: the same bytes"
else
    cp "$out/model/model.firetower" "$model"
    grep -i 'macro-f1' "$out/log" || true
    sha256sum "$model"
fi
