#!/usr/bin/env bash
# What is kept of requests, how many one client may make, and what every answer says to browsers.
. "$(dirname "$0")/harness.sh"

# last_access FIELD...: the fields of the last line of the access log.
last_access() {
    local name
    for name; do
        printf '%s=%s ' "$name" "$(field "$(tail -n 1 "$work/access.log")" "$name")"
    done
}

# has_access PATTERN: a line of the access log matches.
has_access() {
    grep -qE -- "$1" "$work/access.log"
}

as() {
    http "$2" -H "Authorization: Bearer $1" "${@:3}"
}

each_request_leaves_one_line_with_who_what_and_which_result() {
    as "$ana" "/v1/centers/$site/audit-report?format=json&study=$study_name" \
        -H 'traceparent: 00-0123456789abcdef0123456789abcdef-00f067aa0ba902b7-01'
    equals status "$code" 200
    until_true has_access 0123456789abcdef0123456789abcdef
    equals line "$(last_access principal auth role method path permission center study status bytes outcome sha256)" \
        "principal=ana auth=token role=requester method=GET path=/v1/centers/$site/audit-report permission=report center=$site study=$study_name status=200 bytes=$(stat -c %s "$work/body") outcome=complete sha256=$(sha256sum "$work/body" | cut -d ' ' -f 1) "
    contains client "$(last_access client)" '127.0.0.1:[0-9]+'
}

refused_requests_are_in_it_too_and_no_token_is() {
    http "/v1/echo?token=$ana"
    until_true has_access '"status":401'
    as "$ana" "/v1/studies/$study_name/audit-reports" -X POST
    until_true has_access '"permission":"study".*"status":403'
    as "$ana" "/v1/centers/$ana/audit-report"
    equals "status with a token in the path" "$code" 404
    until_true has_access '"path":"/v1/centers/\*\*\*"'
    as "$ana" "/v1/centers/$ana/audit-report" -X DELETE
    equals "status with a token in the path of another method" "$code" 404
    as "$ana" "/v1/centers/$site/audit-report?study=$ana"
    equals "status with a token in a parameter" "$code" 400
    contains problem "$(cat "$work/body")" 'study looks like a token'
    as "$ana" "/v1/centers/$site/audit-report" --data "{\"study\":\"$ana\"}"
    equals "status with a token in a body" "$code" 400
    equals "logs with the token" "$(grep -lF -- "${ana:12}" "$work"/*.log | grep -cv tokens)" 0
}

# The answer's trace id is in its body, in the log and in the access log.
can_be_found_again() {
    local trace
    trace=$(header X-Trace-Id)
    contains "a trace id" "$trace" '^[0-9a-f]{32}$'
    contains "the body" "$(cat "$work/body")" "\"trace_id\":\"$trace\""
    contains "the time it took" "$(header Server-Timing)" '^total;dur=[0-9.]+$'
    until_true has_access "\"outcome\":\"refused\".*\"trace_id\":\"$trace\""
    contains "the log" "$(find_log "$gateway_log" http.response "trace_id=$trace")" '"refused":'
}

what_is_no_request_is_in_it_with_its_client() {
    http /v1/echo -H 'Bad Header: x'
    equals status "$code" 400
    can_be_found_again
    until_true has_access '"auth":"none","client":"127\.0\.0\.1:[0-9]+","status":400,"outcome":"refused","why":"'
    head -c 2000000 /dev/zero >"$work/long"
    http "/v1/centers/$site/audit-report" --http2-prior-knowledge --data-binary "@$work/long"
    equals "status of a long body, over HTTP/2" "$code" 413
    until_true has_access '"status":413,"outcome":"refused"'
    can_be_found_again
}

a_client_that_leaves_is_in_it_with_499() {
    local answer=0
    curl -s --max-time 0.2 -H "Authorization: Bearer $ana" "http://$gateway_address/v1/sleep?ms=5000" || answer=$?
    equals "curl's exit code" "$answer" 28
    until_true has_access '"path":"/v1/sleep".*"status":499.*"outcome":"client_left"'
}

a_line_that_is_taken_out_or_changed_is_noticed() {
    exit_code=0
    "$log_binary" "$work/access.log" >"$work/check.out" || exit_code=$?
    equals "exit code" "$exit_code" 0
    contains words "$(cat "$work/check.out")" 'lines, unbroken'
    sed 3d "$work/access.log" >"$work/cut"
    "$log_binary" "$work/cut" >"$work/check.out" || exit_code=$?
    equals "exit code" "$exit_code" 1
    contains words "$(cat "$work/check.out")" 'line 3: it does not follow'
    sed '2s/"status":[0-9]*/"status":200/; 2s/"principal":"ana"/"principal":"eve"/' "$work/access.log" >"$work/changed"
    cmp -s "$work/changed" "$work/access.log" && sed -i '2s/echo/ecco/' "$work/changed"
    exit_code=0
    "$log_binary" "$work/changed" >"$work/check.out" || exit_code=$?
    equals "exit code" "$exit_code" 1
    contains words "$(cat "$work/check.out")" 'line 2: it does not follow'
}

the_file_is_opened_again_at_sighup_and_the_chain_goes_on() {
    mv "$work/access.log" "$work/access.old"
    kill -HUP "$gateway_pid"
    until_true test -e "$work/access.log"
    as "$ana" /v1/echo
    until_true has_access '"path":"/v1/echo"'
    cat "$work/access.old" "$work/access.log" >"$work/both"
    "$log_binary" "$work/both" >"$work/check.out"
    contains words "$(cat "$work/check.out")" 'unbroken'
}

a_chain_with_a_key_follows_for_who_has_it() {
    (umask 077 && head -c 32 /dev/urandom >"$work/access.key")
    start_gateway --rpc-key-file "$work/rpc.key" --access-log "$work/keyed.log" --access-log-key "$work/access.key"
    http /v1/echo
    http /v1/centers
    until_true grep -q centers "$work/keyed.log"
    contains words "$("$log_binary" --key "$work/access.key" "$work/keyed.log")" '2 lines, unbroken'
    exit_code=0
    "$log_binary" "$work/keyed.log" >"$work/check.out" || exit_code=$?
    equals "exit code without the key" "$exit_code" 1
}

without_a_log_that_can_be_written_nothing_is_answered_where_it_is_required() {
    start_gateway --rpc-key-file "$work/rpc.key" --access-log /dev/full --access-log-required
    http /v1/echo
    equals "first status" "$code" 200
    until_true refuses
    contains problem "$(cat "$work/body")" 'cannot write its access log'
    contains log "$(wait_for_log "$gateway_log" access_log.failed)" 'No space left on device'
    http /healthz
    equals health "$code" 200
}

refuses() {
    http /v1/echo
    [[ $code == 503 ]]
}

where_it_is_not_required_lines_are_lost_and_counted() {
    start_gateway --rpc-key-file "$work/rpc.key" --access-log /dev/full
    http /v1/echo
    http /v1/echo
    equals status "$code" 200
    until_true has_lost
}

has_lost() {
    curl -s "http://$gateway_admin/metrics" | grep -qE '^walkie_access_log_lost_total [1-9]'
}

a_client_that_asks_too_often_gets_429_and_another_does_not() {
    start_gateway --auth-tokens "$work/tokens" --rpc-key-file "$work/rpc.key" --rate 1 --rate-burst 3 \
        --access-log "$work/limited.log"
    local i codes=''
    for ((i = 0; i < 5; i++)); do
        as "$ana" /v1/echo
        codes+="$code "
    done
    contains codes "$codes" '^200 200 200 429 429'
    contains problem "$(cat "$work/body")" 'more often than one client may'
    at_least "Retry-After" "$(header Retry-After)" 1
    as "$bob" /v1/echo
    equals "another's status" "$code" 200
    until_true grep -q '"principal":"ana".*"status":429' "$work/limited.log"
}

a_client_with_too_many_requests_under_way_gets_429() {
    start_gateway --rpc-key-file "$work/rpc.key" --client-in-flight-max 2
    local i
    for ((i = 0; i < 2; i++)); do
        in_background curl -s -o /dev/null "http://$gateway_address/v1/sleep?ms=20000"
    done
    until_true has_calls_in_flight 2 # before anything else takes a place
    is_full
    contains problem "$(cat "$work/body")" 'as many of your requests are under way'
    set +e # they end with the codes of killed processes
    kill_background
    set -e
    until_true is_free
}

is_full() {
    http /v1/echo
    [[ $code == 429 ]]
}

is_free() {
    http /v1/echo
    [[ $code == 200 ]]
}

every_answer_tells_browsers_to_be_careful() {
    local path
    for path in /healthz /v1/echo /no-such-path; do
        as "$ana" "$path"
        equals "nosniff of $path" "$(header X-Content-Type-Options)" nosniff
        equals "referrer policy of $path" "$(header Referrer-Policy)" no-referrer
        equals "frames of $path" "$(header X-Frame-Options)" DENY
        equals "policy of $path" "$(header Content-Security-Policy)" "default-src 'none'; frame-ancestors 'none'"
        equals "caching of $path" "$(header Cache-Control)" no-store
        equals "HSTS of $path, over HTTP" "$(header Strict-Transport-Security)" ''
    done
    http /v1/echo -H 'Bad Header: x'
    equals "status of what is no request" "$code" 400
    equals "nosniff of it" "$(header X-Content-Type-Options)" nosniff
    as "$ana" "/v1/centers/$site/audit-report?format=json"
    equals "caching of a report" "$(header Cache-Control)" 'private, no-store'
    http /v1/schemas/audit-report/1
    equals "caching of a schema" "$(header Cache-Control)" 'public, max-age=3600'
}

# refused_start WORDS FLAG...
refused_start() {
    exit_code=0
    "$gateway_binary" --check-config "${@:2}" >"$work/start.out" 2>&1 || exit_code=$?
    equals "exit code of ${*:2}" "$exit_code" 2
    contains words "$(cat "$work/start.out")" "$1"
}

other_machines_come_only_where_clients_are_known_and_nobody_listens_in() {
    local auth=(--auth-tokens "$work/tokens" --rpc-key-file "$work/rpc.key")
    refused_start 'can be reached from other machines' --listen 0.0.0.0:8080
    refused_start 'tokens would go there in the clear' --listen 0.0.0.0:8080 "${auth[@]}"
    refused_start 'tokens would go there in the clear' --listen 0.0.0.0:8080 "${auth[@]}" --insecure
    refused_start '--admin 0.0.0.0:1 can be reached' --admin 0.0.0.0:1
    refused_start 'token file .*/none: cannot be read' --auth-tokens "$work/none" --rpc-key-file "$work/rpc.key"
    refused_start '--access-log-required needs --access-log' --access-log-required
    refused_start '--access-log-key needs --access-log' --access-log-key "$work/rpc.key"
    refused_start '--access-log-key: key file .*/none: ' --access-log "$work/some.log" --access-log-key "$work/none"
    "$gateway_binary" --check-config --listen 0.0.0.0:8080 --insecure >/dev/null
    "$gateway_binary" --check-config "${auth[@]}" >/dev/null
}

begin "$@"
token_binary=$(dirname "$gateway_binary")/walkie-token
log_binary=$(dirname "$gateway_binary")/walkie-access-log
(umask 077 && head -c 32 /dev/urandom >"$work/rpc.key")
ana=$("$token_binary" --name ana --role requester --sites '*' --append "$work/tokens") || exit 1
bob=$("$token_binary" --name bob --role viewer --sites '*' --append "$work/tokens")
start_service --rpc-key-file "$work/rpc.key" || exit 1
start_gateway --auth-tokens "$work/tokens" --rpc-key-file "$work/rpc.key" --access-log "$work/access.log" || exit 1
as "$ana" /v1/centers
site=$(sed -nE 's/.*"center":[[:space:]]*"([^"]*)".*/\1/p' "$work/body" | sed -n 1p)
study_name=$(sed -nE 's/.*"study":[[:space:]]*"([^"]*)".*/\1/p' "$work/body" | sed -n 1p)
as "$ana" /v1/echo
run_test each_request_leaves_one_line_with_who_what_and_which_result
run_test refused_requests_are_in_it_too_and_no_token_is
run_test what_is_no_request_is_in_it_with_its_client
run_test a_client_that_leaves_is_in_it_with_499
run_test a_line_that_is_taken_out_or_changed_is_noticed
run_test the_file_is_opened_again_at_sighup_and_the_chain_goes_on
run_test a_chain_with_a_key_follows_for_who_has_it
run_test without_a_log_that_can_be_written_nothing_is_answered_where_it_is_required
run_test where_it_is_not_required_lines_are_lost_and_counted
run_test a_client_that_asks_too_often_gets_429_and_another_does_not
run_test a_client_with_too_many_requests_under_way_gets_429
run_test every_answer_tells_browsers_to_be_careful
run_test other_machines_come_only_where_clients_are_known_and_nobody_listens_in
finish
