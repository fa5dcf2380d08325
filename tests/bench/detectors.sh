#!/usr/bin/env bash
# What the detectors (deaf handlers, leaks) cost: the echo benchmark with them and without, in turns.
# detectors.sh RESULTS
#
# A round measures each once; the figures are the medians of the rounds, the difference is that of the
# CPU that the server uses a call. A busy machine shows more noise than cost there; so, where valgrind
# is installed, the last lines give the share of the server's instructions, which is the same each time.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
rounds=${WALKIE_BENCH_ROUNDS:-9}
ours=build/release/tests/bench/rpc_bench
mkdir -p build/log
lines=build/log/bench-detectors.jsonl
: >"$lines"

# measure DETECTORS MODE
measure() {
    local line=build/log/bench-detectors-line.jsonl
    : >"$line"
    "$ours" --runs 1 --transport tcp --mode "$2" --in-flight 256 --detectors "$1" --json "$line" \
        >build/log/bench-detectors.log 2>&1 || {
        tail -n 5 build/log/bench-detectors.log >&2
        exit 1
    }
    sed "s/\"bench\":\"[^\"]*\",\"variant\":\"[^\"]*\"/\"bench\":\"detectors\",\"variant\":\"$1\"/" "$line" >>"$lines"
}

for ((round = 1; round <= rounds; round++)); do
    for mode in inline worker; do
        # The one that goes second finds a warmer machine: they take turns in that, too.
        if ((round % 2)); then
            measure on "$mode" && measure off "$mode"
        else
            measure off "$mode" && measure on "$mode"
        fi
    done
done
awk -v keys='mode variant' -v rounds="$rounds" -f tests/bench/medians.awk <"$lines" | tee -a "$results" |
    awk '
    function number(name) {
        return match($0, "\"" name "\":[0-9.]+") ? substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) + 0 : 0
    }
    {
        mode = /"mode":"inline"/ ? "inline" : "worker"
        cpu[mode, /"variant":"on"/ ? "on" : "off"] = number("server_cpu_us")
    }
    END {
        for (i = split("inline worker", modes, " "); i > 0; i--) {
            on = cpu[modes[i], "on"]
            off = cpu[modes[i], "off"]
            printf "detectors %s: %.3f us of server CPU a call with, %.3f without: %+.2f %%\n", modes[i], on,
                off, (on / off - 1) * 100
        }
    }'

command -v valgrind >/dev/null || exit 0
# share MODE: instructions of the detectors' functions, of all that the server spends on calls.
share() {
    local out=build/log/callgrind
    rm -f "$out".*
    valgrind --tool=callgrind --trace-children=yes --callgrind-out-file="$out.%p" "$ours" --runs 1 \
        --transport tcp --mode "$1" --in-flight 256 >build/log/bench-callgrind.log 2>&1 || return 1
    local server
    server=$(grep -l -- 'cmd:.*--server' "$out".* | head -n 1)
    callgrind_annotate --inclusive=yes --threshold=100 --auto=no "$server" | awk -v mode="$1" '
        { gsub(",", "", $1) }
        /:(server_call_take|server_call_run_job) \[/ { all += $1 }
        /:(leaks_check_ended|server_deaf_check_inline|server_deaf_watch|server_deaf_unwatch|stack_thread_id) \[/ {
            detectors += $1
        }
        END {
            printf "detectors %s: %d of %d instructions of calls on the server: %.2f %%\n", mode, detectors, all,
                detectors / all * 100
        }'
}
share inline && share worker
