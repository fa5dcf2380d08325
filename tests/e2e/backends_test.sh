#!/usr/bin/env bash
# One gateway before two services: one of them is restarted, killed, or not there at all.
. "$(dirname "$0")/harness.sh"

rounds=4      # each service is restarted so often, in turn
n_clients=8   # asking all the time

# start_two: sets first_* and second_*.
start_two() {
    start_service
    first_pid=$service_pid first_address=$service_address first_log=$service_log
    start_service
    second_pid=$service_pid second_address=$service_address
    background_pids="$background_pids $first_pid"
    start_gateway --backend "$first_address,$second_address"
    until_true has_ready_backends 2
}

# backends: what the gateway says of them.
backends() {
    curl -s --max-time 2 "http://$gateway_admin/debug/backends"
}

has_ready_backends() {
    [[ $(backends | grep -c '"state":[[:space:]]*"ready"') == "$1" ]]
}

# ask_for_ever FILE: a line with its status for each request, on one connection after the other.
ask_for_ever() {
    while [[ ! -e $work/enough ]]; do
        curl -s -o /dev/null -w '%{http_code}\n' --max-time 20 \
            "http://$gateway_address/v1/sleep?ms=[0-19]" >>"$1"
    done
}

# restart ADDRESS PID: as an operator would; sets service_pid.
restart() {
    kill -TERM "$2"
    await_exit "$2"
    equals "exit code of a drained service" "$exit_code" 0
    until_true has_ready_backends 1
    start_service --listen "$1"
    until_true has_ready_backends 2
}

services_restarted_in_turn_lose_no_request() {
    start_two
    local i client_pids=() statuses
    for i in $(seq "$n_clients"); do
        in_background ask_for_ever "$work/statuses-$i"
        client_pids+=("$last_pid")
    done
    for i in $(seq "$rounds"); do
        restart "$first_address" "$first_pid"
        first_pid=$service_pid
        background_pids="$background_pids $first_pid"
        restart "$second_address" "$second_pid"
        second_pid=$service_pid
        background_pids="$background_pids $second_pid"
    done
    touch "$work/enough"
    for i in "${client_pids[@]}"; do
        until_true is_gone "$i"
    done
    statuses=$(cat "$work"/statuses-* | sort | uniq -c)
    echo "answers: $statuses"
    equals "statuses other than 200" "$(cat "$work"/statuses-* | grep -vc '^200$')" 0
    at_least "requests made meanwhile" "$(cat "$work"/statuses-* | wc -l)" 200
}

a_killed_service_loses_no_request_that_may_be_made_again() {
    start_two
    local i pids=()
    for i in 1 2 3 4 5 6; do
        in_background curl -s -o /dev/null -w '%{http_code}\n' \
            "http://$gateway_address/v1/sleep?ms=1500" >"$work/killed-$i"
        pids+=("$last_pid")
    done
    until_true first_has_calls
    kill -9 "$first_pid"
    for i in "${pids[@]}"; do
        until_true is_gone "$i"
    done
    equals "answers" "$(sort -u "$work"/killed-*)" 200
    wait_for_log "$gateway_log" rpc.retry reason=peer_lost attempt=1 >/dev/null
    backends >"$work/backends"
    contains "the page of backends" "$(cat "$work/backends")" '"last_error":[[:space:]]*"Conn'
}

first_has_calls() {
    find_log "$first_log" rpc.recv 'method=walkie.report.v1.ReportService/Sleep' | grep -q .
}

one_backend_is_enough_to_be_ready() {
    start_service
    start_gateway --backend "ipc://$work/nobody.ipc,$service_address"
    http /v1/centers
    equals "status" "$code" 200
    has_ready_backends 1
}

a_wrong_entry_of_the_list_is_named() {
    local said exit_code=0
    said=$("$gateway_binary" --check-config --backend 'tcp://a:1,tcp://b' 2>&1) || exit_code=$?
    equals "exit code" "$exit_code" 2
    contains "what it says" "$said" '--backend.*tcp://b: the port is missing'
}

begin "$@"
start_services || exit 1
run_test services_restarted_in_turn_lose_no_request
run_test a_killed_service_loses_no_request_that_may_be_made_again
run_test one_backend_is_enough_to_be_ready
run_test a_wrong_entry_of_the_list_is_named
finish
