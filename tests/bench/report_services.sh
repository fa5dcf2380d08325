# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # set for and by the harness
# A service and a gateway of their own for a measurement, and one report from them. Sourced after
# tests/e2e/harness.sh:
#
#     serve sqlite:edc.sqlite sqlite:ctms.sqlite && fetch 101 pdf | cut -d ' ' -f 1

# serve EDC CTMS (uris): a quiet service and gateway of their own.
serve() {
    kill_and_wait "$gateway_pid"
    kill_and_wait "$service_pid"
    service_log=$work/service.log gateway_log=$work/gateway.log
    : >"$service_log"
    : >"$gateway_log"
    in_background "$service_binary" --listen tcp://127.0.0.1:0 --admin 127.0.0.1:0 --spool-dir "$work" \
        --log-format json --log-file "$service_log" --edc "$1" --ctms "$2"
    service_pid=$last_pid
    until_true grep -q service.ready "$service_log" || return 1
    in_background "$gateway_binary" --listen 127.0.0.1:0 --admin 127.0.0.1:0 --log-format json \
        --log-file "$gateway_log" --backend "$(address_in "$service_log")"
    gateway_pid=$last_pid
    until_true grep -q service.ready "$gateway_log" || return 1
    gateway_address=$(address_in "$gateway_log")
    until_true answers "http://$gateway_address/readyz"
}

address_in() {
    sed -nE 's/.*"event":"service\.ready","address":"([^"]*)".*/\1/p' "$1"
}

# fetch SITE FORMAT: "milliseconds to the last byte, to the first", the file in $work/report.
fetch() {
    curl -sS -f -o "$work/report" --max-time 60 -w '%{time_total} %{time_starttransfer}\n' \
        "http://$gateway_address/v1/centers/$1/audit-report?format=$2&timeout=60s" |
        awk '{ print $1 * 1000, $2 * 1000 }'
}

median() {
    sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}
