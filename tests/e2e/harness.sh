# shellcheck shell=bash
# shellcheck disable=SC2030,SC2031,SC2034,SC2119,SC2120
# Both services, started on free ports, and the words that a scenario is written in:
#
#     . "$(dirname "$0")/harness.sh"
#     a_site_has_a_report() { http "/v1/centers/$site/audit-report"; equals status "$code" 200; }
#     begin "$@"; start_services; run_test a_site_has_a_report; finish
#
# Each test runs in a subshell with `set -e`: the first expectation that does not hold ends it. What
# a test starts, it stops. Output is "ok - NAME" or "not ok - NAME" and why; tests/run counts them.
#
# Everything here waits for an event with a limit; nothing waits for a time to pass.
set -u -o pipefail

wait_seconds_max=30  # for a line of a log, a process to end, a port to answer
poll_seconds=0.01    # how often such a thing is looked for
tests_failed=0
scheme=http # of the gateway; https: with curl_tls
admin_scheme=http # of both admin ports
curl_tls=()

# begin BUILD [TEST...]: the folder with the binaries, and the tests to run (none: all).
begin() {
    local build=${1:?usage: $0 BUILD_FOLDER [TEST...]}
    shift
    only=" $* "
    gateway_binary=$build/api-gateway/api-gateway
    service_binary=$build/report-service/report-service
    data_binary=$build/report-service/import/walkie-data
    mkdir -p build/e2e
    work=$(mktemp -d "$PWD/build/e2e/$(basename "$0" .sh)-XXXXXX")
    export XDG_STATE_HOME=$work/state # operations
    unset STATE_DIRECTORY
    gateway_pid='' service_pid='' background_pids='' gateway_log=/dev/null service_log=/dev/null
    trap stop_everything EXIT
    make_study
}

# The demonstration study is the same for everybody and only read: made once for each build, also where
# several scenarios begin at once.
make_study() {
    local lock
    study=$PWD/build/e2e/study-$(basename "$(dirname "$(dirname "$gateway_binary")")")
    exec {lock}>"$study.lock"
    flock "$lock"
    if [[ ! -e $study/done || $data_binary -nt $study/done ]]; then
        mkdir -p "$study"
        if ! "$data_binary" demo --edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$study/ctms.sqlite" \
            --force >"$study/log" 2>&1; then
            cat "$study/log"
            echo "not ok - the demonstration study is made"
            exit 1
        fi
        touch "$study/done"
    fi
    exec {lock}>&-
}

# The services that the file started end in order, without a word from a sanitizer.
finish() {
    local name="the services end with exit code 0"
    if [[ -n $gateway_pid && $only == "  " ]]; then
        if stop_services && [[ ! -s $gateway_log.out && ! -s $service_log.out ]]; then
            echo "ok - $name"
        else
            tests_failed=$((tests_failed + 1))
            echo "not ok - $name"
            tail -n 40 "$gateway_log.out" "$service_log.out"
        fi
    fi
    ((tests_failed == 0))
    exit
}

# run_test NAME: the function NAME, in a subshell; its name with blanks is its title.
run_test() {
    if [[ $only != "  " && $only != *" $1 "* ]]; then
        return
    fi
    local out=$work/$1.out
    (
        trap stop_children EXIT
        gateway_of_file=$gateway_pid service_of_file=$service_pid background_pids=''
        set -e
        "$1"
    ) >"$out" 2>&1
    local result=$?
    set +e # what is stopped here ends with the codes of killed processes
    if ((result == 0)); then
        echo "ok - ${1//_/ }"
    else
        tests_failed=$((tests_failed + 1))
        echo "not ok - ${1//_/ }"
        sed 's/^/    /' "$out"
    fi
}

# What a test has started besides what its file had.
stop_children() {
    local result=$?
    set +e # what is stopped here ends with the codes of killed processes
    if ((result != 0)); then
        show_log "$gateway_log"
        show_log "$service_log"
    fi
    [[ $gateway_pid == "$gateway_of_file" ]] || kill_and_wait "$gateway_pid"
    [[ $service_pid == "$service_of_file" ]] || kill_and_wait "$service_pid"
    kill_background
}

show_log() {
    echo "the end of ${1##*/}:"
    grep -v '"level":"debug"' "$1" | tail -n 8 | cut -c 1-400
}

stop_everything() {
    kill_background
    kill_and_wait "$gateway_pid"
    kill_and_wait "$service_pid"
    if ((tests_failed == 0)); then
        rm -rf "$work"
    fi
}

kill_background() {
    local pid
    for pid in $background_pids; do
        kill_and_wait "$pid"
    done
    background_pids=''
}

kill_and_wait() {
    if [[ -n $1 ]]; then
        kill -9 "$1" 2>/dev/null
        wait "$1" 2>/dev/null
    fi
    return 0
}

# until_true COMMAND...: run it until it succeeds; fails after wait_seconds_max.
until_true() {
    local end=$((SECONDS + wait_seconds_max))
    until "$@"; do
        if ((SECONDS >= end)); then
            echo "in vain, for $wait_seconds_max s: $*"
            return 1
        fi
        sleep "$poll_seconds"
    done
}

# is_gone PID: it has ended (a zombie has, too).
is_gone() {
    [[ ! -r /proc/$1/stat ]] || [[ $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) == [ZX]* ]]
}

# await_exit PID: waits for the end of a process that this shell started; sets exit_code.
await_exit() {
    until_true is_gone "$1"
    exit_code=0
    wait "$1" || exit_code=$?
}

# wait_for_log FILE EVENT [FIELD=VALUE...]: the last such line, once there is one.
wait_for_log() {
    until_true log_has "$@"
    find_log "$@" | tail -n 1
}

# Not grep -q: a reader that stops early fails what writes to it, and with that the pipe.
log_has() {
    [[ -n $(find_log "$@") ]]
}

# find_log FILE EVENT [FIELD=VALUE...]: all such lines.
find_log() {
    local file=$1 event=$2 field lines
    shift 2
    lines=$(grep -F "\"event\":\"$event\"" "$file")
    for field in "$@"; do
        lines=$(grep -E "\"${field%%=*}\":\"?${field#*=}\"?[,}]" <<<"$lines")
    done
    if [[ -n $lines ]]; then
        printf '%s\n' "$lines"
    fi
}

# field LINE NAME: the value of a field, without quotes.
field() {
    sed -nE "s/.*\"$2\":(\"([^\"]*)\"|([^,}]*)).*/\2\3/p" <<<"$1"
}

# start_service [FLAG...]: sets service_pid, service_log, service_address, service_admin.
start_service() {
    service_log=$work/service-$RANDOM.log
    "$service_binary" --listen tcp://127.0.0.1:0 --admin 127.0.0.1:0 --log-format json \
        --log-level debug --log-file "$service_log" --allow-faults --spool-dir "$work" \
        --edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$study/ctms.sqlite" "$@" \
        >"$service_log.out" 2>&1 &
    service_pid=$!
    local line
    touch "$service_log"
    if ! line=$(wait_for_ready "$service_pid" "$service_log"); then
        cat "$service_log.out"
        return 1
    fi
    service_address=$(field "$line" address)
    service_admin=$(field "$line" admin)
}

# start_gateway [FLAG...]: sets gateway_pid, gateway_log, gateway_address, gateway_admin.
start_gateway() {
    gateway_log=$work/gateway-$RANDOM.log
    "$gateway_binary" --listen 127.0.0.1:0 --admin 127.0.0.1:0 --backend "$service_address" \
        --log-format json --log-level debug --log-file "$gateway_log" --allow-faults "$@" \
        >"$gateway_log.out" 2>&1 &
    gateway_pid=$!
    local line
    touch "$gateway_log"
    if ! line=$(wait_for_ready "$gateway_pid" "$gateway_log"); then
        cat "$gateway_log.out"
        return 1
    fi
    gateway_address=$(field "$line" address)
    gateway_admin=$(field "$line" admin)
    until_true answers "$scheme://$gateway_address/readyz"
}

# start_services [FLAG of the service...]
start_services() {
    start_service "$@" && start_gateway
}

# stop_services: both, in order, as an operator would. Fails when one ends with another code than 0.
stop_services() {
    stop_one "$gateway_pid" && gateway_pid='' && stop_one "$service_pid" && service_pid=''
}

stop_one() {
    kill -TERM "$1" && await_exit "$1" && ((exit_code == 0))
}

wait_for_ready() {
    until_true is_ready_or_gone "$1" "$2" && find_log "$2" service.ready | tail -n 1 | grep .
}

is_ready_or_gone() {
    log_has "$2" service.ready || is_gone "$1"
}

answers() {
    curl -sf "${curl_tls[@]}" -o /dev/null --max-time 2 "$1"
}

# http PATH [CURL ARGUMENT...]: sets code, seconds; the answer is in $work/body and $work/headers.
http() {
    local path=$1 written
    shift
    curl_code=0
    written=$(curl -sS -o "$work/body" -D "$work/headers" -w '%{http_code} %{time_total}' \
        --max-time 60 "${curl_tls[@]}" "$@" "$scheme://$gateway_address$path" 2>"$work/curl.err") || curl_code=$?
    code=${written% *}
    seconds=${written#* }
}

# header NAME: of the last answer.
header() {
    tr -d '\r' <"$work/headers" | sed -nE "s/^$1: *//Ip" | tail -n 1
}

# sites: the numbers of all sites.
sites() {
    http /v1/centers >/dev/null
    sed -nE 's/.*"center":[[:space:]]*"([^"]*)".*/\1/p' "$work/body"
}

# new_trace: sets trace_id and traceparent (a header).
new_trace() {
    trace_id=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    traceparent="traceparent: 00-$trace_id-00f067aa0ba902b7-01"
}

# in_background COMMAND...: sets last_pid; stopped at the end of the test.
in_background() {
    "$@" &
    last_pid=$!
    background_pids="$background_pids $last_pid"
}

# calls_in_flight: how many the service has now.
calls_in_flight() {
    curl -s "${curl_tls[@]}" --max-time 2 "$admin_scheme://$service_admin/debug/calls" | grep -c '"call_id"'
}

has_calls_in_flight() {
    [[ $(calls_in_flight) == "$1" ]]
}

# Expectations. NAME is what the figure is, for the message.
equals() {
    if [[ $2 != "$3" ]]; then
        echo "$1 is \"$2\", expected \"$3\""
        return 1
    fi
}

contains() {
    if ! grep -qE -- "$3" <<<"$2"; then
        echo "$1 does not match \"$3\":"
        head -c 2000 <<<"$2"
        return 1
    fi
}

# least: of the figures, one a line. One of several is as quick as promised, unless something is wrong:
# the others may have waited for a core.
least() {
    sort -n | sed -n 1p
}

# figures FILE EVENT NAME [FIELD=VALUE...]: a field of all such lines, one a line.
figures() {
    local line
    find_log "$1" "$2" "${@:4}" | while read -r line; do
        field "$line" "$3"
    done
}

# at_most NAME FIGURE LIMIT: decimal fractions; no figure is a failure.
at_most() {
    if ! awk -v figure="$2" -v limit="$3" 'BEGIN { exit !(figure != "" && figure + 0 <= limit + 0) }'; then
        echo "$1 is \"$2\", expected at most $3"
        return 1
    fi
}

at_least() {
    if ! awk -v figure="$2" -v limit="$3" 'BEGIN { exit !(figure != "" && figure + 0 >= limit + 0) }'; then
        echo "$1 is \"$2\", expected at least $3"
        return 1
    fi
}
