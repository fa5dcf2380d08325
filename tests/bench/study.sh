#!/usr/bin/env bash
# Whole-study runs over HTTP: the demonstration study (12 sites) and ../shared/data/clindata (176 sites), each
# in PDF and JSON; what a run costs single reports beside it; and how soon it stops when its client
# leaves. study.sh RESULTS
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
. tests/e2e/harness.sh
. tests/e2e/clindata.sh
. tests/bench/report_services.sh

cancels=${WALKIE_BENCH_ROUNDS:-20}
singles=15

# run_study STUDY FORMAT [CURL ARGUMENT...]: "milliseconds to the last byte, to the first".
run_study() {
    local study_name=$1 format=$2
    shift 2
    curl -sS -f -o "$work/study.zip" -X POST --max-time 900 -w '%{time_total} %{time_starttransfer}\n' \
        "$@" "http://$gateway_address/v1/studies/$study_name/audit-reports?format=$format&timeout=900s" |
        awk '{ print $1 * 1000, $2 * 1000 }'
}

# figures NAME: p50 and p99 of the numbers in a file.
quantiles() {
    sort -n "$1" | awk '{ value[NR] = $1 }
        END { printf "%.2f %.2f\n", value[int((NR + 1) / 2)], value[NR - int(NR / 100)] }'
}

# single_reports SITE: so many JSON reports of one site, one after the other; p50 in ms.
single_reports() {
    local i
    : >"$work/singles"
    for ((i = 0; i < singles; i++)); do
        curl -sS -f -o "$work/single" --max-time 60 -w '%{time_total}\n' \
            "http://$gateway_address/v1/centers/$1/audit-report?format=json" |
            awk '{ print $1 * 1000 }' >>"$work/singles" || return 1
    done
    quantiles "$work/singles" | cut -d ' ' -f 1
}

# measure DATA STUDY SITE EDC CTMS
measure() {
    local format times sites idle busy pid peak
    for format in pdf json; do
        serve "$4" "$5" || return 1
        idle=$(single_reports "$3") || return 1
        times=$(run_study "$2" "$format") || return 1
        peak=$(awk '/^VmHWM:/ { print $2 }' "/proc/$service_pid/status")
        sites=$(unzip -p "$work/study.zip" manifest.json | sed -nE 's/^  "made": ([0-9]+),/\1/p')
        run_study "$2" "$format" >/dev/null &
        pid=$!
        busy=$(single_reports "$3") || return 1
        kill "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
        awk -v wall="${times% *}" -v first="${times#* }" -v sites="$sites" -v peak="$peak" -v idle="$idle" \
            -v busy="$busy" -v data="$1" -v format="$format" -v bytes="$(stat -c %s "$work/study.zip")" 'BEGIN {
                printf "{\"bench\":\"study\",\"variant\":\"walkie\",\"data\":\"%s\",\"format\":\"%s\",\"database\":\"sqlite\",", data, format
                printf "\"sites\":%d,\"wall_ms\":%.0f,\"first_byte_ms\":%.1f,\"reports_s\":%.1f,", sites, wall, first, sites * 1000 / wall
                printf "\"bytes\":%s,\"peak_kb\":%s,\"single_idle_ms\":%.1f,\"single_beside_ms\":%.1f,\"runs\":1}\n", bytes, peak, idle, busy
            }' >>"$results"
    done
}

# measure_cancel DATA STUDY EDC CTMS: the client leaves somewhere in the middle.
measure_cancel() {
    local i pid
    serve "$3" "$4" || return 1
    for ((i = 0; i < cancels; i++)); do
        : >"$work/part"
        curl -sS -N -o "$work/part" -X POST "http://$gateway_address/v1/studies/$2/audit-reports?format=pdf" 2>/dev/null &
        pid=$!
        until_true test -s "$work/part" || return 1
        until_true reached_bytes $((20000 + i * 90000)) || return 1
        kill "$pid"
        wait "$pid" 2>/dev/null
        until_true has_stopped $((i + 1)) || return 1
    done
    sed -nE 's/.*"event":"ctx\.stopped".*"stop_latency_ms":([0-9.]+).*/\1/p' "$service_log" >"$work/stops"
    awk -v figures="$(quantiles "$work/stops")" -v runs="$cancels" -v data="$1" 'BEGIN {
        split(figures, figure, " ")
        printf "{\"bench\":\"study_cancel\",\"variant\":\"walkie\",\"data\":\"%s\",\"stop_ms_p50\":%s,\"stop_ms_p99\":%s,\"runs\":%d}\n", data, figure[1], figure[2], runs
    }' >>"$results"
}

reached_bytes() {
    (($(stat -c %s "$work/part") >= $1))
}

has_stopped() {
    (($(grep -c '"event":"ctx.stopped"' "$service_log") >= $1))
}

begin build/release
measure demo WLK-301 101 "sqlite:$study/edc.sqlite" "sqlite:$study/ctms.sqlite" || exit 1
measure_cancel demo WLK-301 "sqlite:$study/edc.sqlite" "sqlite:$study/ctms.sqlite" || exit 1
if has_clindata; then
    import_clindata || exit 1
    measure clindata AA-AA-000-0000 140 "sqlite:$clindata_edc" "sqlite:$clindata_ctms" || exit 1
else
    echo "(no clindata: $clindata is not there)"
fi
