#!/usr/bin/env bash
# What one report costs as a study grows: in subjects (one site, more of them), in forms (they grow
# with the subjects: some 40 a subject), and in sites (the others, whose counts the indicators need).
# scaling.sh RESULTS
#
# Each size is a demonstration study of its own, twice as large as the one before; "cold" counts all
# sites, "warm" finds the counts kept. `ratio` is this size's time over the one before it: 2 is
# linear, less is what does not grow (the cover, fonts, a process that starts).
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
. tests/e2e/harness.sh
. tests/bench/report_services.sh

runs=${WALKIE_BENCH_ROUNDS:-5}
subject_sizes=(25 50 100 200) # at each of two sites
site_sizes=(12 24 48 96)       # of twelve subjects each

# measure GROWS SITES SUBJECTS: one study, one line. `cold_before` and `warm_before` are the last size's.
measure() {
    local folder=$work/study cold warm forms pages peak_kb i
    rm -rf "$folder"
    mkdir "$folder"
    "$data_binary" demo --sites "$2" --subjects "$3" --edc "sqlite:$folder/edc.sqlite" \
        --ctms "sqlite:$folder/ctms.sqlite" >"$work/demo.log" 2>&1 || {
        tail -n 5 "$work/demo.log"
        return 1
    }
    forms=$(sqlite3 "$folder/edc.sqlite" "SELECT count(*) FROM form f JOIN subject_event e ON e.event_id
        = f.event_id JOIN subject s ON s.subject_id = e.subject_id JOIN site i ON i.site_id = s.site_id
        WHERE i.site_no = '101'")
    : >"$work/cold"
    : >"$work/warm"
    for ((i = 0; i < runs; i++)); do
        serve "sqlite:$folder/edc.sqlite" "sqlite:$folder/ctms.sqlite" || return 1
        fetch 101 pdf >>"$work/cold" || return 1
        fetch 101 pdf >>"$work/warm" || return 1
        fetch 101 pdf >>"$work/warm" || return 1
    done
    cold=$(median <"$work/cold")
    warm=$(median <"$work/warm")
    pages=$(pdfinfo "$work/report" | awk '/^Pages:/ { print $2 }')
    peak_kb=$(awk '/^VmHWM:/ { print $2 }' "/proc/$service_pid/status")
    awk -v cold="$cold" -v warm="$warm" -v before="$cold_before" -v warm_before="$warm_before" \
        -v head="$(printf '"bench":"scaling","variant":"walkie","grows":"%s","sites":%s,"subjects":%s,"forms":%s' \
            "$1" "$2" "$3" "$forms")" -v rest="\"pages\":$pages,\"peak_kb\":$peak_kb,\"runs\":$runs" \
        'function ratio(now, past) { return past > 0 ? now / past : 0 }
        BEGIN { printf "{%s,\"cold_ms\":%.1f,\"cold_ratio\":%.2f,\"warm_ms\":%.1f,\"warm_ratio\":%.2f,%s}\n", head,
            cold, ratio(cold, before), warm, ratio(warm, warm_before), rest }' \
        >>"$results"
    cold_before=$cold warm_before=$warm
}

begin build/release
cold_before=0 warm_before=0
for size in "${subject_sizes[@]}"; do
    measure subjects 2 "$size" || exit 1
done
cold_before=0 warm_before=0
for size in "${site_sizes[@]}"; do
    measure sites "$size" 12 || exit 1
done
