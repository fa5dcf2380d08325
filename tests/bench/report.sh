#!/usr/bin/env bash
# Audit reports over HTTP, request to last byte, from SQLite and from PostgreSQL: the demonstration
# study's first site, and the largest site of ../shared/data/clindata (69 subjects, 12,702 forms) with
# the indicators of all its sites.
# report.sh RESULTS
#
# "cold" is the first report of a service that has just started (fonts and files are in the system's
# cache), the median over several services; "warm" the median of the next ones, for which the counts
# of all sites are kept.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
. tests/e2e/harness.sh
. tests/e2e/clindata.sh
. tests/bench/report_services.sh

warm_runs=${WALKIE_BENCH_ROUNDS:-9}
cold_runs=3

# median_of COLUMN FILE: of the lines that fetch prints.
median_of() {
    cut -d ' ' -f "$1" "$2" | median
}

# write_line DATA SITE FORMAT CACHE DATABASE WALL_MS FIRST_BYTE_MS RUNS
write_line() {
    local pages=0 peak_kb
    if [[ $3 == pdf ]]; then
        pages=$(pdfinfo "$work/report" | awk '/^Pages:/ { print $2 }')
    fi
    peak_kb=$(awk '/^VmHWM:/ { print $2 }' "/proc/$service_pid/status")
    awk -v wall="$6" -v pages="$pages" -v rest="$(printf '"first_byte_ms":%.1f,"pages":%s,"bytes":%s,"peak_kb":%s,"runs":%s' \
        "$7" "$pages" "$(stat -c %s "$work/report")" "$peak_kb" "$8")" \
        -v head="$(printf '"bench":"report","variant":"walkie","data":"%s","site":"%s","format":"%s","cache":"%s","database":"%s"' \
            "$1" "$2" "$3" "$4" "$5")" \
        'BEGIN { printf "{%s,\"wall_ms\":%.1f,%s,\"pages_s\":%.0f}\n", head, wall, rest, pages * 1000 / wall }' \
        >>"$results"
}

# measure DATA SITE DATABASE EDC CTMS (uris)
measure() {
    local i format
    for format in pdf json; do
        : >"$work/cold"
        : >"$work/warm"
        for ((i = 0; i < cold_runs; i++)); do
            serve "$4" "$5" || return 1
            fetch "$2" "$format" >>"$work/cold" || return 1
        done
        write_line "$1" "$2" "$format" cold "$3" "$(median_of 1 "$work/cold")" \
            "$(median_of 2 "$work/cold")" "$cold_runs"
        for ((i = 0; i < warm_runs; i++)); do
            fetch "$2" "$format" >>"$work/warm" || return 1
        done
        write_line "$1" "$2" "$format" warm "$3" "$(median_of 1 "$work/warm")" \
            "$(median_of 2 "$work/warm")" "$warm_runs"
    done
}

# load NAME IMPORT...: two databases of the server, filled; their uris are $edc and $ctms. What the
# server would do by itself later (its tests' server does not): statistics.
load() {
    local name=$1
    shift
    edc=$(tests/support/postgres database "$work/postgres" "${name}_edc") || return 1
    ctms=$(tests/support/postgres database "$work/postgres" "${name}_ctms") || return 1
    "$data_binary" "$@" --edc "$edc" --ctms "$ctms" >"$work/load.log" 2>&1 || {
        tail -n 5 "$work/load.log"
        return 1
    }
    psql -q -d "$edc" -c ANALYZE && psql -q -d "$ctms" -c ANALYZE
}

stop_all() {
    tests/support/postgres stop "$work/postgres"
    stop_everything
}

begin build/release
measure demo 101 sqlite "sqlite:$study/edc.sqlite" "sqlite:$study/ctms.sqlite" || exit 1
if has_clindata; then
    import_clindata || exit 1
    measure clindata 140 sqlite "sqlite:$clindata_edc" "sqlite:$clindata_ctms" || exit 1
else
    echo "(no clindata: $clindata is not there)"
fi
trap stop_all EXIT
tests/support/postgres start "$work/postgres" || exit 1
load demo demo --manifest "$work/problems.json" --lab-results "$work/lab.jsonl" &&
    measure demo 101 postgresql "$edc" "$ctms" || exit 1
if has_clindata; then
    load clindata import clindata "$clindata" && measure clindata 140 postgresql "$edc" "$ctms" || exit 1
fi
