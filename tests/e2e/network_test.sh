#!/usr/bin/env bash
# The two services in a network namespace each, TLS between them: the link is cut while calls are in
# flight, and clients do not read what they have asked for, with a kernel that does not take it in for
# them. Needs root and network namespaces; without them it says so.
. "$(dirname "$0")/harness.sh"
. "$(dirname "$0")/network.sh"

n_slow_readers=20
grown_kb_max=14000 # their reports have 28 MB; 20 windows of 256 KiB and what the allocator keeps: 10
noticed_ms_max=4500 # over TLS a peer is asked after a second of silence and lost after three

cut_link() {
    ip -n "$gateway_space" link set walkie1 down
}

mend_link() {
    ip -n "$gateway_space" link set walkie1 up
}

now_ms() {
    echo $(($(date +%s%N) / 1000000))
}

# in_flight QUERY: a request in the background; its status goes to $work/answer.
in_flight() {
    in_background ip netns exec "$gateway_space" curl -s -o /dev/null -w '%{http_code}' \
        --max-time 60 "http://$gateway_address/v1/centers/$site/audit-report?$1" >"$work/answer"
}

a_cut_link_keeps_no_caller_beyond_the_deadline() {
    in_flight timeout=1s
    local client_pid=$last_pid line
    until_true has_calls_in_flight 1
    cut_link
    until_true is_gone "$client_pid"
    equals "status" "$(cat "$work/answer")" 504
    line=$(wait_for_log "$gateway_log" http.response status=504)
    at_most "elapsed_ms" "$(field "$line" elapsed_ms)" 2000 # before the cut is noticed
    # The service keeps the time by itself.
    contains "what stopped the work" "$(wait_for_log "$service_log" ctx.stopped)" \
        '"cause":"deadline_exceeded"'
    mend_link
    until_true answers "http://$gateway_address/v1/echo"
}

a_cut_link_is_noticed_on_both_sides_and_mended() {
    in_flight timeout=30s
    local client_pid=$last_pid began stopped_before
    until_true has_calls_in_flight 1
    stopped_before=$(find_log "$service_log" ctx.stopped cause=peer_lost | wc -l)
    cut_link
    began=$(now_ms)
    until_true is_gone "$client_pid"
    at_most "ms until the caller was told" $(($(now_ms) - began)) "$noticed_ms_max"
    equals "status" "$(cat "$work/answer")" 503
    until_true has_calls_in_flight 0
    at_most "ms until the work had stopped" $(($(now_ms) - began)) "$noticed_ms_max"
    equals "calls stopped for the lost peer" \
        "$(($(find_log "$service_log" ctx.stopped cause=peer_lost | wc -l) - stopped_before))" 1
    mend_link
    until_true answers "http://$gateway_address/v1/echo"
}

resident_kb() {
    awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}

reports_done() {
    (($(find_log "$service_log" report.done | wc -l) == $1))
}

# ask_and_do_not_read N ADDRESS PATH: for PATH10, PATH11 …, until its input ends.
ask_and_do_not_read() {
    # shellcheck disable=SC2016 # the other shell expands it
    ip netns exec "$gateway_space" bash -c '
        for ((i = 0; i < $1; i++)); do
            exec {fd}<>"/dev/tcp/${2%:*}/${2##*:}"
            printf "GET %s%d HTTP/1.1\r\nHost: test\r\n\r\n" "$3" $((10 + i)) >&"$fd"
        done
        read -r' bash "$@"
}

# Their bytes wait in the spool, not in memory, and nobody else waits for them.
clients_that_do_not_read_cost_no_memory_and_delay_nobody() {
    # shellcheck disable=SC2034 # start_service reads it
    local study=$work
    # Each another day: equal reports would be one.
    local path='/v1/centers/101/audit-report?format=json&as_of=2025-05-' gateway_kb service_kb i
    "$data_binary" demo --edc "sqlite:$work/edc.sqlite" --ctms "sqlite:$work/ctms.sqlite" --sites 2 \
        --subjects 200 >"$work/large.out" 2>&1
    start_both
    http "${path}31"
    at_least "bytes of a report" "$(header content-length)" 600000
    for ((i = 0; i < n_slow_readers; i++)); do # as many at once, who do read: what that costs
        in_background curl -s -o /dev/null "http://$gateway_address$path$((10 + i))"
    done
    until_true reports_done $((n_slow_readers + 1))
    until_true has_calls_in_flight 0
    gateway_kb=$(resident_kb "$gateway_pid") service_kb=$(resident_kb "$service_pid")
    mkfifo "$work/hold"
    exec 7<>"$work/hold"
    ask_and_do_not_read "$n_slow_readers" "$gateway_address" "$path" <"$work/hold" 7>&- &
    background_pids="$background_pids $!"
    until_true reports_done $((2 * n_slow_readers + 1))
    for ((i = 0; i < 20; i++)); do
        http /v1/echo
        equals "status of an echo" "$code" 200
        at_most "seconds of an echo" "$seconds" 2
    done
    equals "calls that wait for their readers" "$(calls_in_flight)" "$n_slow_readers"
    at_most "kB that the gateway has grown by" $(($(resident_kb "$gateway_pid") - gateway_kb)) \
        "$grown_kb_max"
    at_most "kB that the service has grown by" $(($(resident_kb "$service_pid") - service_kb)) \
        "$grown_kb_max"
    exec 7>&-
    until_true has_calls_in_flight 0
}

begin "$@"
begin_network "a cut link and slow readers" || exit 0
start_both --fault edc.delay=60s || exit 1
site=101
run_test a_cut_link_keeps_no_caller_beyond_the_deadline
run_test a_cut_link_is_noticed_on_both_sides_and_mended
run_test clients_that_do_not_read_cost_no_memory_and_delay_nobody
finish
