#!/usr/bin/env bash
# A link that loses packets, and one that is slow: deadlines stay exact, the connection survives what
# TCP mends, and a fine day comes back. Needs root, network namespaces, nft and tc; says so without.
. "$(dirname "$0")/harness.sh"
. "$(dirname "$0")/network.sh"

lost_percent=20 # of the packets, each way
n_echoes=40
slow_rate=400kbit # a report takes four seconds over it

# Both ways: each end drops some of what comes in.
lose_packets() {
    local space interface
    for space in "$service_space walkie0" "$gateway_space walkie1"; do
        read -r space interface <<<"$space"
        ip netns exec "$space" nft "add table inet weather
            add chain inet weather in { type filter hook input priority 0; }
            add rule inet weather in iifname $interface numgen random mod 100 < $lost_percent drop" || return
    done
}

stop_losing() {
    ip netns exec "$service_space" nft delete table inet weather
    ip netns exec "$gateway_space" nft delete table inet weather
}

slow_down() {
    ip netns exec "$service_space" tc qdisc add dev walkie0 root tbf rate "$slow_rate" burst 3200 latency 2s
}

speed_up() {
    ip netns exec "$service_space" tc qdisc del dev walkie0 root
}

# What arrives is an answer; what does not is told in time, by whoever is there to tell.
lost_packets_cost_time_and_never_more_than_the_deadline() {
    local i line n_ok=0
    lose_packets
    for ((i = 0; i < n_echoes; i++)); do
        http '/v1/echo?timeout=1s'
        case $code in
        200) n_ok=$((n_ok + 1)) ;;
        503) until_true answers "http://$gateway_address/v1/echo" ;; # the health check had no luck
        504) ;;
        *) equals "status of an echo" "$code" "200, 503 or 504" ;;
        esac
    done
    stop_losing
    find_log "$gateway_log" http.response >"$work/responses"
    while read -r line; do
        at_most "elapsed_ms" "$(field "$line" elapsed_ms)" 2000
    done <"$work/responses"
    at_least "echoes answered" "$n_ok" $((n_echoes / 2))
    until_true answers "http://$gateway_address/v1/echo"
    until_true has_calls_in_flight 0
}

# The head is there at once, the file would take seconds: the answer is broken off at the deadline.
# The service has done its part: the file is within the credit, and waits in the kernel.
a_slow_link_breaks_the_answer_off_at_the_deadline() {
    local line
    slow_down
    http "/v1/centers/$site/audit-report?timeout=1500ms"
    equals "exit code of curl: a transfer that is not whole" "$curl_code" 18
    line=$(wait_for_log "$gateway_log" http.response complete=false)
    at_most "elapsed_ms" "$(field "$line" elapsed_ms)" 2500 # the file needs four seconds
    speed_up
    # The health check was held up, too: the link is well when what was queued on it has gone through.
    until_true answers "http://$gateway_address/v1/echo"
    until_true answers "http://$gateway_address/readyz"
    http "/v1/centers/$site/audit-report?timeout=20s"
    equals "status on a fast link" "$code" 200
    equals "exit code of curl" "$curl_code" 0
    until_true has_calls_in_flight 0
}

begin "$@"
begin_network "a link that loses packets, and a slow one" || exit 0
if ! command -v nft >/dev/null || ! slow_down >"$work/weather.out" 2>&1 || ! speed_up ||
    ! lose_packets >>"$work/weather.out" 2>&1 || ! stop_losing; then
    echo "skip - a link that loses packets, and a slow one: nft or tc cannot do it here: $(tail -n 1 "$work/weather.out")"
    exit 0
fi
start_both || exit 1
site=101
run_test lost_packets_cost_time_and_never_more_than_the_deadline
run_test a_slow_link_breaks_the_answer_off_at_the_deadline
finish
