#!/bin/sh
# Word count of 200 MB of text, side by side: this store, a plain Go program,
# and ClickHouse where Python's chdb is installed (pip install chdb).
#
#     tables/text/testdata/bench.sh [RUNS]
set -eu
cd "$(dirname "$0")/.."
runs=${1:-3}
corpus=${TEXT_CORPUS:-$(mktemp -d)}
[ -n "${TEXT_CORPUS:-}" ] || trap 'rm -rf "$corpus"' EXIT
TEXT_CORPUS=$corpus go test -tags gms_pure_go -run '^$' -bench 'WordCount$|Baseline$' -benchtime "${runs}x" . |
	awk '/^Benchmark/ { sub(/-[0-9]+$/, "", $1); sub(/^Benchmark/, "", $1); printf "%-44s %6.2f s\n", $1, $3 / 1e9 }'
if python3 -c 'import chdb' 2>/dev/null; then
	python3 testdata/bench_chdb.py "$corpus" "$runs"
else
	echo "ClickHouse skipped: Python's chdb is missing"
fi
