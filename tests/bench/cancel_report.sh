#!/usr/bin/env bash
# A report that is cancelled in each of its phases: how long it goes on, over SQLite and over
# PostgreSQL (a server of its own). cancel_report.sh RESULTS
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
bench=build/release/tests/bench/cancel_report_bench
data_tool=build/release/report-service/import/walkie-data
log=build/log/bench-cancel_report.log
tries=${WALKIE_BENCH_TRIES:-100}

work=$(mktemp -d /tmp/walkie-cancel-report-XXXXXX)
has_server=false
finish() {
    if $has_server; then
        tests/support/postgres stop "$work/server"
    fi
    rm -rf "$work"
}
trap finish EXIT

study=(--edc "sqlite:$work/edc.sqlite" --ctms "sqlite:$work/ctms.sqlite")
mkdir -p build/log
{
    "$data_tool" demo "${study[@]}" &&
        "$bench" "${study[@]}" --lab "$work/edc.sqlite.lab.jsonl" --tries "$tries" --json "$results" &&
        tests/support/postgres start "$work/server"
} >"$log" 2>&1 || {
    tail -n 20 "$log"
    exit 1
}
has_server=true
edc=$(tests/support/postgres database "$work/server" cancel_report_edc) &&
    ctms=$(tests/support/postgres database "$work/server" cancel_report_ctms) || exit 1
"$bench" "${study[@]}" --copy-edc "$edc" --copy-ctms "$ctms" --lab "$work/edc.sqlite.lab.jsonl" \
    --tries "$tries" --json "$results" >>"$log" 2>&1 || {
    tail -n 20 "$log"
    exit 1
}
