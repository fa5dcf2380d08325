#!/usr/bin/env bash
# Starting and stopping: settings, databases and ports that are not there, and an orderly drain.
. "$(dirname "$0")/harness.sh"

# fails_to_start CODE PATTERN COMMAND...: ends with this exit code, and says this.
fails_to_start() {
    local expected=$1 pattern=$2 result=0
    shift 2
    timeout "$wait_seconds_max" "$@" >"$work/output" 2>&1 || result=$?
    equals "exit code" "$result" "$expected"
    contains output "$(cat "$work/output")" "$pattern"
}

# service_with EDC CTMS [FLAG...]: the command.
service_with() {
    local edc=$1 ctms=$2
    shift 2
    command=("$service_binary" --listen tcp://127.0.0.1:0 --admin 127.0.0.1:0 --spool-dir "$work"
        --edc "sqlite:$edc" --ctms "sqlite:$ctms" "$@")
}

an_unknown_flag_is_exit_2_with_the_nearest_name() {
    fails_to_start 2 'did you mean --listen' "$gateway_binary" --lisen 127.0.0.1:0
    fails_to_start 2 'did you mean --workers' "$service_binary" --worker 3
}

a_wrong_value_is_exit_2_and_named() {
    fails_to_start 2 'log-format' "$gateway_binary" --log-format xml
    fails_to_start 2 'API_GATEWAY_LOG_FORMAT' env API_GATEWAY_LOG_FORMAT=xml "$gateway_binary"
}

a_fault_without_permission_is_exit_2() {
    service_with "$study/edc.sqlite" "$study/ctms.sqlite" --fault edc.delay=1s
    fails_to_start 2 'allow-faults' "${command[@]}"
}

an_address_that_others_reach_is_exit_2() {
    fails_to_start 2 'insecure' "$gateway_binary" --listen 0.0.0.0:0
}

a_missing_database_is_exit_69_and_named() {
    service_with "$work/nowhere.sqlite" "$study/ctms.sqlite"
    fails_to_start 69 'nowhere\.sqlite' "${command[@]}"
}

a_corrupt_database_is_exit_69_and_named() {
    head -c 100000 /dev/urandom >"$work/corrupt.sqlite"
    service_with "$study/edc.sqlite" "$work/corrupt.sqlite"
    fails_to_start 69 'corrupt\.sqlite' "${command[@]}"
    cp "$study/edc.sqlite" "$work/torn.sqlite"
    truncate -s 20000 "$work/torn.sqlite"
    service_with "$work/torn.sqlite" "$study/ctms.sqlite"
    fails_to_start 69 'torn\.sqlite' "${command[@]}"
}

a_database_that_breaks_while_serving_is_503_and_named() {
    cp "$study/edc.sqlite" "$work/breaking.sqlite"
    start_services --edc "sqlite:$work/breaking.sqlite"
    local first last
    first=$(sites | sed -n 1p)
    last=$(sites | tail -n 1)
    http "/v1/centers/$first/audit-report"
    equals status "$code" 200
    # A file of the same length, all but its first page overwritten.
    dd if=/dev/urandom of="$work/breaking.sqlite" bs=4096 seek=1 conv=notrunc \
        count=$(($(stat -c %s "$study/edc.sqlite") / 4096 - 1)) 2>/dev/null
    http "/v1/centers/$last/audit-report?format=json"
    equals status "$code" 503
    contains "the problem" "$(<"$work/body")" 'breaking\.sqlite'
    rm "$work/breaking.sqlite"
    http /v1/centers
    equals status "$code" 503
    contains "the problem" "$(<"$work/body")" 'breaking\.sqlite'
    cp "$study/edc.sqlite" "$work/breaking.sqlite"
    http "/v1/centers/$first/audit-report"
    equals status "$code" 200
}

a_port_in_use_is_exit_69_and_named() {
    fails_to_start 69 "${gateway_address##*:}" "$gateway_binary" --listen "$gateway_address" --admin 127.0.0.1:0
    service_with "$study/edc.sqlite" "$study/ctms.sqlite" --listen "$service_address"
    fails_to_start 69 "${service_address##*:}" "${command[@]}"
}

sigterm_lets_the_requests_in_flight_finish() {
    start_services
    in_background curl -s -o /dev/null -w '%{http_code}' "http://$gateway_address/v1/sleep?ms=2000" >"$work/slept"
    local sleeper=$last_pid
    until_true has_calls_in_flight 1
    kill -TERM "$gateway_pid"
    wait_for_log "$gateway_log" service.draining
    until_true is_gone "$sleeper"
    equals "status of the request in flight" "$(cat "$work/slept")" 200
    await_exit "$gateway_pid"
    equals "exit code of the gateway" "$exit_code" 0
    kill -TERM "$service_pid"
    await_exit "$service_pid"
    equals "exit code of the service" "$exit_code" 0
    wait_for_log "$service_log" service.stopped is_drained=true
}

a_second_sigterm_stops_at_once() {
    start_services
    in_background curl -s -o /dev/null "http://$gateway_address/v1/sleep?ms=30000"
    until_true has_calls_in_flight 1
    kill -TERM "$service_pid"
    wait_for_log "$service_log" service.draining
    kill -TERM "$service_pid"
    until_true is_gone "$service_pid"
}

sighup_reopens_the_log() {
    start_services
    mv "$gateway_log" "$gateway_log.1"
    kill -HUP "$gateway_pid"
    until_true test -e "$gateway_log"
    http /v1/centers
    wait_for_log "$gateway_log" http.response status=200
}

health_is_told_on_both_ports() {
    http /healthz
    equals "status of /healthz" "$code" 200
    http /readyz
    equals "status of /readyz" "$code" 200
    answers "http://$gateway_admin/readyz"
    answers "http://$service_admin/readyz"
}

the_gateway_is_not_ready_without_its_service() {
    start_services
    kill -9 "$service_pid"
    until_true is_gone "$service_pid"
    until_true not_ready
}

not_ready() {
    http /readyz
    [[ $code == 503 ]]
}

begin "$@"
start_services || exit 1
run_test an_unknown_flag_is_exit_2_with_the_nearest_name
run_test a_wrong_value_is_exit_2_and_named
run_test a_fault_without_permission_is_exit_2
run_test an_address_that_others_reach_is_exit_2
run_test a_missing_database_is_exit_69_and_named
run_test a_corrupt_database_is_exit_69_and_named
run_test a_database_that_breaks_while_serving_is_503_and_named
run_test a_port_in_use_is_exit_69_and_named
run_test sigterm_lets_the_requests_in_flight_finish
run_test a_second_sigterm_stops_at_once
run_test sighup_reopens_the_log
run_test health_is_told_on_both_ports
run_test the_gateway_is_not_ready_without_its_service
finish
