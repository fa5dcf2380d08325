#!/usr/bin/env bash
# A client that leaves, in every way a client can: the work it asked for stops.
. "$(dirname "$0")/harness.sh"
. "$(dirname "$0")/departures.sh"

report_request() {
    printf 'GET /v1/centers/%s/audit-report HTTP/1.1\r\nHost: test\r\n%s\r\n\r\n' "$site" "$traceparent"
}

a_client_that_is_killed_stops_its_work() {
    new_trace
    in_background curl -s -o /dev/null -H "$traceparent" "http://$gateway_address/v1/centers/$site/audit-report"
    until_true is_asking
    kill -9 "$last_pid"
    work_has_stopped
}

a_client_that_closes_only_its_half_stops_its_work() {
    new_trace
    # nc -N sends a FIN when its input ends, and goes on reading.
    mkfifo "$work/half"
    exec 7<>"$work/half"
    # Not in_background: the shell gives its own background jobs no input but /dev/null.
    nc -N "${gateway_address%:*}" "${gateway_address##*:}" <"$work/half" 7>&- >"$work/half.out" &
    background_pids="$background_pids $!"
    report_request >&7
    until_true is_asking
    exec 7>&-
    work_has_stopped
}

a_client_that_closes_its_socket_stops_its_work() {
    new_trace
    exec 8<>"/dev/tcp/${gateway_address%:*}/${gateway_address##*:}"
    report_request >&8
    until_true is_asking
    exec 8>&-
    work_has_stopped
}

# One stop may fall into a moment in which somebody else has the CPUs; not each of twenty.
work_stops_as_soon_as_the_readme_promises() {
    local i
    for ((i = 0; i < 20; i++)); do
        a_client_that_closes_its_socket_stops_its_work
        if at_most stop_latency_ms "$stop_ms" "$stop_ms_promised"; then
            return
        fi
    done
    return 1
}

a_client_that_leaves_with_a_second_request_unread_stops_its_work() {
    new_trace
    exec 8<>"/dev/tcp/${gateway_address%:*}/${gateway_address##*:}"
    { report_request && report_request; } >&8
    until_true is_asking
    exec 8>&-
    work_has_stopped
}

a_client_that_leaves_after_a_flood_stops_its_work() {
    new_trace
    exec 8<>"/dev/tcp/${gateway_address%:*}/${gateway_address##*:}"
    report_request >&8
    until_true is_asking
    head -c 60000 /dev/zero | tr '\0' 'a' >&8
    exec 8>&-
    work_has_stopped
}

only_the_work_of_the_client_that_left_stops() {
    new_trace
    local other_trace=$trace_id other_header=$traceparent
    in_background curl -s -o /dev/null -w '%{http_code}' -H "$other_header" \
        "http://$gateway_address/v1/sleep?ms=3000" >"$work/other.code"
    local other_pid=$last_pid
    until_true has_calls_in_flight 1
    new_trace
    in_background curl -s -o /dev/null -H "$traceparent" "http://$gateway_address/v1/centers/$site/audit-report"
    until_true has_calls_in_flight 2
    kill -9 "$last_pid"
    wait_for_log "$service_log" ctx.stopped "trace_id=$trace_id"
    until_true is_gone "$other_pid"
    equals "status of the other" "$(cat "$work/other.code")" 200
    equals "stops of the other" "$(find_log "$service_log" ctx.stopped "trace_id=$other_trace")" ''
}

a_slow_reader_gets_all_of_it_and_delays_nobody() {
    new_trace
    in_background curl -s -o "$work/slow.pdf" -D "$work/slow.headers" --limit-rate 20k --max-time 60 \
        "http://$gateway_address/v1/echo?len=65536" -H "$traceparent"
    local slow_pid=$last_pid
    http /v1/echo
    equals "status of another" "$code" 200
    at_most "seconds of another" "$seconds" 2
    until_true is_gone "$slow_pid"
    equals "bytes of the slow one" "$(wc -c <"$work/slow.pdf")" 65536
}

# rss_kb PID
rss_kb() {
    awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}

# Twenty clients ask for a report and do not read it: each may hold a credit's worth (256 KiB).
clients_that_do_not_read_cost_little_and_delay_nobody() {
    start_services
    local before_gateway before_service i fd fds=()
    for ((i = 0; i < 8; i++)); do
        http "/v1/centers/$site/audit-report"
    done
    before_gateway=$(rss_kb "$gateway_pid")
    before_service=$(rss_kb "$service_pid")
    for ((i = 0; i < 20; i++)); do
        exec {fd}<>"/dev/tcp/${gateway_address%:*}/${gateway_address##*:}"
        printf 'GET /v1/centers/%s/audit-report HTTP/1.1\r\nHost: slow\r\n\r\n' "$site" >&"$fd"
        fds+=("$fd")
    done
    until_true has_answers 28
    http /v1/echo
    equals "status of another" "$code" 200
    at_most "seconds of another" "$seconds" 2
    at_most "growth of the gateway in KB" "$(($(rss_kb "$gateway_pid") - before_gateway))" 16384
    at_most "growth of the service in KB" "$(($(rss_kb "$service_pid") - before_service))" 32768
    for fd in "${fds[@]}"; do
        exec {fd}>&-
    done
    until_true no_context_is_left
}

# Reports that have been sent to a client, made for it alone or for several.
has_answers() {
    [[ $(find_log "$service_log" rpc.end status=OK | grep -c AuditReport) == "$1" ]]
}

nothing_is_left_of_those_who_left() {
    until_true no_context_is_left
    until_true has_calls_in_flight 0
}

begin "$@"
start_services || exit 1
site=$(sites | sed -n 1p)
stop_services
start_services --fault edc.delay=30s || exit 1
run_test a_client_that_is_killed_stops_its_work
run_test a_client_that_closes_only_its_half_stops_its_work
run_test a_client_that_closes_its_socket_stops_its_work
run_test work_stops_as_soon_as_the_readme_promises
run_test a_client_that_leaves_with_a_second_request_unread_stops_its_work
run_test a_client_that_leaves_after_a_flood_stops_its_work
run_test only_the_work_of_the_client_that_left_stops
run_test a_slow_reader_gets_all_of_it_and_delays_nobody
run_test nothing_is_left_of_those_who_left
run_test clients_that_do_not_read_cost_little_and_delay_nobody
finish
