#!/usr/bin/env bash
# What a call costs: our client and server over one connection, and grpc-go's beside them, in turns,
# so that both see the same machine. rpc_echo.sh RESULTS
#
# A round measures every variant once; the figures are the medians of the rounds.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
. tests/e2e/harness.sh
. tests/bench/peers.sh

rounds=${WALKIE_BENCH_ROUNDS:-3}
in_flight_tried='1 16 256 2000'
ours=build/release/tests/bench/rpc_bench

# measure_ours TRANSPORT MODE IN_FLIGHT
measure_ours() {
    "$ours" --runs 1 --transport "$1" --mode "$2" --in-flight "$3" --json "$work/ours" \
        >"$work/ours.log" 2>&1 || {
        tail -n 5 "$work/ours.log" >&2
        return 1
    }
}

measure_peer() {
    "$peers_folder/bin/rpcbench" -addr "$peer_service_address" -n "$1" -d 2 -pid "$peer_service_pid" \
        >>"$work/peer"
}

# medians KEY...: reads JSON lines; one line for each combination of the keys, in their order.
medians() {
    awk -v keys="$*" -v rounds="$rounds" -f tests/bench/medians.awk
}

begin build/release
has_peer=no
if peers_build; then
    has_peer=yes
    peers_start_go || exit 1
fi
: >"$work/peer"
for ((round = 1; round <= rounds; round++)); do
    for in_flight in $in_flight_tried; do
        for transport in tcp ipc tls; do
            for mode in inline worker; do
                measure_ours "$transport" "$mode" "$in_flight" || exit 1
            done
        done
        if [[ $has_peer == yes ]]; then
            measure_peer "$in_flight" || exit 1
        fi
    done
done
medians in_flight transport mode <"$work/ours" >>"$results"
sed -E 's/"client":"([^"]*)","n":/"bench":"rpc_echo","variant":"\1","transport":"tcp","mode":"","in_flight":/
    s/"cli_us"/"client_cpu_us"/; s/"svc_us"/"server_cpu_us"/; s/\}$/,"runs":1}/' "$work/peer" |
    medians in_flight variant >>"$results"
