#!/usr/bin/env bash
# More work than the service can do: 10 ms of CPU with a deadline of 200 ms, asked for over HTTP at a
# constant rate, the service on one core, gateway and load on another. overload.sh RESULTS
#
# load: the rate, in times of what the service does in a closed loop (capacity_s). goodput_s: answers
# within the deadline. wasted_cpu_pct: CPU of work whose answer nobody got, of that of all work; ours
# from the work accounts (/metrics), the peers' from the service's CPU time and what a call costs in
# the closed loop. recovery_ms: from the end of the overload until all is well again, at three
# quarters of the capacity.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
. tests/e2e/harness.sh
. tests/bench/peers.sh

load_program=build/release/tests/bench/bench_load
rounds=${WALKIE_BENCH_ROUNDS:-3}
seconds_each=${WALKIE_BENCH_SECONDS:-4}
seconds_after=1
loads_tried='0.5 1 2 5 10'
deadline_ms=200

# The last two CPUs that we may use; with a single one everything shares it.
mapfile -t cpus < <(awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status | tr ',' '\n' |
    awk -F- '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }' | tail -n 2)
client_cpu=${cpus[0]}
service_cpu=${cpus[-1]}

on_client_cpu() {
    taskset -c "$client_cpu" "$@"
}

start_pinned() {
    service_address=tcp://127.0.0.1:$(free_port)
    service_admin=127.0.0.1:$(free_port)
    in_background taskset -c "$service_cpu" "$service_binary" --listen "$service_address" \
        --admin "$service_admin" --log-level error --allow-faults --spool-dir "$work" \
        --edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$study/ctms.sqlite" 2>"$work/service.log"
    service_pid=$last_pid
    gateway_address=127.0.0.1:$(free_port)
    in_background taskset -c "$client_cpu" "$gateway_binary" --listen "$gateway_address" \
        --admin 127.0.0.1:0 --log-level error --allow-faults --backend "$service_address" \
        2>"$work/gateway.log"
    gateway_pid=$last_pid
    until_true answers "http://$gateway_address/v1/echo"
}

start_peer_pinned() {
    peers_start_go || return 1
    taskset -a -cp "$service_cpu" "$peer_service_pid" >"$work/taskset.log" &&
        taskset -a -cp "$client_cpu" "$peer_gateway_pid" >"$work/taskset.log"
}

# cpu_ms PID: user and system time of a process.
cpu_ms() {
    awk -v hz="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); print ($12 + $13) * 1000 / hz }' "/proc/$1/stat"
}

# work_accounts: "cpu of all work in ms, of the work that ended OK, number of calls that ended OK".
work_accounts() {
    curl -s --max-time 5 "http://$service_admin/metrics" | awk '
        /^walkie_handler_cpu_seconds_total\{.*Service\/Work"/ {
            all += $NF * 1000
            if (/status="OK"/) ok += $NF * 1000
        }
        /^walkie_rpc_calls_total\{.*Service\/Work",side="server",status="OK"/ { n = $NF }
        END { printf "%f %f %f\n", all, ok, n }'
}

# values_of LINE NAME...: the figures that stand after these names.
values_of() {
    local line=$1
    shift
    awk -v names="$*" '{
        n = split(names, name, " ")
        for (i = 1; i < NF; i += 2) figure[$i] = $(i + 1)
        for (i = 1; i <= n; i++) printf "%s%s", figure[name[i]], i < n ? " " : "\n"
    }' <<<"$line"
}

# measure_capacity ADDRESS PATH PID: sets capacity, and cpu_ms_each, what a call costs the service. The
# better of one and two connections: Go does worse with two on one core.
measure_capacity() {
    local connections before out good
    capacity=0
    for connections in 1 2; do
        before=$(cpu_ms "$3")
        out=$(on_client_cpu "$load_program" closed "${1##*:}" "$2" "$connections" "$seconds_each") || return 1
        good=$(values_of "$out" good_s)
        if awk -v good="$good" -v capacity="$capacity" 'BEGIN { exit !(good > capacity) }'; then
            capacity=$good
            cpu_ms_each=$(awk -v cpu="$(cpu_ms "$3")" -v before="$before" -v n="$good" \
                -v seconds="$seconds_each" 'BEGIN { print (cpu - before) / (n * seconds) }')
        fi
    done
}

# overload ADDRESS PATH LOAD: sets `out`, the line of the load program.
overload() {
    out=$(on_client_cpu "$load_program" open "${1##*:}" "$2" "$deadline_ms" \
        "$(awk -v load="$3" -v capacity="$capacity" 'BEGIN { print load * capacity }')" "$seconds_each" \
        "$(awk -v capacity="$capacity" 'BEGIN { print capacity * 3 / 4 }')" "$seconds_after")
}

# write_line VARIANT LOAD WASTED_PCT
write_line() {
    local good_s p99 recovery
    read -r good_s p99 recovery <<<"$(values_of "$out" good_s p99_ms recovery_ms)"
    printf '{"bench":"overload","variant":"%s","load":%s,"capacity_s":%s,"goodput_s":%s,"p99_ms":%s,"wasted_cpu_pct":%s,"recovery_ms":%s,"runs":1}\n' \
        "$1" "$2" "$capacity" "$good_s" "$p99" "$3" "$recovery" >>"$work/figures"
}

measure_ours() {
    local path='/v1/work?ms=10' load before
    measure_capacity "$gateway_address" "$path&timeout=5s" "$service_pid" || return 1
    for load in $loads_tried; do
        before=$(work_accounts)
        overload "$gateway_address" "$path&timeout=${deadline_ms}ms" "$load" || return 1
        until_true has_calls_in_flight 0 || return 1
        write_line walkie "$load" "$(echo "$before $(work_accounts) $(values_of "$out" n_good n_good_after)" |
            awk '{
                all = $4 - $1; ok = $5 - $2; n_ok = $6 - $3; n_good = $7 + $8
                printf "%.2f", 100 * (all - ok * n_good / n_ok) / all
            }')"
    done
}

measure_peer() {
    local path='/v1/centers/7/audit-report?mode=work&ms=10' load before
    measure_capacity "$peer_gateway_address" "$path&timeout_ms=5000" "$peer_service_pid" || return 1
    for load in $loads_tried; do
        before=$(cpu_ms "$peer_service_pid")
        overload "$peer_gateway_address" "$path&timeout_ms=$deadline_ms" "$load" || return 1
        write_line gin+grpc-go "$load" "$(echo "$(cpu_ms "$peer_service_pid") $(values_of "$out" n_good n_good_after)" |
            awk -v before="$before" -v each="$cpu_ms_each" '{
                all = $1 - before; wasted = all - each * ($2 + $3)
                printf "%.2f", (wasted > 0 ? 100 * wasted / all : 0)
            }')"
    done
}

begin build/release
start_pinned || exit 1
has_peer=no
if peers_build; then
    has_peer=yes
    start_peer_pinned || exit 1
fi
for ((round = 1; round <= rounds; round++)); do
    measure_ours || exit 1
    if [[ $has_peer == yes ]]; then
        measure_peer || exit 1
    fi
done
awk -v keys="variant load" -v rounds="$rounds" -f tests/bench/medians.awk "$work/figures" >>"$results"
