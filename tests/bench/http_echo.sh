#!/usr/bin/env bash
# HTTP to the gateway, RPC to the service, and back: wrk on /v1/echo of ours, of Gin with grpc-go, and
# of nginx as a proxy in front of a file's worth of constant bytes (its figure is of the proxy alone,
# the "service" is another nginx), in turns, so that all see the same machine; and h2load over
# HTTP/2. http_echo.sh RESULTS
#
# A round measures every variant once; the figures are the medians of the rounds.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
. tests/e2e/harness.sh
. tests/bench/peers.sh

rounds=${WALKIE_BENCH_ROUNDS:-3}
seconds_each=${WALKIE_BENCH_SECONDS:-4}
connections_tried='1 16 64 256'
h2_connections_tried='1 8'
h2_streams=32 # at once, of each connection

# cpu_us PID: user and system time of a process, in microseconds.
cpu_us() {
    awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) * 1000000 / hz }' "/proc/$1/stat"
}

# measure VARIANT CONNECTIONS URL GATEWAY_PID SERVICE_PID: one line of figures to $work/figures.
measure() {
    local before_gateway before_service out
    before_gateway=$(cpu_us "$4")
    before_service=$(cpu_us "$5")
    out=$(wrk -t 1 -c "$2" -d "${seconds_each}s" --latency "$3")
    awk -v variant="$1" -v connections="$2" \
        -v gateway_us="$(($(cpu_us "$4") - before_gateway))" \
        -v service_us="$(($(cpu_us "$5") - before_service))" '
        function us(text) {
            return text ~ /us$/ ? text + 0 : text ~ /ms$/ ? text * 1000 : text * 1000000
        }
        $1 == "50%" { p50 = us($2) }
        $1 == "99%" { p99 = us($2) }
        / requests in / { requests = $1 }
        /^Requests\/sec/ { per_second = $2 }
        /Non-2xx|Socket errors/ { bad = 1 }
        END {
            if (requests > 0 && !bad) {
                print "h1", variant, connections, per_second, p50, p99, gateway_us / requests, service_us / requests
            } else {
                exit 1
            }
        }' <<<"$out" >>"$work/figures" || {
        echo "$1 with $2 connections did not answer well:" >&2
        echo "$out" >&2
        return 1
    }
}

# measure_h2 CONNECTIONS URL GATEWAY_PID SERVICE_PID: the same over HTTP/2.
measure_h2() {
    local before_gateway before_service after_gateway after_service
    before_gateway=$(cpu_us "$3")
    before_service=$(cpu_us "$4")
    h2load -c "$1" -m "$h2_streams" -D "$seconds_each" --log-file="$work/h2load.log" "$2" >"$work/h2load.out"
    after_gateway=$(cpu_us "$3")
    after_service=$(cpu_us "$4")
    # Start, status and microseconds of each request.
    sort -n -k 3 "$work/h2load.log" | awk -v connections="$1" -v seconds="$seconds_each" \
        -v gateway_us="$((after_gateway - before_gateway))" -v service_us="$((after_service - before_service))" '
        $2 != 200 { bad = 1 }
        { took[NR] = $3 }
        END {
            if (NR == 0 || bad) {
                exit 1
            }
            print "h2", "walkie", connections, NR / seconds, took[int(NR / 2) + 1], took[int(NR * 0.99) + 1], gateway_us / NR, service_us / NR
        }' >>"$work/figures" || {
        echo "HTTP/2 with $1 connections was not answered well:" >&2
        cat "$work/h2load.out" >&2
        return 1
    }
    rm -f "$work/h2load.log"
}

# write_medians: one JSON line for each variant and number of connections.
write_medians() {
    local protocol variant connections
    cut -d ' ' -f 1-3 "$work/figures" | sort -u | sort -k 1,1 -k 3n -k 2 | while read -r protocol variant connections; do
        printf '{"bench":"http_echo","variant":"%s","protocol":"%s","connections":%s,"requests_s":%.0f,"p50_us":%.0f,"p99_us":%.0f,"gateway_cpu_us":%.1f,"service_cpu_us":%.1f,"runs":%s}\n' \
            "$variant" "$protocol" "$connections" "$(median 4)" "$(median 5)" "$(median 6)" "$(median 7)" \
            "$(median 8)" "$rounds"
    done >>"$results"
}

# median COLUMN: of this protocol, variant and number of connections.
median() {
    awk -v protocol="$protocol" -v variant="$variant" -v connections="$connections" -v column="$1" \
        '$1 == protocol && $2 == variant && $3 == connections { print $column }' "$work/figures" |
        sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}

# Both services without a line a request, as the peers run; so they cannot say which port they got.
start_quiet() {
    service_address=tcp://127.0.0.1:$(free_port)
    in_background "$service_binary" --listen "$service_address" --admin 127.0.0.1:0 --log-level warn \
        --spool-dir "$work" --edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$study/ctms.sqlite" \
        2>"$work/service.log"
    service_pid=$last_pid
    gateway_address=127.0.0.1:$(free_port)
    in_background "$gateway_binary" --listen "$gateway_address" --admin 127.0.0.1:0 --log-level warn \
        --backend "$service_address" 2>"$work/gateway.log"
    gateway_pid=$last_pid
    until_true answers "http://$gateway_address/v1/echo"
}

begin build/release
start_quiet || exit 1
has_nginx=no
if peers_start_nginx; then
    has_nginx=yes
fi
has_peer=no
if peers_build; then
    has_peer=yes
    peers_start_go || exit 1
fi
for ((round = 1; round <= rounds; round++)); do
    for connections in $connections_tried; do
        measure walkie "$connections" "http://$gateway_address/v1/echo" "$gateway_pid" "$service_pid" || exit 1
        if [[ $has_peer == yes ]]; then
            measure gin+grpc-go "$connections" \
                "http://$peer_gateway_address/v1/centers/1/audit-report?mode=echo" \
                "$peer_gateway_pid" "$peer_service_pid" || exit 1
        fi
        if [[ $has_nginx == yes ]]; then
            measure nginx-proxy "$connections" "http://$peer_nginx_address/" "$peer_nginx_pid" \
                "$peer_nginx_static_pid" || exit 1
        fi
    done
    for connections in $h2_connections_tried; do
        measure_h2 "$connections" "http://$gateway_address/v1/echo" "$gateway_pid" "$service_pid" || exit 1
    done
done
write_medians
