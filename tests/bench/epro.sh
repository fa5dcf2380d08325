#!/usr/bin/env bash
# Patients' responses over HTTP: how long a batch of 1,000 takes, on both databases; what 2,000 paced
# requests at once need, and what one without a pace takes beside them. epro.sh RESULTS
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
. tests/e2e/harness.sh
. tests/bench/report_services.sh

rounds=${WALKIE_BENCH_ROUNDS:-5}
responses=1000
at_once=2000
hold=build/release/tests/bench/bench_hold
patient=101-001

# batch: so many PHQ-9 responses, a minute apart, when nothing was due: each is stored.
batch() {
    jq -nc --argjson n "$responses" '[range($n) | . as $i | {resourceType: "QuestionnaireResponse",
        id: "bench-\($i)", status: "completed", questionnaire: "http://example.org/phq-9",
        authored: (1748736000 + 60 * $i | todate),
        item: [range(9) | {linkId: "q\(. + 1)", answer: [{valueInteger: (($i + .) % 4)}]}]}]'
}

stop_postgres() {
    tests/support/postgres stop "$work/postgres"
    stop_everything
}

# fresh DATABASE: an EDC that has no such responses, as a uri.
fresh() {
    if [[ $1 == sqlite ]]; then
        cp "$study/edc.sqlite" "$work/edc.sqlite" && edc=sqlite:$work/edc.sqlite ctms=sqlite:$study/ctms.sqlite
    else
        edc=$(tests/support/postgres database "$work/postgres" "edc_$RANDOM") &&
            ctms=$(tests/support/postgres database "$work/postgres" "ctms_$RANDOM") &&
            "$data_binary" demo --edc "$edc" --ctms "$ctms" >"$work/demo.log" 2>&1
    fi
}

post_batch() {
    curl -sS -o "$work/answer" --max-time 60 -w '%{time_total}\n' -H 'Content-Type: application/fhir+json' \
        --data-binary @"$work/batch.json" "http://$gateway_address/v1/patients/$patient/epro-responses" |
        awk '{ print $1 * 1000 }'
}

# Each round into a database of its own: the second time nothing would be written.
measure_batch() {
    local round first again=0
    : >"$work/first"
    : >"$work/again"
    for ((round = 0; round < rounds; round++)); do
        fresh "$1" && serve "$edc" "$ctms" || return 1
        first=$(post_batch)
        if [[ $(jq .counts.stored "$work/answer") != "$responses" ]]; then
            echo "epro: not all were stored: $(head -c 500 "$work/answer")"
            return 1
        fi
        again=$(post_batch)
        echo "$first" >>"$work/first"
        echo "$again" >>"$work/again"
    done
    printf '{"bench":"epro","variant":"batch","database":"%s","responses":%d,"store_ms":%.0f,"again_ms":%.0f,"runs":%d}\n' \
        "$1" "$responses" "$(median <"$work/first")" "$(median <"$work/again")" "$rounds" >>"$results"
}

# of_process FIELD PID: of /proc/PID/status.
of_process() {
    sed -nE "s/^$1:[[:space:]]*([0-9]*).*/\1/p" "/proc/$2/status"
}

paced_ended() {
    (($(grep -c '"event":"rpc.end".*"paused_ms"' "$service_log") >= at_once))
}

# All of them at once, PACE before each of five steps. A second does not fit into the three that
# they have: it stops them, each at its own time.
measure_paced() {
    local pace=$1 idle_threads gateway_kb service_kb
    fresh sqlite && serve "$edc" "$ctms" || return 1
    http "/process/$patient"
    idle_threads=$(of_process Threads "$service_pid")
    gateway_kb=$(of_process VmRSS "$gateway_pid")
    service_kb=$(of_process VmRSS "$service_pid")
    coproc "$hold" "${gateway_address##*:}" "$at_once" "/process/$patient?pace=$pace"
    local hold_pid=$COPROC_PID in=${COPROC[1]}
    read -r -t 30 _ <&"${COPROC[0]}" || return 1
    http "/process/$patient"
    local beside_ms threads
    beside_ms=$(awk -v s="$seconds" 'BEGIN { print s * 1000 }')
    threads=$(of_process Threads "$service_pid")
    until_true paced_ended || return 1
    exec {in}>&-
    wait "$hold_pid"
    printf '{"bench":"epro_paced","variant":"%s","at_once":%d,"done":%d,"stopped_in_3":%d,"slowest_ms":%.0f,"beside_ms":%.1f,"threads_idle":%d,"threads":%d,"gateway_kb":%d,"service_kb":%d,"runs":1}\n' \
        "pace=$pace" "$at_once" "$(($(grep -c '"event":"epro.done"' "$service_log") - 2))" \
        "$(grep -c '"event":"epro.stopped".*"step":3' "$service_log")" \
        "$(sed -nE '/"paused_ms"/s/.*"elapsed_ms":([0-9.]*).*/\1/p' "$service_log" | sort -n | tail -n 1)" \
        "$beside_ms" "$idle_threads" "$threads" \
        "$(($(of_process VmHWM "$gateway_pid") - gateway_kb))" "$(($(of_process VmHWM "$service_pid") - service_kb))" >>"$results"
}

ulimit -n 20000 || {
    echo "epro: 20000 open files are not allowed here"
    exit 1
}
begin build/release
trap stop_postgres EXIT
batch >"$work/batch.json"
measure_paced 400ms && measure_paced 1s || exit 1
measure_batch sqlite || exit 1
tests/support/postgres start "$work/postgres" || exit 1
measure_batch postgresql || exit 1
