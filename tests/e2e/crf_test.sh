#!/usr/bin/env bash
# Case report forms are checked over HTTP: a site and the study, as JSON and CSV; problems become
# queries once; whoever stops it in the middle finds the store as it was.
. "$(dirname "$0")/harness.sh"
. "$(dirname "$0")/departures.sh"

results=tests/support/crf_results.py
python=/usr/bin/python3 # the one that Debian's packages are for
schema=proto/walkie/crf/v1/crf-validation-1.schema.json

# validate QUERY [CURL ARGUMENT...]: of the study.
validate() {
    local query=$1
    shift
    http "/v1/studies/WLK-301/crf-validations?$query" -X POST "$@"
}

store() {
    "$python" "$results" dump "$edc"
}

count_of() {
    "$python" "$results" count "$work/body" "$1"
}

the_planted_problems_are_found_and_nothing_else() {
    local number
    validate format=json
    equals status "$code" 200
    equals "content type" "$(header content-type)" application/json
    equals SHA-256 "$(sha256sum <"$work/body" | cut -d ' ' -f 1)" "$(header x-content-sha256)"
    contains Content-Disposition "$(header content-disposition)" 'crf-validation-WLK-301-en\.json'
    cp "$work/body" "$work/study.json"
    "$python" "$results" planted "$study/edc.sqlite.problems.json" "$work/study.json"
    for number in 101 104 112; do
        http "/v1/centers/$number/crf-validations?language=zh-CN" -X POST
        equals "status of site $number" "$code" 200
        cp "$work/body" "$work/site$number.json"
    done
    "$python" "$results" planted "$study/edc.sqlite.problems.json" "$work/site104.json" 104
    "$python" "$results" schema "$schema" "$work"/study.json "$work"/site*.json
    contains "words" "$(cat "$work/site101.json")" '"crf_subject_no":"受试者"'
    http /v1/schemas/crf-validation/1
    cmp "$work/body" "$schema"
}

the_csv_says_the_same_and_equal_questions_give_equal_bytes() {
    validate format=json
    cp "$work/body" "$work/one.json"
    validate format=csv
    equals "content type" "$(header content-type)" 'text/csv; charset=utf-8'
    cp "$work/body" "$work/one.csv"
    "$python" "$results" same "$work/one.json" "$work/one.csv"
    validate 'format=csv&language=zh-CN'
    contains "words" "$(cat "$work/body")" '不满足核查'
    validate format=csv
    cmp "$work/body" "$work/one.csv"
}

an_unknown_site_and_a_bad_parameter_are_refused() {
    http /v1/centers/999/crf-validations -X POST
    equals status "$code" 404
    contains words "$(cat "$work/body")" 'no site'
    validate format=pdf
    equals "status of another format" "$code" 400
    http /v1/centers/101/crf-validations
    equals "status of GET" "$code" 405
}

progress_is_told_in_forms() {
    validate format=csv -N -H 'Accept: text/event-stream'
    contains "content type" "$(header content-type)" text/event-stream
    contains progress "$(cat "$work/body")" '"stage":"(load|check|render)"'
    contains "the end" "$(cat "$work/body")" '^event: done'
}

what_is_cancelled_before_it_is_written_is_not_written() {
    start_service --edc "sqlite:$edc" --fault edc.delay=2s && start_gateway
    local before location
    before=$(store)
    # Each session's first statement takes 2 s: one cancel while it reads, one while it
    # holds the write lock.
    for phase in load match; do
        http '/v1/studies/WLK-301/crf-validations?write=1' -X POST -H 'Prefer: respond-async'
        equals "status of the request" "$code" 202
        location=$(header location)
        wait_for_log "$service_log" job.budget "phase=$phase" >/dev/null
        http "$location" -X DELETE
        contains "state" "$(cat "$work/body")" '"state":"cancelled"'
        until_true has_calls_in_flight 0
        equals "the store after a cancel in phase $phase" "$(store)" "$before"
    done
}

who_leaves_stops_the_work() {
    start_service --edc "sqlite:$edc" --fault edc.delay=5s && start_gateway
    local before
    before=$(store)
    new_trace
    in_background curl -s -X POST -o /dev/null -H "$traceparent" \
        "http://$gateway_address/v1/centers/101/crf-validations?write=1"
    until_true has_calls_in_flight 1
    kill -9 "$last_pid"
    call_has_stopped
    equals "the store" "$(store)" "$before"
}

# Somewhere between too little time to judge by and enough time there is a deadline that is refused
# early, on any machine.
too_short_a_deadline_is_refused_early_with_words() {
    cp "$edc" "$work/hard.sqlite"
    "$python" "$results" harder "$work/hard.sqlite" 80
    start_service --edc "sqlite:$work/hard.sqlite" && start_gateway
    local before timeout
    before=$("$python" "$results" dump "$work/hard.sqlite")
    for ((timeout = 60; timeout < 20000; timeout += timeout / 3)); do
        validate "write=1&timeout=${timeout}ms"
        [[ $code == 504 ]] || break
    done
    equals "status with timeout=${timeout}ms" "$code" 429
    contains words "$(cat "$work/body")" 'would need about [0-9]+ ms more, [0-9]+ ms left; [0-9]+ of [0-9]+ forms checked'
    at_most seconds "$seconds" "$(awk "BEGIN { print $timeout / 1000 }")"
    equals "the store" "$("$python" "$results" dump "$work/hard.sqlite")" "$before"
    wait_for_log "$service_log" job.budget phase=check >/dev/null
}

problems_become_queries_once() {
    local n
    validate write=1
    equals status "$code" 200
    n=$(count_of problems)
    at_least problems "$n" 10
    equals "queries opened" "$(count_of queries_opened)" "$n"
    local after
    after=$(store)
    validate write=1
    equals "queries opened by a second run" "$(count_of queries_opened)" 0
    equals "queries known to a second run" "$(count_of queries_known)" "$n"
    equals "the store after a second run" "$(store)" "$after"
    http "/v1/centers/101/audit-report?format=json"
    equals "status of a report afterwards" "$code" 200
}

# token_of NAME ROLE SITES
token_of() {
    "$(dirname "$gateway_binary")/walkie-token" --name "$1" --role "$2" --sites "$3" --append "$work/tokens"
}

sites_and_writing_are_for_those_who_may() {
    local reader writer narrow before
    head -c 48 /dev/urandom | base64 -w0 >"$work/key"
    chmod 600 "$work/key"
    reader=$(token_of reader requester '*') writer=$(token_of writer writer '*') narrow=$(token_of narrow writer 104)
    local edc=$work/allowed.sqlite # one that nobody has written to
    cp "$study/edc.sqlite" "$edc"
    start_service --edc "sqlite:$edc" --rpc-key-file "$work/key"
    start_gateway --rpc-key-file "$work/key" --auth-tokens "$work/tokens"
    before=$(store)
    http /v1/centers/104/crf-validations -X POST -H "Authorization: Bearer $reader"
    equals "status of a reader" "$code" 200
    http '/v1/centers/104/crf-validations?write=1' -X POST -H "Authorization: Bearer $reader"
    equals "status of a reader who writes" "$code" 403
    http '/v1/centers/101/crf-validations?write=1' -X POST -H "Authorization: Bearer $narrow"
    equals "status at another site" "$code" 403
    validate write=1 -H "Authorization: Bearer $narrow"
    equals "status of the study for one who has a site" "$code" 403
    equals "the store" "$(store)" "$before"
    http '/v1/centers/104/crf-validations?write=1' -X POST -H "Authorization: Bearer $narrow"
    equals "status at one's own site" "$code" 200
    at_least "queries opened" "$(count_of queries_opened)" 1
    http '/v1/centers/101/crf-validations?write=1' -X POST -H "Authorization: Bearer $writer"
    equals "status of a writer" "$code" 200
}

begin "$@"
edc=$work/edc.sqlite
cp "$study/edc.sqlite" "$edc"
start_services --edc "sqlite:$edc"
run_test the_planted_problems_are_found_and_nothing_else
run_test the_csv_says_the_same_and_equal_questions_give_equal_bytes
run_test an_unknown_site_and_a_bad_parameter_are_refused
run_test progress_is_told_in_forms
run_test what_is_cancelled_before_it_is_written_is_not_written
run_test who_leaves_stops_the_work
run_test too_short_a_deadline_is_refused_early_with_words
run_test problems_become_queries_once
run_test sites_and_writing_are_for_those_who_may
finish
