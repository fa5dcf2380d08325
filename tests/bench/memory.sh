#!/usr/bin/env bash
# Resident memory of the gateway and the service while N requests wait in both: ours, and Gin with
# grpc-go beside them. memory.sh RESULTS
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
. tests/e2e/harness.sh
. tests/bench/peers.sh

hold=build/release/tests/bench/bench_hold
in_flight_tried='1000 5000'
still_rounds=10 # memory has come to rest when it has not grown for so many looks, 0.1 s apart

resident_kb() {
    awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}

# await_rest PID PID: until neither has grown for a while.
await_rest() {
    local before=0 now still=0 looks=0
    while ((still < still_rounds && looks++ < 300)); do
        sleep 0.1
        now=$(($(resident_kb "$1") + $(resident_kb "$2")))
        ((still = now > before ? 0 : still + 1))
        before=$now
    done
}

# measure VARIANT ADDRESS PATH IN_FLIGHT GATEWAY_PID SERVICE_PID
measure() {
    local variant=$1 port=${2##*:} path=$3 in_flight=$4
    coproc "$hold" "$port" "$in_flight" "$path"
    local hold_pid=$COPROC_PID answer
    if ! read -r -t 30 answer <&"${COPROC[0]}"; then
        echo "memory: the requests cannot be held"
        return 1
    fi
    await_rest "$5" "$6"
    local gateway_kb service_kb
    gateway_kb=$(resident_kb "$5")
    service_kb=$(resident_kb "$6")
    local out=${COPROC[0]} in=${COPROC[1]}
    exec {in}>&-
    read -r -t 10 answer <&"$out"
    wait "$hold_pid"
    if [[ $answer != "lost 0" ]]; then
        echo "memory: $variant did not hold $in_flight requests: $answer"
        return 1
    fi
    printf '{"bench":"memory","variant":"%s","in_flight":%s,"gateway_kb":%s,"service_kb":%s,"runs":1}\n' \
        "$variant" "$in_flight" "$gateway_kb" "$service_kb" >>"$results"
}

ulimit -n 20000 || {
    echo "memory: 20000 open files are not allowed here"
    exit 1
}
begin build/release
has_peer=no
if peers_build; then
    has_peer=yes
fi
for in_flight in $in_flight_tried; do
    # Fresh ones each time: memory that was in use once is not always given back.
    start_services --log-level info || exit 1
    measure walkie "$gateway_address" '/v1/sleep?ms=50000&timeout=60s' "$in_flight" "$gateway_pid" \
        "$service_pid" || exit 1
    stop_services || exit 1
    if [[ $has_peer == yes ]]; then
        peers_start_go || exit 1
        measure go "$peer_gateway_address" \
            '/v1/centers/7/audit-report?mode=sleep&ms=50000&timeout_ms=60000' "$in_flight" \
            "$peer_gateway_pid" "$peer_service_pid" || exit 1
        kill_background
    fi
done
