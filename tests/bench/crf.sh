#!/usr/bin/env bash
# All forms of clindata, checked: crf.sh RESULTS. The data have no values: a scratch copy is filled
# with made-up ones, and each of its items gets a check. SQLite, and PostgreSQL where its server is
# installed. Without clindata beside the tree: the demonstration study.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
runs=5
data=build/release/report-service/import/walkie-data
bench=build/release/tests/bench/crf_bench
cancel_bench=build/release/tests/bench/crf_cancel_bench
clindata=../shared/data/clindata
work=$(mktemp -d /tmp/walkie-crf-bench-XXXXXX)
server=$work/postgres
log=build/log/bench-crf.log
mkdir -p build/log

stop() {
    if [[ -d $server ]]; then
        tests/support/postgres stop "$server" >/dev/null 2>&1
    fi
    rm -rf "$work"
}
trap stop EXIT

fail() {
    tail -n 20 "$log"
    exit 1
}

fill() {
    /usr/bin/python3 - "$1" <<'PYTHON'
import sqlite3
import sys

connection = sqlite3.connect(sys.argv[1])
connection.executescript("""
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
UPDATE item_data SET value = CASE item_def_id % 4
    WHEN 0 THEN CAST(40 + (item_id * 7919) % 120 AS TEXT)
    WHEN 1 THEN printf('%.1f', ((item_id * 104729) % 1500) / 10.0)
    WHEN 2 THEN printf('2019-%02d-%02d', 1 + item_id % 12, 1 + item_id % 28)
    ELSE CASE item_id % 3 WHEN 0 THEN 'Y' WHEN 1 THEN 'N' ELSE 'NORMAL' END END;
UPDATE item_def SET data_type = CASE item_def_id % 4
    WHEN 0 THEN 'integer' WHEN 1 THEN 'float' WHEN 2 THEN 'date' ELSE 'code' END;
UPDATE item_def SET codelist = 'Y,N,NORMAL' WHERE data_type = 'code';
UPDATE provided SET is_provided = 1 WHERE table_name IN ('item_data.value', 'edit_check');
DELETE FROM edit_check;
INSERT INTO edit_check SELECT item_def_id, 1, 'C' || item_def_id, form_def_id, CASE item_def_id % 4
    WHEN 0 THEN oid || ' between 40 and 158'
    WHEN 1 THEN oid || ' >= 0 and ' || oid || ' < 149'
    WHEN 2 THEN oid || ' <= study.as_of'
    ELSE oid || ' in codelist' END, 'made up', 'soft', 1 FROM item_def;
VACUUM;
""")
PYTHON
}

edc=$work/edc.sqlite
if [[ -d $clindata ]]; then
    study=AA-AA-000-0000
    "$data" import clindata "$clindata" --edc "sqlite:$edc" --ctms "sqlite:$work/ctms.sqlite" >"$log" 2>&1 || fail
    fill "$edc" >>"$log" 2>&1 || fail
else
    echo "(no clindata beside the tree: the demonstration study)"
    study=WLK-301
    "$data" demo --edc "sqlite:$edc" --ctms "sqlite:$work/ctms.sqlite" >"$log" 2>&1 || fail
fi
measure() {
    "$bench" --edc "$1" --study "$study" --runs "$runs" --json "$results" >>"$log" 2>&1 || fail
    "$cancel_bench" --edc "$1" --study "$study" --json "$results" >>"$log" 2>&1 || fail
}

measure "sqlite:$edc"

if tests/support/postgres start "$server" >>"$log" 2>&1; then
    for name in edc ctms; do
        tests/support/postgres database "$server" "crf_$name" >"$work/uri_$name" 2>>"$log" || fail
    done
    "$data" export csv "$work/csv" --edc "sqlite:$edc" --ctms "sqlite:$work/ctms.sqlite" >>"$log" 2>&1 || fail
    "$data" import csv "$work/csv" --edc "$(cat "$work/uri_edc")" --ctms "$(cat "$work/uri_ctms")" >>"$log" 2>&1 || fail
    measure "$(cat "$work/uri_edc")"
else
    echo "(no PostgreSQL server: SQLite alone)"
fi
