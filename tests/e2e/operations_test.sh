#!/usr/bin/env bash
# Reports that outlive their request, and streams of events, with curl as the client: through kill -9
# and restart of the gateway, and a full disk. Two gateways on one store: postgres_test.sh.
. "$(dirname "$0")/harness.sh"
. "$(dirname "$0")/operations.sh"

fast_keep=(--operations-keep 1s)
sum_of_body() {
    sha256sum <"$work/body" | cut -d ' ' -f 1
}

a_report_is_fetched_after_its_request() {
    begin_operation
    equals "Preference-Applied" "$(header preference-applied)" respond-async
    equals "state" "$(value state)" running
    until_true is_in_state "done"
    http "$location"
    local sha256 bytes
    sha256=$(value sha256) bytes=$(value bytes)
    http "$location/result"
    equals "status of the result" "$code" 200
    equals "SHA-256 of the result" "$(sum_of_body)" "$sha256"
    equals "Content-Length" "$(header content-length)" "$bytes"
    equals "ETag" "$(header etag)" "\"$sha256\""
    contains "Content-Disposition" "$(header content-disposition)" 'audit-report-.*\.pdf'
    http "$location/result" -H "If-None-Match: \"$sha256\""
    equals "status of what is known" "$code" 304
    http "$location/result" -H 'Range: bytes=-10'
    equals "status of a part" "$code" 206
    equals "Content-Range" "$(header content-range)" "bytes $((bytes - 10))-$((bytes - 1))/$bytes"
    equals "bytes of a part" "$(wc -c <"$work/body")" 10
    http "$location/result" -I
    equals "Content-Length of HEAD" "$(header content-length)" "$bytes"
    http /v1/operations?limit=1
    equals "id in the list" "/v1/operations/$(value id)" "$location"
}

a_damaged_result_never_looks_whole() {
    begin_short_operation
    until_true is_in_state "done"
    local file
    file=$(find "$XDG_STATE_HOME" -name "${location##*/}.result")
    printf '\0' | dd of="$file" bs=1 seek=1000 conv=notrunc status=none
    http "$location/result"
    contains "exit code of curl" "$curl_code" '^(18|56|92)$' # cut short, however it is told
    wait_for_log "$gateway_log" operation.damaged >"$work/line"
    http "$location/result" -r 0-9
    equals "status of a part, which is not compared" "$code" 206
}

the_same_key_is_the_same_operation() {
    begin_operation -H 'Idempotency-Key: 4f9a7b52-0000-a-key'
    local first=$location
    begin_operation -H 'Idempotency-Key: "4f9a7b52-0000-a-key"'
    equals "Location of the second request" "$location" "$first"
    http "/v1/centers/$site/audit-report?language=zh-CN" -X POST -H 'Prefer: respond-async' \
        -H 'Idempotency-Key: 4f9a7b52-0000-a-key'
    equals "status of another request with the key" "$code" 422
    http "/v1/centers/$site/audit-report" -X POST -H 'Prefer: respond-async' -H 'Idempotency-Key: short'
    equals "status of a short key" "$code" 400
}

a_delete_says_what_became_of_the_work() {
    start_slow_services
    begin_operation
    wait_for_log "$service_log" rpc.recv >"$work/line"
    http "$location/result"
    equals "status of a result that is not there yet" "$code" 404
    http "$location" -X DELETE
    equals "status of DELETE" "$code" 200
    equals "state" "$(value state)" cancelled
    equals "outcome" "$(value outcome)" stopped
    at_most "seconds of DELETE" "$seconds" 1
    wait_for_log "$service_log" ctx.stopped cause=user_cancelled >"$work/line"
    http "$location" -X DELETE
    equals "status of DELETE again" "$code" 200
    http "$location/result"
    equals "status of the result of a cancelled one" "$code" 409
}

what_waits_its_turn_is_cancelled_unstarted() {
    start_service "${slow[@]}" --workers 1 && start_gateway
    begin_operation
    until_true has_calls_in_flight 1
    http "/v1/centers/$site/audit-report?language=zh-CN" -X POST -H 'Prefer: respond-async'
    location=$(header location)
    until_true has_calls_in_flight 2
    http "$location" -X DELETE
    equals "state" "$(value state)" cancelled
    equals "outcome" "$(value outcome)" not_started
}

a_finished_one_is_not_cancelled() {
    begin_operation
    until_true is_in_state "done"
    http "$location" -X DELETE
    equals "status of DELETE" "$code" 409
    http "$location/result"
    equals "status of the result" "$code" 200
}

is_being_cancelled() {
    curl -s --max-time 5 "http://$gateway_address$location" | grep -q '"cancelling":true'
}

# It was told to stop, and then nobody is left to say what became of the work.
a_service_that_dies_before_it_has_stopped_leaves_the_outcome_open() {
    start_slow_services
    begin_operation
    wait_for_log "$service_log" rpc.recv >"$work/line"
    kill -STOP "$service_pid"
    in_background curl -s --max-time 5 -o "$work/deleted" -X DELETE "http://$gateway_address$location"
    until_true is_being_cancelled
    kill -9 "$service_pid"
    until_true is_in_state cancelled
    http "$location"
    equals "outcome" "$(value outcome)" null
    until_true is_gone "$last_pid"
}

a_deadline_is_a_failure_and_no_cancel() {
    start_slow_services
    http "/v1/centers/$site/audit-report?timeout=200ms" -H 'Prefer: respond-async'
    location=$(header location)
    until_true is_in_state failed
    http "$location"
    contains "problem" "$(cat "$work/body")" '"code":"DEADLINE_EXCEEDED".*"deadline_origin":"query:timeout"'
}

what_nobody_started_is_not_found() {
    http /v1/operations/0123456789abcdef0123456789abcdef
    equals "status of an unknown id" "$code" 404
    http /v1/operations/..%2f..%2fetc
    equals "status of no id" "$code" 400
    http /v1/operations/xyz/result
    equals "status of no id's result" "$code" 404
}

start_slow_services() {
    start_service "${slow[@]}" && start_gateway
}

a_killed_gateway_leaves_results_and_an_honest_failure() {
    start_slow_services
    begin_short_operation
    local done_one=$location sum
    until_true is_in_state "done"
    http "$location"
    sum=$(value sha256)
    begin_operation
    local running_one=$location
    wait_for_log "$service_log" rpc.recv >"$work/line"
    kill_and_wait "$gateway_pid" || true # it ends with the code of a killed process
    start_gateway
    http "$done_one/result"
    equals "SHA-256 of the result after the restart" "$(sum_of_body)" "$sum"
    location=$running_one
    until_true is_in_state failed
    http "$location"
    contains "problem" "$(cat "$work/body")" '"code":"UNAVAILABLE"'
    contains "problem" "$(cat "$work/body")" 'the gateway stopped while it ran'
    equals "parts that are left" "$(find "$XDG_STATE_HOME" -name '*.part' | wc -l)" 0
}

results_expire() {
    start_gateway "${fast_keep[@]}" --operations-dir "$work/expiring"
    begin_operation
    until_true is_in_state "done"
    until_true is_gone_result
    http "$location/result"
    contains "status of an expired result" "$code" '410|404'
    contains "problem" "$(cat "$work/body")" '"title":"(Gone","status":410|Not Found)'
    until_true has_no_results
}

is_gone_result() {
    [[ $(curl -s -o "$work/gone" -w '%{http_code}' "http://$gateway_address$location/result") == 410 ]]
}

has_no_results() {
    [[ -z $(find "$work/expiring" -name '*.result') ]]
}

a_full_disk_is_a_failure_in_words() {
    # The file may not grow beyond 64 KiB: writing fails as on a full disk.
    gateway_log=$work/gateway-full.log
    : >"$gateway_log"
    (
        trap '' XFSZ
        ulimit -f 128
        exec "$gateway_binary" --listen 127.0.0.1:0 --admin 127.0.0.1:0 --backend "$service_address" \
            --log-format json --operations-dir "$work/full"
    ) >"$gateway_log.out" 2>&1 &
    gateway_pid=$!
    until_true log_has "$gateway_log.out" service.ready
    gateway_address=$(field "$(find_log "$gateway_log.out" service.ready | tail -n 1)" address)
    until_true answers "http://$gateway_address/readyz"
    begin_operation
    until_true is_in_state failed
    http "$location"
    contains "problem" "$(cat "$work/body")" 'cannot keep the result: File too large'
    equals "files that are left" "$(find "$work/full" -name '*.part' -o -name '*.result' | wc -l)" 0
    http "/v1/centers/$site/audit-report" -N -H 'Accept: text/event-stream'
    contains "events" "$(tail -n 3 "$work/body")" 'cannot keep the result'
    # Now not even a record has room.
    local before
    before=$(prlimit --pid "$gateway_pid" --fsize --output SOFT --noheadings)
    prlimit --pid "$gateway_pid" --fsize=4096:
    until_true is_without_its_store
    contains "problem" "$(cat "$work/body")" 'the store of operations does not answer; try again'
    prlimit --pid "$gateway_pid" --fsize="$before":
    until_true may_begin
}

may_begin() {
    http "/v1/centers/$site/audit-report" -X POST -H 'Prefer: respond-async'
    [[ $code == 202 ]]
}

# To the client and to the operator.
is_without_its_store() {
    local admin
    admin=$(field "$(find_log "$gateway_log.out" service.ready | tail -n 1)" admin)
    ! may_begin && [[ $code == 503 ]] &&
        curl -s --max-time 5 "http://$admin/metrics" | grep -q '^walkie_operations_store_up 0$'
}

a_database_that_is_none_is_exit_69() {
    mkdir -m 700 "$work/damaged"
    head -c 8192 /dev/urandom >"$work/damaged/operations.sqlite"
    local result=0
    "$gateway_binary" --listen 127.0.0.1:0 --admin 127.0.0.1:0 --backend "$service_address" \
        --operations-dir "$work/damaged" >"$work/damaged.out" 2>&1 || result=$?
    equals "exit code" "$result" 69
    contains "words" "$(cat "$work/damaged.out")" 'operations'
}

a_stopping_gateway_finishes_what_it_runs() {
    start_slow_services
    begin_operation
    wait_for_log "$service_log" rpc.recv >"$work/line"
    kill -TERM "$gateway_pid"
    await_exit "$gateway_pid"
    equals "exit code" "$exit_code" 0
    start_gateway
    equals "state after the restart" "$(state)" "done"
}

events_tell_a_report_and_lead_to_it() {
    start_slow_services
    http "/v1/centers/$site/audit-report" -N -H 'Accept: text/event-stream'
    equals "Content-Type" "$(header content-type)" text/event-stream
    equals "Cache-Control" "$(header cache-control)" no-store
    contains "events" "$(cat "$work/body")" '^event: progress$'
    contains "data" "$(cat "$work/body")" \
        '^data: \{"stage":"render","section":"[a-z_]+","page":[0-9]+,"done":[0-9]+,"total":1000,"remaining_ms":[0-9.]+\}$'
    contains "the last event" "$(tail -n 4 "$work/body")" '^event: done$'
    local sha256 result
    sha256=$(value sha256 | tail -n 1) result=$(value result | tail -n 1)
    http "$result"
    equals "SHA-256 of the result" "$(sum_of_body)" "$sha256"
}

leaving_the_events_cancels() {
    start_slow_services
    in_background curl -sN -o "$work/events" -H 'Accept: text/event-stream' \
        "http://$gateway_address/v1/centers/$site/audit-report"
    until_true grep -q 'event: progress' "$work/events"
    kill -9 "$last_pid"
    wait_for_log "$service_log" ctx.stopped cause=client_disconnected >"$work/line"
}

a_browser_that_reconnects_by_itself_gets_204() {
    http "/v1/centers/$site/audit-report" -H 'Accept: text/event-stream' -H 'Last-Event-ID: 4'
    equals "status" "$code" 204
}

an_operation_is_its_owners() {
    local ana ben root who
    head -c 48 /dev/urandom | base64 -w0 >"$work/key"
    chmod 600 "$work/key"
    ana=$(token_of ana requester) ben=$(token_of ben auditor) root=$(token_of root admin)
    start_service --rpc-key-file "$work/key"
    start_gateway --rpc-key-file "$work/key" --auth-tokens "$work/tokens"
    begin_operation -H "Authorization: Bearer $ana"
    for who in "" /result; do
        http "$location$who" -H "Authorization: Bearer $ben"
        equals "status for somebody else" "$code" 404
    done
    http "$location" -X DELETE -H "Authorization: Bearer $ben"
    equals "status of somebody else's DELETE" "$code" 404
    http /v1/operations -H "Authorization: Bearer $ben"
    contains "somebody else's list" "$(cat "$work/body")" '^\{"operations":\[\],"next":null\}$'
    http "$location" -H "Authorization: Bearer $ana"
    equals "owner" "$(value owner)" ana
    http "$location" -H "Authorization: Bearer $root"
    equals "status for an admin" "$code" 200
    http "$location"
    equals "status for nobody" "$code" 401
}

# token_of NAME ROLE: made into $work/tokens; printed.
token_of() {
    "$(dirname "$gateway_binary")/walkie-token" --name "$1" --role "$2" --sites '*' --append "$work/tokens"
}

begin "$@"
start_services
site=$(sites | sed -n 1p)
run_test a_report_is_fetched_after_its_request
run_test a_damaged_result_never_looks_whole
run_test the_same_key_is_the_same_operation
run_test a_delete_says_what_became_of_the_work
run_test a_service_that_dies_before_it_has_stopped_leaves_the_outcome_open
run_test what_waits_its_turn_is_cancelled_unstarted
run_test a_finished_one_is_not_cancelled
run_test a_deadline_is_a_failure_and_no_cancel
run_test what_nobody_started_is_not_found
run_test a_killed_gateway_leaves_results_and_an_honest_failure
run_test results_expire
run_test a_full_disk_is_a_failure_in_words
run_test a_database_that_is_none_is_exit_69
run_test a_stopping_gateway_finishes_what_it_runs
run_test events_tell_a_report_and_lead_to_it
run_test leaving_the_events_cancels
run_test an_operation_is_its_owners
run_test a_browser_that_reconnects_by_itself_gets_204
finish
