#!/usr/bin/env bash
# A deadline that passes: the client has its 504 in time, and the work has stopped, wherever it was.
. "$(dirname "$0")/harness.sh"

# More each time: a call is expected to take as long as the one before, and refused with less than that.
timeouts_ms=(300 400 500 600 700)
late_ms_max=30
stop_ms_max=20
waits=20s          # longer than any test takes
more=3s
soon_seconds_max=5 # of what does not wait for that

# report_times_out: ask with each timeout; the answer must be a 504 that says whose deadline it was, one
# of them in time.
report_times_out() {
    local timeout_ms late=''
    for timeout_ms in "${timeouts_ms[@]}"; do
        new_trace
        http "/v1/centers/$site/audit-report?timeout=${timeout_ms}ms" -H "$traceparent"
        equals status "$code" 504
        contains problem "$(cat "$work/body")" '"code": ?"DEADLINE_EXCEEDED"'
        contains problem "$(cat "$work/body")" "\"trace_id\": ?\"$trace_id\""
        contains problem "$(cat "$work/body")" '"deadline_origin"'
        late+=$(awk -v seconds="$seconds" -v timeout="$timeout_ms" 'BEGIN { print seconds * 1000 - timeout }')$'\n'
    done
    at_least "ms from the deadline to the answer, the least" "$(printf %s "$late" | least)" 0
    at_most "ms from the deadline to the answer, the least" "$(printf %s "$late" | least)" "$late_ms_max"
}

# work_has_stopped: of all five, the quickest in time.
work_has_stopped() {
    until_true has_calls_in_flight 0
    wait_for_log "$service_log" ctx.stopped >/dev/null
    at_most "the least stop_latency_ms" "$(figures "$service_log" ctx.stopped stop_latency_ms | least)" "$stop_ms_max"
}

a_slow_database_ends_in_504_and_its_statement_stops() {
    start_services --fault "edc.delay=$waits"
    report_times_out
    local remaining
    wait_for_log "$service_log" rpc.recv "trace_id=$trace_id"
    remaining=$(figures "$service_log" rpc.recv remaining_ms 'method=[^"]*AuditReport')
    at_most "the least inherited remaining_ms" "$(least <<<"$remaining")" "${timeouts_ms[0]}"
    remaining=$(sort -n <<<"$remaining" | tail -n 1)
    at_most "the most inherited remaining_ms" "$remaining" "${timeouts_ms[-1]}"
    at_least "the most inherited remaining_ms" "$remaining" "${timeouts_ms[-2]}"
    wait_for_log "$service_log" db.cancel
    work_has_stopped
}

a_slow_rendering_ends_in_504_and_stops() {
    start_services --fault render.delay=1s
    report_times_out
    work_has_stopped
}

a_call_whose_deadline_passes_in_the_queue_never_starts() {
    start_services --workers 1 --fault "edc.delay=$waits"
    in_background curl -s -o /dev/null --max-time 30 "http://$gateway_address/v1/centers/$site/audit-report"
    until_true has_calls_in_flight 1
    new_trace
    # In another language: else it would share the run of the first. It has more time than that has run:
    # a call is expected to take as long again, and one that has less would be refused.
    http "/v1/centers/$site/audit-report?language=zh-CN&timeout=$more" -H "$traceparent"
    equals status "$code" 504
    local line
    line=$(wait_for_log "$service_log" rpc.end "trace_id=$trace_id")
    equals outcome "$(field "$line" outcome)" not_started
    equals "sources read" "$(find_log "$service_log" source.fetch "trace_id=$trace_id")" ''
}

the_smallest_of_several_deadlines_counts() {
    start_services --fault "edc.delay=$waits"
    http "/v1/centers/$site/audit-report?timeout=20s" -H 'Grpc-Timeout: 10S' -H 'X-Request-Timeout: 100ms'
    equals status "$code" 504
    at_most "seconds to the answer" "$seconds" "$soon_seconds_max"
    http "/v1/centers/$site/audit-report?timeout=20s" -H 'Grpc-Timeout: 100m'
    equals status "$code" 504
    at_most "seconds to the answer" "$seconds" "$soon_seconds_max"
}

a_full_queue_refuses_at_once() {
    start_services --workers 1 --fault "edc.delay=$waits" --queue-max 1
    in_background curl -s -o /dev/null --max-time 30 "http://$gateway_address/v1/centers/$site/audit-report"
    until_true has_calls_in_flight 1
    # Three different reports: equal ones would share one run.
    in_background curl -s -o /dev/null --max-time 30 "http://$gateway_address/v1/centers/$site/audit-report?format=json"
    until_true has_calls_in_flight 2
    http "/v1/centers/$site/audit-report?language=zh-CN"
    equals status "$code" 429
    at_least "Retry-After" "$(header retry-after)" 1
    at_most "seconds to the refusal" "$seconds" "$soon_seconds_max"
}

begin "$@"
start_services || exit 1
site=$(sites | sed -n 1p)
run_test a_slow_database_ends_in_504_and_its_statement_stops
run_test a_slow_rendering_ends_in_504_and_stops
run_test a_call_whose_deadline_passes_in_the_queue_never_starts
run_test the_smallest_of_several_deadlines_counts
run_test a_full_queue_refuses_at_once
finish
