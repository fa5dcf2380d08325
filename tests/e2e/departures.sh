# shellcheck shell=bash
# shellcheck disable=SC2034
# What every scenario of a client that leaves expects; sourced after harness.sh.

stop_ms_promised=20
stop_ms_max=1000 # while others use the machine, too

# is_asking: somebody's work asks a database; who leaves before that stops no statement.
is_asking() {
    curl -s "${curl_tls[@]}" --max-time 2 "$admin_scheme://$service_admin/debug/calls" | grep -q '"stage":"fetch:'
}

# work_has_stopped [FIELD=VALUE...]: the gateway saw the client leave (so), the service stopped, both
# under this trace, while it was asking a database. Sets stop_ms.
work_has_stopped() {
    call_has_stopped "$@"
    wait_for_log "$service_log" db.cancel "trace_id=$trace_id"
}

# The same, wherever the work was.
call_has_stopped() {
    local line
    wait_for_log "$gateway_log" http.disconnect "trace_id=$trace_id" "$@"
    line=$(wait_for_log "$service_log" ctx.stopped "trace_id=$trace_id")
    stop_ms=$(field "$line" stop_latency_ms)
    at_most stop_latency_ms "$stop_ms" "$stop_ms_max"
    until_true has_calls_in_flight 0
}

# One scope is that of the request for the page itself.
no_context_is_left() {
    local admin
    for admin in "$gateway_admin" "$service_admin"; do
        [[ $(curl -s "${curl_tls[@]}" --max-time 2 "$admin_scheme://$admin/debug/contexts" |
            sed -nE 's/^\{"scopes":([0-9]+).*/\1/p') == 1 ]] || return 1
    done
}
