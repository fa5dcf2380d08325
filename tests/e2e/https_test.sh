#!/usr/bin/env bash
# shellcheck disable=SC2034,SC2119,SC2120
# HTTPS at the gateway and at both admin ports: clients of other makers, every way to leave, what is
# refused, and new certificates while requests are served.
. "$(dirname "$0")/harness.sh"
. "$(dirname "$0")/departures.sh"

https_flags() {
    flags=(--tls-cert "$work/ca/$1.pem" --tls-key "$work/ca/$1.key")
}

start_https() {
    https_flags report-service
    start_service --admin-tls "${flags[@]}" "$@" || return 1
    https_flags api-gateway
    start_gateway --admin-tls "${flags[@]}"
}

every_version_is_spoken_and_no_older_one() {
    local version
    for version in 1.2 1.3; do
        http /v1/echo "--tlsv$version" --tls-max "$version"
        equals "status over TLS $version" "$code" 200
    done
    http /v1/echo --tlsv1.0 --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0
    equals "curl's exit code for TLS 1.1" "$curl_code" 35
    equals "curl's exit code for CBC" "$(cipher_code ECDHE-ECDSA-AES128-SHA256)" 35
    equals "curl's exit code for RSA key exchange" "$(cipher_code AES128-GCM-SHA256)" 35
    equals "curl's exit code for AEAD" "$(cipher_code ECDHE-ECDSA-CHACHA20-POLY1305)" 0
    contains "the reason" "$(wait_for_log "$gateway_log" http.tls_failed result=version)" \
        'unsupported protocol'
    wait_for_log "$gateway_log" http.tls_failed result=cipher >/dev/null
    contains "the count" "$(curl -s "${curl_tls[@]}" "https://$gateway_admin/metrics")" \
        'walkie_http_tls_handshakes_total\{result="version"\} 1'
}

cipher_code() {
    http /v1/echo --tls-max 1.2 --ciphers "$1"
    echo "$curl_code"
}

# with_input FIFO COMMAND...: in the background, with what is written to descriptor 9 as its input.
# (The shell gives its own background jobs /dev/null.)
with_input() {
    mkfifo "$1"
    exec 9<>"$1"
    "${@:2}" <"$1" 9>&- &
    last_pid=$!
    background_pids="$background_pids $last_pid"
}

# s_client FLAG...: what openssl says to the gateway, asked the lines of standard input.
s_client() {
    timeout 10 openssl s_client -connect "$gateway_address" -CAfile "$work/ca/ca.pem" \
        -servername localhost "$@" 2>&1
}

nothing_is_renegotiated_compressed_or_resumed() {
    local said
    said=$(s_client -tls1_2 </dev/null)
    contains "compression" "$said" '^Compression: NONE'
    contains "the certificate" "$said" 'Verify return code: 0'
    contains "a session id" "$said" 'Session-ID: *$'
    if grep -q 'TLS session ticket:' <<<"$said"; then
        echo "a ticket was given"
        return 1
    fi
    # R alone asks for another handshake.
    with_input "$work/again" s_client -tls1_2 -legacy_renegotiation -msg >"$work/again.out"
    until_true grep -q 'Verify return code' "$work/again.out"
    echo R >&9
    until_true grep -q 'warning no_renegotiation' "$work/again.out"
    exec 9>&-
    equals "hellos of the server" "$(grep -c 'ServerHello$' "$work/again.out")" 1
}

new_keys_in_tls_1_3_are_answered() {
    with_input "$work/keys" s_client -tls1_3 >"$work/keys.out"
    until_true grep -q 'Verify return code' "$work/keys.out"
    echo K >&9 # alone: new keys for both sides
    until_true grep -q KEYUPDATE "$work/keys.out"
    printf 'GET /v1/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&9
    until_true grep -q '200 OK' "$work/keys.out"
    exec 9>&-
}

plain_http_is_told_in_words() {
    contains "the answer" "$(curl -s "http://$gateway_address/v1/echo")" 'use https://'
}

admin_ports_are_https_where_it_was_asked_for() {
    local admin
    for admin in "$gateway_admin" "$service_admin"; do
        equals "the answer" "$(curl -s "${curl_tls[@]}" "https://$admin/healthz")" ok
        contains "the answer to HTTP" "$(curl -s "http://$admin/healthz")" 'use https://'
    done
}

a_client_without_the_authority_is_not_served() {
    local curl_tls=()
    http /v1/echo
    equals "curl's exit code" "$curl_code" 60
    wait_for_log "$gateway_log" http.tls_failed result=refused >/dev/null
}

a_report_comes_over_https() {
    http "/v1/centers/$site/audit-report"
    equals status "$code" 200
    contains "the file" "$(head -c 5 "$work/body")" '%PDF-'
}

a_body_of_the_largest_size_and_a_slow_reader_are_served() {
    head -c 65536 /dev/zero | tr '\0' ' ' >"$work/spaces"
    http "/v1/echo" -X POST --data-binary "@$work/spaces"
    contains status "$code" '^(200|400|405)$'
    http "/v1/echo?len=65536" --limit-rate 100k
    equals "bytes" "$(wc -c <"$work/body")" 65536
}

# leave VERSION WAY HOW: ask for a report, leave so, and the work stops.
leave() {
    new_trace
    with_input "$work/leave-$1-$2" python3 tests/support/tls_leave.py \
        "$gateway_address" "$work/ca/ca.pem" "$1" "$2" \
        "GET /v1/centers/$site/audit-report HTTP/1.1
Host: test
$traceparent

" >"$work/leave.out"
    until_true has_calls_in_flight 1
    if [[ $2 == killed ]]; then
        kill -9 "$last_pid"
    fi
    echo go >&9
    exec 9>&-
    call_has_stopped "how=($3)"
    [[ $2 == killed ]] || await_exit "$last_pid"
}

every_way_to_leave_stops_the_work() {
    # A FIN right behind a close_notify may be noticed first.
    leave 1.3 close fin
    leave 1.3 reset 'reset|hangup'
    leave 1.3 killed 'fin|reset'
    leave 1.3 half fin
    leave 1.3 goodbye close_notify
    leave 1.3 both 'fin|close_notify'
    leave 1.3 flood 'fin|reset|hangup'
    leave 1.3 farewell close_notify
    leave 1.2 goodbye close_notify
    until_true no_context_is_left
}

work_stops_as_soon_as_the_readme_promises_over_tls() {
    local i
    for ((i = 0; i < 5; i++)); do
        rm -f "$work"/leave-*
        leave 1.3 goodbye close_notify
        if at_most stop_latency_ms "$stop_ms" "$stop_ms_promised"; then
            return
        fi
    done
    return 1
}

# reload N: put another certificate there, N times, and wait until it is used.
reload() {
    local i
    for ((i = 1; i <= $1; i++)); do
        deploy/certificates "$work/ca" api-gateway >/dev/null
        kill -HUP "$gateway_pid"
        until_true has_reloaded "$i"
    done
}

has_reloaded() {
    (($(find_log "$gateway_log" tls.reloaded | wc -l) >= $1))
}

certificates_are_changed_under_load_and_no_request_fails() {
    start_https
    # A background job of the shell does not hear SIGINT, at which wrk says how it went.
    in_background python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])' \
        wrk -t1 -c16 -d60s "https://$gateway_address/v1/echo" >"$work/wrk"
    local load=$last_pid
    with_input "$work/stop" python3 tests/support/https_requests.py "$gateway_address" \
        "$work/ca/ca.pem" /v1/echo >"$work/requests"
    local requests=$last_pid
    until_true grep -q begun "$work/requests"
    reload 20
    echo stop >&9
    exec 9>&-
    kill -INT "$load"
    await_exit "$load"
    await_exit "$requests"
    contains "wrk's requests" "$(cat "$work/wrk")" 'Requests/sec: +[1-9]'
    equals "what failed for wrk" "$(grep -E 'Socket errors|Non-2xx' "$work/wrk")" ''
    contains "requests on connections of their own" "$(tail -n 1 "$work/requests")" \
        'answered=[1-9][0-9]* wrong=0 certificates=([3-9]|1[0-9]|2[01]) '
}

# Each on a connection of its own: some are amid their handshake when draining begins.
a_drain_under_load_fails_no_request() {
    start_https
    local i pids=''
    mkfifo "$work/go-on"
    exec 9<>"$work/go-on"
    for ((i = 0; i < 3; i++)); do
        python3 tests/support/https_requests.py "$gateway_address" "$work/ca/ca.pem" /v1/echo \
            <"$work/go-on" 9>&- >"$work/drained-$i" &
        pids="$pids $!"
        background_pids="$background_pids $!"
    done
    until_true has_responses 50
    kill -TERM "$gateway_pid"
    await_exit "$gateway_pid"
    equals "exit code of the gateway" "$exit_code" 0
    gateway_pid=$gateway_of_file
    for i in $pids; do
        await_exit "$i"
    done
    equals "clients without a failure" "$(cat "$work"/drained-* | grep -c ' wrong=0 ')" 3 ||
        { cat "$work"/drained-* && return 1; }
}

has_responses() {
    (($(find_log "$gateway_log" http.response status=200 | wc -l) >= $1))
}

a_bad_certificate_is_not_taken_and_said() {
    start_https
    cp "$work/ca/report-service.pem" "$work/ca/api-gateway.pem"
    kill -HUP "$gateway_pid"
    contains "the log" "$(wait_for_log "$gateway_log" tls.reload_failed)" \
        'the key does not belong to the certificate'
    http /v1/echo
    equals status "$code" 200
    deploy/certificates "$work/ca" api-gateway >/dev/null
}

the_oldest_version_and_a_chain_are_as_the_settings_say() {
    cat "$work/ca/api-gateway.pem" "$work/ca/ca.pem" >"$work/chain.pem"
    start_gateway --tls-min 1.3 --tls-cert "$work/chain.pem" --tls-key "$work/ca/api-gateway.key"
    http /v1/echo --tls-max 1.2
    equals "curl's exit code for TLS 1.2" "$curl_code" 35
    http /v1/echo
    equals status "$code" 200
    equals "certificates shown" "$(s_client -showcerts </dev/null | grep -c 'BEGIN CERT')" 2
}

# Anybody may begin a handshake; 1,024 of them at a time, and others are served meanwhile.
handshakes_that_go_no_further_cost_bounded_memory_and_delay_nobody_for_long() {
    start_gateway "${flags_of_gateway[@]}" --log-level info
    local grown
    ulimit -n 4096
    with_input "$work/flood" python3 tests/support/tls_flood.py "$gateway_address" 2000 \
        "$gateway_pid" >"$work/grown"
    until_true test -s "$work/grown"
    grown=$(<"$work/grown")
    at_most "KB that the gateway grew by" "$grown" 153600
    http /v1/echo
    equals status "$code" 200
    at_most "seconds of another" "$seconds" 3
    exec 9>&-
}

files_are_checked_before_the_start() {
    https_flags api-gateway
    "$gateway_binary" --check-config "${flags[@]}"
    cp "$work/ca/api-gateway.key" "$work/loose.key"
    chmod 644 "$work/loose.key"
    contains "words" "$("$gateway_binary" --check-config --tls-cert "$work/ca/api-gateway.pem" \
        --tls-key "$work/loose.key" 2>&1)" 'others may read or change this key'
    contains "words" "$("$gateway_binary" --check-config --tls-cert "$work/ca/api-gateway.pem" 2>&1)" \
        '--tls-key is missing'
    contains "words" "$("$service_binary" --check-config --admin-tls --edc sqlite:x \
        --ctms sqlite:y 2>&1)" '--admin-tls needs a certificate'
}

begin "$@"
deploy/certificates "$work/ca" >"$work/certificates.out" || exit 1
scheme=https
admin_scheme=https
curl_tls=(--cacert "$work/ca/ca.pem")
start_https || exit 1
https_flags api-gateway
flags_of_gateway=("${flags[@]}")
site=$(sites | sed -n 1p)
run_test every_version_is_spoken_and_no_older_one
run_test nothing_is_renegotiated_compressed_or_resumed
run_test new_keys_in_tls_1_3_are_answered
run_test plain_http_is_told_in_words
run_test admin_ports_are_https_where_it_was_asked_for
run_test a_client_without_the_authority_is_not_served
run_test a_report_comes_over_https
run_test a_body_of_the_largest_size_and_a_slow_reader_are_served
run_test certificates_are_changed_under_load_and_no_request_fails
run_test a_drain_under_load_fails_no_request
run_test a_bad_certificate_is_not_taken_and_said
run_test the_oldest_version_and_a_chain_are_as_the_settings_say
run_test handshakes_that_go_no_further_cost_bounded_memory_and_delay_nobody_for_long
run_test files_are_checked_before_the_start
stop_services
start_https --fault edc.delay=30s || exit 1
run_test every_way_to_leave_stops_the_work
run_test work_stops_as_soon_as_the_readme_promises_over_tls
finish
