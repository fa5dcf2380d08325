#!/usr/bin/env bash
# A process that dies: what it asked for stops, what waits for it is told, and the other one goes on.
. "$(dirname "$0")/harness.sh"

in_flight=100
all_stopped_ms_max=100
told_ms_max=500
tries=3 # the first that is quick enough counts: others use the machine, too

# ts_ms LINE: the time stamp of a line of a log, in milliseconds of its day.
ts_ms() {
    field "$1" ts | sed -E 's/.*T([0-9]+):([0-9]+):([0-9.]+).*/\1 \2 \3/' |
        awk '{ printf "%.0f\n", (($1 * 60 + $2) * 60 + $3) * 1000 }'
}

# all_work_has_stopped: sets stopped_ms, from the loss of the peer to the last stop.
all_work_has_stopped() {
    local lost last stopped
    lost=$(wait_for_log "$service_log" rpc.peer_lost)
    equals "calls of the lost peer" "$(field "$lost" n_calls)" "$in_flight"
    until_true has_calls_in_flight 0
    stopped=$(find_log "$service_log" ctx.stopped | wc -l)
    equals "calls that stopped" "$stopped" "$in_flight"
    last=$(find_log "$service_log" ctx.stopped | tail -n 1)
    stopped_ms=$(($(ts_ms "$last") - $(ts_ms "$lost")))
}

# the_gateway_dies LISTEN
the_gateway_dies() {
    local n
    start_service --listen "$1" --workers "$in_flight" --fault edc.delay=60s
    start_gateway
    # A different report each: equal ones would share one run. Whether there is such a site is a
    # question to the slow source.
    for n in $(seq "$in_flight"); do
        in_background curl -s -o /dev/null "http://$gateway_address/v1/centers/$n/audit-report"
    done
    until_true has_calls_in_flight "$in_flight"
    kill -9 "$gateway_pid"
    all_work_has_stopped
    kill_and_wait "$service_pid" || true # it ends with the code of a killed process
    kill_background || true
}

# the_gateways_die LISTEN
the_gateways_die() {
    for _ in $(seq "$tries"); do
        the_gateway_dies "$1"
        if at_most "ms from the loss of the peer to the last stop" "$stopped_ms" "$all_stopped_ms_max"; then
            return
        fi
    done
    return 1
}

a_gateway_that_dies_leaves_no_work_behind_over_tcp() {
    the_gateways_die tcp://127.0.0.1:0
}

a_gateway_that_dies_leaves_no_work_behind_over_ipc() {
    the_gateways_die "ipc://$work/report.ipc"
}

a_service_that_dies_is_told_to_the_waiting_at_once_and_found_again() {
    local waiting_pid began told='' address
    start_service --fault edc.delay=60s
    start_gateway
    address=$service_address
    for _ in $(seq "$tries"); do
        in_background curl -s -o /dev/null -w '%{http_code} %{time_total}' \
            "http://$gateway_address/v1/centers/$site/audit-report" >"$work/waiting"
        waiting_pid=$last_pid
        until_true has_calls_in_flight 1
        began=$(date +%s%N)
        kill_and_wait "$service_pid" || true
        until_true is_gone "$waiting_pid"
        told+=$((($(date +%s%N) - began) / 1000000))$'\n'
        contains "status of the waiting request" "$(cat "$work/waiting")" '^503 '
        if (($(printf %s "$told" | least) <= told_ms_max)); then
            break
        fi
        start_service --listen "$address" --fault edc.delay=60s
        until_true answers "http://$gateway_address/readyz"
    done
    at_most "ms until the waiting client was told" "$(printf %s "$told" | least)" "$told_ms_max"
    kill_and_wait "$service_pid" || true
    http /v1/centers
    equals "status without a service" "$code" 503
    at_least "Retry-After" "$(header retry-after)" 1
    start_service --listen "$address"
    until_true answers "http://$gateway_address/v1/centers"
}

begin "$@"
start_services || exit 1
site=$(sites | sed -n 1p)
run_test a_gateway_that_dies_leaves_no_work_behind_over_tcp
run_test a_gateway_that_dies_leaves_no_work_behind_over_ipc
run_test a_service_that_dies_is_told_to_the_waiting_at_once_and_found_again
finish
