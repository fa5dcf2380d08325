#!/usr/bin/env bash
# Processes that stand still instead of dying: everybody else keeps their time, and what was in
# flight is neither done for nobody nor kept for ever.
. "$(dirname "$0")/harness.sh"

late_ms_max=60 # an answer may come so much after its deadline,
busy_ms_max=10000 # and later when others use the machine, too; nothing here ends by itself before
n_stale=40     # requests that a service which stands still does not see in time

now_ms() {
    echo $(($(date +%s%N) / 1000000))
}

count_log() {
    find_log "$@" | wc -l
}

has_lines() {
    (($(count_log "${@:2}") >= $1))
}

# Its clients get their 504 in time from the gateway. What it finds in its sockets when it goes on is
# over: the cancels lie right behind the calls, and no handler runs.
a_service_that_stands_still_keeps_nobody_and_does_nothing_stale() {
    start_services --log-level info
    kill -STOP "$service_pid"
    local began pids=() pid i as_of
    began=$(now_ms)
    for ((i = 0; i < n_stale; i++)); do
        as_of=$(printf '2025-%02d-%02d' $((4 + i / 28)) $((i % 28 + 1))) # equal ones are one
        in_background curl -s -o /dev/null -w '%{http_code}\n' \
            "http://$gateway_address/v1/centers/$site/audit-report?timeout=500ms&as_of=$as_of" \
            >"$work/stale.$i"
        pids+=("$last_pid")
    done
    for pid in "${pids[@]}"; do
        until_true is_gone "$pid"
    done
    at_most "ms until all had their answer" $(($(now_ms) - began)) "$busy_ms_max"
    equals "answers" "$(cat "$work"/stale.* | sort | uniq -c | tr -s ' ')" " $n_stale 504"
    at_most "the least elapsed_ms of an answer" \
        "$(figures "$gateway_log" http.response elapsed_ms status=504 | least)" $((500 + late_ms_max))
    kill -CONT "$service_pid"
    until_true has_lines "$n_stale" "$service_log" rpc.end
    equals "stale calls that were not started" \
        "$(count_log "$service_log" rpc.end outcome=not_started)" "$n_stale"
    equals "reports made for nobody" "$(count_log "$service_log" report.done)" 0
    http /v1/centers
    equals "status afterwards" "$code" 200
}

# The service needs no word from the gateway to know that time is up.
a_gateway_that_stands_still_does_not_keep_the_service_working() {
    start_services --fault edc.delay=60s
    in_background curl -s -o /dev/null -w '%{http_code}' \
        "http://$gateway_address/v1/centers/$site/audit-report?timeout=1s" >"$work/answer"
    local client_pid=$last_pid line
    until_true has_calls_in_flight 1
    kill -STOP "$gateway_pid"
    line=$(wait_for_log "$service_log" ctx.stopped)
    contains "what stopped the work" "$line" '"cause":"deadline_exceeded"'
    at_most "stop_latency_ms" "$(field "$line" stop_latency_ms)" "$busy_ms_max"
    until_true has_calls_in_flight 0
    kill -CONT "$gateway_pid"
    until_true is_gone "$client_pid"
    equals "status of the request" "$(cat "$work/answer")" 504
    http /v1/echo
    equals "status afterwards" "$code" 200
}

begin "$@"
start_services || exit 1
site=$(sites | sed -n 1p)
run_test a_service_that_stands_still_keeps_nobody_and_does_nothing_stale
run_test a_gateway_that_stands_still_does_not_keep_the_service_working
finish
