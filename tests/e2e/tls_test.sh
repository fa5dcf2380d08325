#!/usr/bin/env bash
# shellcheck disable=SC2119,SC2120
# Both services with TLS between them, certificates at both ends; what is wrong is said in words.
. "$(dirname "$0")/harness.sh"

told_ms_max=3000 # a peer that dies is noticed at the latest after this,
busy_ms_max=3000 # and so much later when others use the machine, too

make_certificates() {
    deploy/certificates "$work/ca" >"$work/certificates.out" &&
        deploy/certificates "$work/other" >>"$work/certificates.out" &&
        make_expired
}

# A certificate whose time is over: openssl x509 -req makes none, openssl ca does.
make_expired() {
    (
        cd "$work/ca" || exit 1
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj /CN=localhost \
            -keyout expired.key -out expired.csr
        touch index
        openssl ca -batch -notext -config <(printf '%s\n' '[ca]' 'default_ca=d' '[d]' \
            'database=index' 'rand_serial=yes' 'policy=p' 'default_md=sha256' \
            'new_certs_dir=.' '[p]' 'commonName=supplied') -cert ca.pem -keyfile ca.key \
            -startdate 20240101000000Z -enddate 20240201000000Z -in expired.csr -out expired.pem
    ) >>"$work/certificates.out" 2>&1
}

# tls_flags CA NAME [PREFIX]: sets flags; PREFIX: of the settings for what is shown.
tls_flags() {
    flags=(--tls-ca "$work/$1/ca.pem" "--${3-}tls-cert" "$work/$1/$2.pem"
        "--${3-}tls-key" "$work/$1/$2.key")
}

start_tls_service() {
    tls_flags ca report-service
    start_service --listen tls+tcp://127.0.0.1:0 "${flags[@]}" "$@"
    service_address=tls+tcp://localhost:${service_address##*:}
}

start_tls_gateway() {
    tls_flags ca api-gateway backend-
    start_gateway "${flags[@]}" "$@"
}

# Start a gateway that never becomes ready, and wait for the words in its log.
expect_dial_failure() {
    gateway_log=$work/gateway-$RANDOM.log
    touch "$gateway_log"
    "$gateway_binary" --listen 127.0.0.1:0 --admin 127.0.0.1:0 --backend "$service_address" \
        --log-format json --log-file "$gateway_log" "${@:2}" >"$gateway_log.out" 2>&1 &
    gateway_pid=$!
    contains "the gateway's log" "$(wait_for_log "$gateway_log" rpc.dial_failed)" "$1"
}

a_report_comes_over_tls() {
    http "/v1/centers/$site/audit-report"
    equals "status" "$code" 200
    contains "the service's log" "$(wait_for_log "$service_log" rpc.connect)" '"peer":"tls:127'
}

a_deadline_and_a_departure_travel_over_tls() {
    http "/v1/sleep?ms=5000&timeout=200ms"
    equals "status" "$code" 504
    in_background curl -s -o /dev/null "http://$gateway_address/v1/sleep?ms=60000"
    until_true has_calls_in_flight 1
    kill -9 "$last_pid"
    wait_for_log "$service_log" ctx.stopped cause=client_disconnected >/dev/null
    until_true has_calls_in_flight 0
}

a_gateway_that_dies_is_noticed_over_tls() {
    start_tls_service --fault edc.delay=60s
    start_tls_gateway
    in_background curl -s -o /dev/null "http://$gateway_address/v1/centers/$site/audit-report"
    until_true has_calls_in_flight 1
    local began
    began=$(date +%s%N)
    kill -9 "$gateway_pid"
    until_true has_calls_in_flight 0
    at_most "ms until the work had stopped" "$((($(date +%s%N) - began) / 1000000))" \
        "$((told_ms_max + busy_ms_max))"
    wait_for_log "$service_log" rpc.peer_lost n_calls=1 >/dev/null
}

a_gateway_that_is_stopped_is_noticed_over_tls() {
    start_tls_service --fault edc.delay=60s
    start_tls_gateway
    in_background curl -s -o /dev/null "http://$gateway_address/v1/centers/$site/audit-report"
    until_true has_calls_in_flight 1
    local began
    began=$(date +%s%N)
    kill -STOP "$gateway_pid"
    until_true has_calls_in_flight 0
    at_most "ms until the work had stopped" "$((($(date +%s%N) - began) / 1000000))" \
        "$((told_ms_max + busy_ms_max))"
    contains "the reason" "$(wait_for_log "$service_log" rpc.peer_lost)" 'silent for 3 s'
}

a_service_of_another_authority_is_refused_in_words() {
    start_tls_service
    tls_flags other api-gateway backend-
    expect_dial_failure "no authority in $work/other/ca.pem" "${flags[@]}"
}

a_gateway_of_another_authority_is_refused_in_words() {
    start_tls_service
    tls_flags other api-gateway backend-
    expect_dial_failure "the service refuses our certificate" "${flags[@]}" \
        --tls-ca "$work/ca/ca.pem"
    contains "the service's log" "$(wait_for_log "$service_log" rpc.tls_failed)" \
        "the peer's certificate is not accepted: it has expired, or no authority in"
}

a_gateway_without_a_certificate_is_refused_in_words() {
    start_tls_service
    expect_dial_failure "refuses our certificate .none" --tls-ca "$work/ca/ca.pem"
    contains "the service's log" "$(wait_for_log "$service_log" rpc.tls_failed)" \
        "the peer brought no certificate"
}

# A new authority, too: whoever connects after the SIGHUP needs it, who is connected goes on.
renewed_files_are_used_by_the_next_connection() {
    mkdir "$work/ours"
    cp "$work"/ca/{ca,report-service,api-gateway}.* "$work/ours"
    tls_flags ours report-service
    start_service --listen tls+tcp://127.0.0.1:0 "${flags[@]}"
    service_address=tls+tcp://localhost:${service_address##*:}
    start_tls_gateway
    cp "$work"/other/{ca,report-service,api-gateway}.* "$work/ours"
    kill -HUP "$service_pid"
    contains "the service's log" "$(wait_for_log "$service_log" tls.reloaded)" report-service.pem
    http "/v1/echo"
    equals "status on the connection from before" "$code" 200
    background_pids="$background_pids $gateway_pid"
    tls_flags other api-gateway backend-
    start_gateway "${flags[@]}" # ready: it is connected
    background_pids="$background_pids $gateway_pid"
    tls_flags ca api-gateway backend-
    expect_dial_failure "no authority in $work/ca/ca.pem" "${flags[@]}"
}

# refused NAME TEXT PROGRAM FLAG...: --check-config must end with 2 and these words.
refused() {
    local out exit_code=0
    out=$("$3" --check-config "${@:4}" 2>&1) || exit_code=$?
    equals "exit code for $1" "$exit_code" 2
    contains "words for $1" "$out" "$2"
}

files_that_are_wrong_are_refused_at_the_start() {
    local data=(--edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$study/ctms.sqlite")
    tls_flags ca report-service
    local listen=(--listen tls+tcp://127.0.0.1:0 "${flags[@]}")
    "$service_binary" --check-config "${data[@]}" "${listen[@]}"
    refused "no file" "tls-cert: /nowhere.pem: no such file" "$service_binary" \
        "${data[@]}" "${listen[@]}" --tls-cert /nowhere.pem
    refused "another's key" "the key does not belong to the certificate" "$service_binary" \
        "${data[@]}" "${listen[@]}" --tls-key "$work/ca/api-gateway.key"
    refused "an expired certificate" "expired.pem: the certificate has expired, on 2024-02-01" \
        "$service_binary" "${data[@]}" "${listen[@]}" --tls-cert "$work/ca/expired.pem" \
        --tls-key "$work/ca/expired.key"
    refused "TLS without files" "tls-cert FILE --tls-key FILE" "$service_binary" "${data[@]}" \
        --listen tls+tcp://127.0.0.1:0
    refused "a reachable address without callers' certificates" "can be reached from other" \
        "$service_binary" "${data[@]}" --listen tls+tcp://0.0.0.0:0 \
        --tls-cert "$work/ca/report-service.pem" --tls-key "$work/ca/report-service.key"
    head -c 32 /dev/urandom >"$work/rpc.key"
    chmod 600 "$work/rpc.key"
    "$service_binary" --check-config "${data[@]}" --listen tls+tcp://0.0.0.0:0 \
        --tls-cert "$work/ca/report-service.pem" --tls-key "$work/ca/report-service.key" \
        --rpc-key-file "$work/rpc.key"
    refused "a reachable one among several" "tcp://0.0.0.0:0 can be reached from other" \
        "$service_binary" "${data[@]}" "${flags[@]}" --listen tls+tcp://127.0.0.1:0,tcp://0.0.0.0:0
    "$service_binary" --check-config "${data[@]}" "${flags[@]}" --listen tls+tcp://0.0.0.0:0
    refused "no authority" "tls-ca FILE" "$gateway_binary" --backend tls+tcp://localhost:9090
    refused "no port" "the port is missing" "$gateway_binary" --backend tls+tcp://localhost
}

begin "$@"
make_certificates || exit 1
start_tls_service && start_tls_gateway || exit 1
site=$(sites | sed -n 1p)
run_test a_report_comes_over_tls
run_test a_deadline_and_a_departure_travel_over_tls
run_test a_gateway_that_dies_is_noticed_over_tls
run_test a_gateway_that_is_stopped_is_noticed_over_tls
run_test a_service_of_another_authority_is_refused_in_words
run_test a_gateway_of_another_authority_is_refused_in_words
run_test a_gateway_without_a_certificate_is_refused_in_words
run_test renewed_files_are_used_by_the_next_connection
run_test files_that_are_wrong_are_refused_at_the_start
finish
