#!/usr/bin/env bash
# Signed calls and faults of the RPC layer, with both programs.
. "$(dirname "$0")/harness.sh"

# a_key FILE: a new one, for its owner alone.
a_key() {
    rm -f "$1"
    (umask 077 && head -c 32 /dev/urandom >"$1")
}

a_gateway_with_the_key_is_served() {
    a_key "$work/rpc.key"
    start_service --rpc-key-file "$work/rpc.key"
    start_gateway --rpc-key-file "$work/rpc.key"
    http /v1/centers
    equals status "$code" 200
    http "/v1/centers/$site/audit-report?format=json"
    equals status "$code" 200
    stop_services
}

a_gateway_without_the_key_is_not_and_the_log_says_why() {
    a_key "$work/rpc.key"
    start_service --rpc-key-file "$work/rpc.key"
    start_gateway
    http /v1/echo
    equals status "$code" 500
    contains problem "$(cat "$work/body")" 'does not take calls of this gateway'
    contains "reason" "$(wait_for_log "$service_log" rpc.refuse)" 'the call is not signed'
}

a_gateway_with_another_key_is_not_and_the_log_says_why() {
    a_key "$work/rpc.key"
    a_key "$work/other.key"
    start_service --rpc-key-file "$work/rpc.key"
    start_gateway --rpc-key-file "$work/other.key"
    http /v1/echo
    equals status "$code" 500
    contains "reason" "$(wait_for_log "$service_log" rpc.refuse)" 'signature is wrong'
}

a_key_that_others_can_read_keeps_both_from_starting() {
    a_key "$work/rpc.key"
    chmod 644 "$work/rpc.key"
    local program
    for program in "$service_binary --edc sqlite:$study/edc.sqlite --ctms sqlite:$study/ctms.sqlite" \
        "$gateway_binary"; do
        exit_code=0
        # shellcheck disable=SC2086 # words on purpose
        $program --listen "$([[ $program == *edc* ]] && echo tcp://)127.0.0.1:0" --admin 127.0.0.1:0 \
            --rpc-key-file "$work/rpc.key" >"$work/start.out" 2>&1 || exit_code=$?
        equals "exit code" "$exit_code" 2
        contains "words" "$(cat "$work/start.out")" '--rpc-key-file.*mode 644.*chmod 600'
    done
}

# shell_call ARGUMENT...: walkie-call; sets exit_code; its words are in $work/call.out and call.err.
shell_call() {
    exit_code=0
    "$call_binary" --backend "$service_address" "$@" >"$work/call.out" 2>"$work/call.err" </dev/null ||
        exit_code=$?
}

walkie_call_signs_with_the_key_and_is_told_when_it_has_none() {
    a_key "$work/rpc.key"
    a_key "$work/other.key"
    start_service --rpc-key-file "$work/rpc.key"
    shell_call Echo '{"reply_len":3}' --quiet --rpc-key-file "$work/rpc.key"
    equals "exit code" "$exit_code" 0
    equals answer "$(cat "$work/call.out")" '{"payload":"AAAA"}'
    shell_call AuditReport "{\"site_no\":\"$site\"}" --output "$work/report.pdf" --rpc-key-file "$work/rpc.key"
    equals "exit code of a stream" "$exit_code" 0
    shell_call Echo
    equals "exit code without a key" "$exit_code" 1
    contains words "$(cat "$work/call.err")" 'does not take calls of ours: the call is not signed.*--rpc-key-file'
    shell_call Echo --rpc-key-file "$work/other.key"
    equals "exit code with another key" "$exit_code" 1
    contains words "$(cat "$work/call.err")" 'signature is wrong'
    chmod 644 "$work/rpc.key"
    shell_call Echo --rpc-key-file "$work/rpc.key"
    equals "exit code with a key that others can read" "$exit_code" 2
    contains words "$(cat "$work/call.err")" '--rpc-key-file.*mode 644.*chmod 600'
}

faults_of_calls_can_be_asked_for() {
    start_service --fault rpc.delay=200ms,rpc.error=0.5
    start_gateway
    local i n_failed=0
    for ((i = 0; i < 6; i++)); do
        http /v1/centers
        [[ $code == 200 ]] || n_failed=$((n_failed + 1))
    done
    # A layer below may call again, so that fewer fail than were asked for.
    at_most "answers that failed" "$n_failed" 3
    at_least "refusals in the log" "$(grep -c 'a fault was asked for' "$service_log")" 3
    local answers=''
    for ((i = 0; i < 6; i++)); do
        http "/v1/centers?timeout=100ms"
        contains "status" "$code" '50[34]'
        answers+=$seconds$'\n'
    done
    at_most "seconds to the fastest answer" "$(printf %s "$answers" | least)" 0.18
}

begin "$@"
call_binary=$(dirname "$gateway_binary")/walkie-call
start_services || exit 1
site=$(sites | sed -n 1p)
run_test a_gateway_with_the_key_is_served
run_test a_gateway_without_the_key_is_not_and_the_log_says_why
run_test a_gateway_with_another_key_is_not_and_the_log_says_why
run_test a_key_that_others_can_read_keeps_both_from_starting
run_test walkie_call_signs_with_the_key_and_is_told_when_it_has_none
run_test faults_of_calls_can_be_asked_for
finish
