#!/usr/bin/env bash
# What TLS costs in front of the gateway: requests on connections that are kept (wrk, TLS 1.3), whole
# handshakes (openssl s_time), memory of connections that wait. https.sh RESULTS
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
. tests/e2e/harness.sh
. tests/bench/peers.sh

rounds=${WALKIE_BENCH_ROUNDS:-3}
seconds_each=${WALKIE_BENCH_SECONDS:-3}
n_idle=1000

cpu_us() {
    awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) * 1000000 / hz }' "/proc/$1/stat"
}

resident_kb() {
    awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"
}

middle() {
    sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# start_quiet VARIANT: a gateway without a line a request; sets its address and pid.
start_quiet() {
    local flags=()
    if [[ $1 == https ]]; then
        flags=(--tls-cert "$work/ca/api-gateway.pem" --tls-key "$work/ca/api-gateway.key")
        curl_tls=(--cacert "$work/ca/ca.pem")
    fi
    gateway_address=127.0.0.1:$(free_port)
    in_background "$gateway_binary" --listen "$gateway_address" --admin 127.0.0.1:0 --log-level warn \
        --operations none --backend "$service_address" "${flags[@]}" 2>"$work/gateway.log"
    gateway_pid=$last_pid
    until_true answers "$1://$gateway_address/v1/echo"
}

# echo_of VARIANT ADDRESS PID: "requests/s cpu_us" to $work/echo-VARIANT
echo_of() {
    local before out
    before=$(cpu_us "$3")
    out=$(wrk -t 1 -c 64 -d "${seconds_each}s" "$1://$2/v1/echo")
    awk -v cpu="$(($(cpu_us "$3") - before))" '/ requests in / { n = $1 } /^Requests\/sec/ { s = $2 }
        /Non-2xx|Socket errors/ { bad = 1 } END { if (!n || bad) exit 1; print s, cpu / n }' <<<"$out" \
        >>"$work/echo-$1"
}

# handshakes VERSION ADDRESS PID
handshakes() {
    local before n
    before=$(cpu_us "$3")
    n=$(openssl s_time -connect "$2" -new -time 2 "-tls$1" 2>/dev/null |
        awk '/connections in .* real seconds/ { print $1; exit }')
    awk -v n="$n" -v cpu="$(($(cpu_us "$3") - before))" 'BEGIN { if (!n) exit 1; print cpu / n }' \
        >>"$work/handshakes-$1"
}

# idle VARIANT AUTHORITY ADDRESS PID
idle() {
    local before answer
    before=$(resident_kb "$4")
    coproc python3 tests/bench/https_idle.py "$3" "$2" "$n_idle"
    local holder=$COPROC_PID out=${COPROC[0]} in=${COPROC[1]}
    read -r -t 60 answer <&"$out" && [[ $answer == held ]] || return 1
    printf '{"bench":"https","figure":"idle","variant":"%s","connections":%s,"kb_each":%s,"runs":1}\n' \
        "$1" "$n_idle" \
        "$(awk -v kb="$(($(resident_kb "$4") - before))" -v n="$n_idle" 'BEGIN { printf "%.1f", kb / n }')" \
        >>"$results"
    exec {in}>&-
    wait "$holder"
}

begin build/release
deploy/certificates "$work/ca" >/dev/null
service_address=tcp://127.0.0.1:$(free_port)
in_background "$service_binary" --listen "$service_address" --admin 127.0.0.1:0 --log-level warn \
    --spool-dir "$work" --edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$study/ctms.sqlite" \
    2>"$work/service.log"
start_quiet http || exit 1
plain_address=$gateway_address plain_pid=$gateway_pid
start_quiet https || exit 1
for ((round = 1; round <= rounds; round++)); do
    echo_of http "$plain_address" "$plain_pid" || exit 1
    echo_of https "$gateway_address" "$gateway_pid" || exit 1
    handshakes 1_2 "$gateway_address" "$gateway_pid" || exit 1
    handshakes 1_3 "$gateway_address" "$gateway_pid" || exit 1
done
for variant in http https; do
    printf '{"bench":"https","figure":"echo","variant":"%s","connections":64,"requests_s":%.0f,"gateway_cpu_us":%.1f,"runs":%s}\n' \
        "$variant" "$(cut -d ' ' -f 1 "$work/echo-$variant" | middle)" \
        "$(cut -d ' ' -f 2 "$work/echo-$variant" | middle)" "$rounds" >>"$results"
done
for version in 1_2 1_3; do
    printf '{"bench":"https","figure":"handshake","variant":"tls%s","gateway_cpu_us":%.0f,"runs":%s}\n' \
        "${version/_/.}" "$(middle <"$work/handshakes-$version")" "$rounds" >>"$results"
done
idle http - "$plain_address" "$plain_pid" || exit 1
idle https "$work/ca/ca.pem" "$gateway_address" "$gateway_pid" || exit 1
gateway_pid='' # stopped as all in the background
