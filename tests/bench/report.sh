#!/usr/bin/env bash
# Audit reports over HTTP, request to last byte: the demonstration study's first site, and the largest
# site of ../shared/data/clindata (69 subjects, 12,702 forms) with the indicators of all its sites.
# report.sh RESULTS
#
# "cold" is the first report of a service that has just started (fonts and files are in the system's
# cache); "warm" the median of the next ones.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
. tests/e2e/harness.sh
. tests/e2e/clindata.sh

warm_runs=${WALKIE_BENCH_ROUNDS:-9}

# serve EDC CTMS: a quiet service and gateway of their own.
serve() {
    kill_and_wait "$gateway_pid"
    kill_and_wait "$service_pid"
    service_log=$work/service.log gateway_log=$work/gateway.log
    : >"$service_log"
    : >"$gateway_log"
    in_background "$service_binary" --listen tcp://127.0.0.1:0 --admin 127.0.0.1:0 --spool-dir "$work" \
        --log-format json --log-file "$service_log" --edc "sqlite:$1" --ctms "sqlite:$2"
    service_pid=$last_pid
    until_true grep -q service.ready "$service_log" || return 1
    in_background "$gateway_binary" --listen 127.0.0.1:0 --admin 127.0.0.1:0 --log-format json \
        --log-file "$gateway_log" --backend "$(address_in "$service_log")"
    gateway_pid=$last_pid
    until_true grep -q service.ready "$gateway_log" || return 1
    gateway_address=$(address_in "$gateway_log")
    until_true answers "http://$gateway_address/readyz"
}

address_in() {
    sed -nE 's/.*"event":"service\.ready","address":"([^"]*)".*/\1/p' "$1"
}

# fetch SITE FORMAT: "milliseconds to the last byte, to the first", the file in $work/report.
fetch() {
    curl -sS -f -o "$work/report" --max-time 60 -w '%{time_total} %{time_starttransfer}\n' \
        "http://$gateway_address/v1/centers/$1/audit-report?format=$2&timeout=60s" |
        awk '{ print $1 * 1000, $2 * 1000 }'
}

median() {
    sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# write_line DATA SITE FORMAT CACHE WALL_MS FIRST_BYTE_MS RUNS
write_line() {
    local pages=0 peak_kb
    if [[ $3 == pdf ]]; then
        pages=$(pdfinfo "$work/report" | awk '/^Pages:/ { print $2 }')
    fi
    peak_kb=$(awk '/^VmHWM:/ { print $2 }' "/proc/$service_pid/status")
    awk -v wall="$5" -v pages="$pages" -v rest="$(printf '"first_byte_ms":%.1f,"pages":%s,"bytes":%s,"peak_kb":%s,"runs":%s' \
        "$6" "$pages" "$(stat -c %s "$work/report")" "$peak_kb" "$7")" \
        -v head="$(printf '"bench":"report","variant":"walkie","data":"%s","site":"%s","format":"%s","cache":"%s","database":"sqlite"' \
            "$1" "$2" "$3" "$4")" \
        'BEGIN { printf "{%s,\"wall_ms\":%.1f,%s,\"pages_s\":%.0f}\n", head, wall, rest, pages * 1000 / wall }' \
        >>"$results"
}

# measure DATA SITE EDC CTMS
measure() {
    local cold i format
    for format in pdf json; do
        serve "$3" "$4" || return 1
        cold=$(fetch "$2" "$format") || return 1
        write_line "$1" "$2" "$format" cold "${cold% *}" "${cold#* }" 1
        : >"$work/warm"
        for ((i = 0; i < warm_runs; i++)); do
            fetch "$2" "$format" >>"$work/warm" || return 1
        done
        write_line "$1" "$2" "$format" warm "$(cut -d ' ' -f 1 "$work/warm" | median)" \
            "$(cut -d ' ' -f 2 "$work/warm" | median)" "$warm_runs"
    done
}

begin build/release
measure demo 101 "$study/edc.sqlite" "$study/ctms.sqlite" || exit 1
if has_clindata; then
    import_clindata || exit 1
    measure clindata 140 "$clindata_edc" "$clindata_ctms" || exit 1
else
    echo "(no clindata: $clindata is not there)"
fi
