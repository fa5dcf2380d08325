#!/usr/bin/env bash
# The front door under clients that are many, slow, busy while it closes, and written by others.
. "$(dirname "$0")/harness.sh"

clients=tests/support/http_clients.py

# Both ends of the same memory: 10,000 is the default limit, so one more is told 503, and operators
# still get in.
ten_thousand_idle_connections_take_at_most_20_MB_and_operators_still_get_in() {
    start_gateway --log-level info
    local said
    coproc idle { python3 "$clients" idle "$gateway_address" 10000 "$gateway_pid"; }
    # shellcheck disable=SC2154 # coproc sets it
    background_pids="$background_pids $idle_PID"
    read -r said <&"${idle[0]}"
    echo "$said"
    if [[ $said == skipped* ]]; then
        return 0
    fi
    at_most "growth in kB" "${said#grown }" 20480
    equals "status of one more" "$(curl -s -o "$work/body" -w '%{http_code}' "http://$gateway_address/healthz")" 503
    equals "status for operators" "$(curl -s -o "$work/body" -w '%{http_code}' "http://$gateway_admin/healthz")" 200
    local input=${idle[1]}
    exec {input}>&-
    await_exit "$idle_PID"
    equals "exit code of the clients" "$exit_code" 0
}

a_header_or_body_that_trickles_in_is_cut_off_by_its_total_time() {
    start_gateway --header-timeout 400ms --body-timeout 400ms --idle-timeout 30s
    local what said
    for what in header body chunks; do
        said=$(python3 "$clients" slow "$gateway_address" "$what")
        contains "$what" "$said" '^status 408 after [0-9]+ ms'
        at_most "$what: ms" "$(cut -d ' ' -f 4 <<<"$said")" 2000
        at_least "$what: ms" "$(cut -d ' ' -f 4 <<<"$said")" 390
    done
}

no_request_fails_while_the_gateway_drains_under_load() {
    start_gateway --log-level info
    local said
    python3 "$clients" busy "$gateway_address" 12 >"$work/busy" &
    background_pids="$background_pids $!"
    local busy_pid=$!
    until_true is_serving
    kill -TERM "$gateway_pid"
    await_exit "$gateway_pid"
    equals "exit code of the gateway" "$exit_code" 0
    await_exit "$busy_pid"
    said=$(<"$work/busy")
    echo "$said"
    equals "exit code of the clients" "$exit_code" 0
    contains "the clients" "$said" '^answered [0-9]+ failed 0'
    at_least answered "$(cut -d ' ' -f 2 <<<"$said")" 100
    gateway_pid=$gateway_of_file
}

# It has answered a few hundred requests.
is_serving() {
    local n
    n=$(curl -s "http://$gateway_admin/metrics" |
        sed -nE 's/^walkie_http_requests_total\{route="\/v1\/echo",status="200"\} ([0-9]+)$/\1/p')
    ((${n:-0} > 300))
}

python_keeps_one_connection_for_everything_it_asks() {
    contains "Python's http.client" "$(python3 "$clients" mixed "$gateway_address")" '^all kept'
}

curl_gets_pipelined_and_kept_answers_in_order() {
    local said
    said=$(curl -s -w '%{http_code} %{num_connects}\n' -o "$work/a" "http://$gateway_address/v1/echo" \
        --next -s -w '%{http_code} %{num_connects}\n' -o "$work/b" "http://$gateway_address/v1/echo?len=7")
    equals "codes and connections" "$said" $'200 1\n200 0'
    # Three at once, as one packet.
    said=$(printf 'GET /v1/echo?len=%s HTTP/1.1\r\nHost: a\r\n%s\r\n' 3 '' 4 '' 5 $'Connection: close\r\n' |
        timeout 5 nc "${gateway_address%:*}" "${gateway_address##*:}" | tr -d '\r' |
        sed -nE 's/^Content-Length: //p' | tr '\n' ' ')
    equals "lengths of the answers" "$said" '3 4 5 '
}

wrk_sees_nothing_but_200() {
    command -v wrk >/dev/null || {
        echo "skipped: wrk is not installed"
        return 0
    }
    local said
    said=$(wrk -t 1 -c 50 -d 1s "http://$gateway_address/v1/echo")
    contains "wrk" "$said" '[0-9]+ requests in'
    if grep -E 'Non-2xx|Socket errors' <<<"$said"; then
        return 1
    fi
}

begin "$@"
start_services || exit 1
run_test ten_thousand_idle_connections_take_at_most_20_MB_and_operators_still_get_in
run_test a_header_or_body_that_trickles_in_is_cut_off_by_its_total_time
run_test no_request_fails_while_the_gateway_drains_under_load
run_test python_keeps_one_connection_for_everything_it_asks
run_test curl_gets_pipelined_and_kept_answers_in_order
run_test wrk_sees_nothing_but_200
finish
