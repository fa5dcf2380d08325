#!/usr/bin/env bash
# The mistakes made visible: a handler that does not listen, and what the admin ports tell.
. "$(dirname "$0")/harness.sh"

# a_deaf_call MS: one Work call whose client has left, still under way; sets line to its first
# ctx.deaf.
a_deaf_call() {
    start_services --fault work.deaf=1 --deaf-after 50ms
    http "/v1/work?ms=$1&timeout=1s"
    equals status "$code" 504
    wait_for_log "$service_log" ctx.deaf >"$work/deaf"
    line=$(find_log "$service_log" ctx.deaf | sed -n 1p)
}

a_handler_that_does_not_listen_is_named_with_its_stack() {
    a_deaf_call 2000
    contains method "$(field "$line" method)" 'ReportService/Work$'
    equals cause "$(field "$line" cause)" deadline_exceeded
    equals n_polls "$(field "$line" n_polls)" 0
    at_least deaf_ms "$(field "$line" deaf_ms)" 50
    at_most deaf_ms "$(field "$line" deaf_ms)" 5000
    # The functions between may be inlined: the handler and the worker's main are not.
    contains stack "$(field "$line" stack)" 'service_work\+0x.* < .*worker_main\+0x'
    contains trace "$(field "$line" trace_id)" '^[0-9a-f]{32}$'
}

a_deaf_handler_shows_on_the_pages_with_its_thread() {
    a_deaf_call 5000
    local page thread
    page=$(curl -s "http://$service_admin/debug/threads")
    contains threads "$page" '"method":"walkie.report.v1.ReportService/Work"'
    thread=$(sed -nE 's/.*"thread":([0-9]+).*/\1/p' <<<"$page")
    equals "thread of the line" "$(field "$line" thread)" "$thread"
    [[ -d /proc/$service_pid/task/$thread ]]
    contains stacks "$(curl -s "http://$service_admin/debug/stacks")" \
        '"stack":"[^"]*service_work\+0x[^"]*worker_main\+0x'
}

a_deaf_handler_is_counted_and_its_waste_measured() {
    a_deaf_call 2000
    # shellcheck disable=SC2034 # the harness reads it
    wait_seconds_max=60 # two seconds of CPU can take long where others want it, too
    wait_for_log "$service_log" rpc.end outcome=committed 'method=[^"]*Work' >"$work/end"
    local metrics method='walkie.report.v1.ReportService/Work'
    metrics=$(curl -s "http://$service_admin/metrics")
    contains metrics "$metrics" "^walkie_ctx_deaf_total\{method=\"$method\"\} 1$"
    contains metrics "$metrics" "^walkie_cancel_to_stop_seconds_count\{method=\"$method\"\} 1$"
    at_least "wasted CPU" "$(sed -nE "s|^walkie_wasted_cpu_seconds_total\{method=\"$method\"\} ||p" <<<"$metrics")" 0.2
    contains metrics "$metrics" '^process_open_fds [0-9]+$'
}

a_call_that_listens_is_not_named() {
    start_services --deaf-after 500ms
    http "/v1/work?ms=20000&timeout=1s"
    equals status "$code" 504
    wait_for_log "$service_log" rpc.end outcome=stopped 'method=[^"]*Work' >"$work/end"
    http "/v1/sleep?ms=200"
    equals status "$code" 200
    ! log_has "$service_log" ctx.deaf
    ! log_has "$service_log" ctx.detached
    ! log_has "$gateway_log" ctx.detached
}

gateway_counts() {
    curl -s "http://$gateway_admin/metrics" | grep -qE "$1"
}

what_clients_ask_for_is_counted_by_route_and_status() {
    start_services
    http "/v1/echo"
    http "/v1/echo"
    http "/v1/echo?timeout=nonsense"
    http "/nowhere"
    # They are counted when the exchange, or the call, is over: a moment after the answer.
    until_true gateway_counts 'method="walkie.report.v1.ReportService/Echo",side="client",status="OK"\} 2$'
    until_true gateway_counts '^walkie_http_requests_total\{route="none",status="404"\} 1$'
    local metrics
    metrics=$(curl -s "http://$gateway_admin/metrics")
    contains metrics "$metrics" '^walkie_http_requests_total\{route="/v1/echo",status="200"\} 2$'
    contains metrics "$metrics" '^walkie_http_requests_total\{route="/v1/echo",status="400"\} 1$'
    contains metrics "$metrics" '^walkie_http_request_seconds_count\{route="/v1/echo"\} 3$'
    contains metrics "$metrics" \
        '^walkie_rpc_calls_total\{method="walkie.report.v1.ReportService/Echo",side="client",status="OK"\} 2$'
}

begin "$@"
run_test a_handler_that_does_not_listen_is_named_with_its_stack
run_test a_deaf_handler_shows_on_the_pages_with_its_thread
run_test a_deaf_handler_is_counted_and_its_waste_measured
run_test a_call_that_listens_is_not_named
run_test what_clients_ask_for_is_counted_by_route_and_status
finish
