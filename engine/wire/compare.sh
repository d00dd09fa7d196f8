#!/bin/sh
# Compares the streaming of a million rows of words with MariaDB's, on this
# machine, in one run: starts a MariaDB in a temporary directory, fills a table
# with the benchmark's rows, runs both benchmarks and ends what it started.
# Needs mariadb-server; run it from anywhere in the repository.
set -eu
cd "$(dirname "$0")"
dir=$(mktemp -d)
port=${PORT:-33398}
mariadb-install-db --no-defaults --datadir="$dir/data" --auth-root-authentication-method=normal --user="$(id -un)" >/dev/null
mariadbd --no-defaults --datadir="$dir/data" --port="$port" --bind-address=127.0.0.1 \
	--socket="$dir/sock" --innodb-buffer-pool-size=512M --user="$(id -un)" >"$dir/log" 2>&1 &
pid=$!
trap 'kill $pid; wait $pid || true; rm -rf "$dir"' EXIT
run() { mariadb --no-defaults -h 127.0.0.1 -P "$port" -u root --skip-ssl "$@"; }
for _ in $(seq 100); do
	run -e 'SELECT 1' >/dev/null 2>&1 && break
	sleep 0.1
done
run -e "CREATE DATABASE mem;
	CREATE TABLE mem.words (path VARCHAR(200) NOT NULL, byte_offset BIGINT NOT NULL, pos INT NOT NULL, word LONGTEXT NOT NULL) CHARSET utf8mb4;
	INSERT INTO mem.words SELECT 'books/moby-dick.txt', (seq - 1) * 61, (seq - 1) % 12,
		ELT(1 + (seq - 1) % 19, 'call', 'me', 'ishmael', 'some', 'years', 'ago', 'never', 'mind', 'how', 'long',
			'precisely', 'having', 'little', 'or', 'no', 'money', 'in', 'my', 'purse') FROM mem.seq_1_to_1000000;
	SELECT COUNT(*) FROM mem.words"
WIRE_BENCH_MARIADB="127.0.0.1:$port" go test -tags gms_pure_go -run XXX -bench 'Stream|MariaDB' -benchtime 3x .
