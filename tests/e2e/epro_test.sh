#!/usr/bin/env bash
# Patients' responses: processed, taken in, stopped in each way there is. What is stopped leaves
# the database as it was.
. "$(dirname "$0")/harness.sh"

patient=101-001
answer_max=3.5 # seconds: long before the next wait would end
stop_ms_max=250 # half of the wait that a stop cuts short; others use the machine, too
at_once=200        # paced requests at the same time

# What becomes of each response of support/epro_batch.jq.
faults_expected='good stored: .
malformed rejected: malformed.
unknown_instrument rejected: unknown_instrument.
wrong_patient rejected: wrong_patient.
unfinished rejected: unfinished.
entered_in_error rejected: entered_in_error.
bad_date rejected: bad_date.
future rejected: future.
duplicate_response rejected: duplicate_response.
duplicate_item rejected: duplicate_item.
out_of_range rejected: out_of_range.
wrong_kind rejected: wrong_kind.
contradictory_answer rejected: contradictory_answer.
early stored: early unknown_item.
late stored: late missing_item total_differs.
unscheduled stored: missing_item not_scorable unscheduled.
undated stored: undated unscheduled.'

# store: the sha256 of everything that is in the EDC.
store() {
    sqlite3 "$study/edc.sqlite" .dump | sha256sum
}

# stopped_in STEP NAME: the last trace's processing stopped there, soon, and changed nothing.
stopped_in() {
    local line
    line=$(wait_for_log "$service_log" epro.stopped "trace_id=$trace_id")
    equals "the step it stopped in" "$(field "$line" step) $(field "$line" step_name)" "$1 $2"
    line=$(wait_for_log "$service_log" ctx.stopped "trace_id=$trace_id")
    at_most stop_latency_ms "$(field "$line" stop_latency_ms)" "$stop_ms_max"
    equals "the store" "$(store)" "$before"
}

a_patient_is_processed_and_stored_once() {
    new_trace
    http "/process/$patient" -H "$traceparent"
    equals status "$code" 200
    equals body "$(cat "$work/body")" '{"message":"处理成功"}'
    local step line
    for step in load validate score alert store; do
        line=$(wait_for_log "$service_log" job.budget "trace_id=$trace_id" "phase=$step")
        at_least "what $step gets" "$(field "$line" budget_ms)" 200
    done
    line=$(wait_for_log "$service_log" epro.done "trace_id=$trace_id")
    at_least "responses stored" "$(field "$line" stored)" 1
    [[ $(store) != "$before" ]]
    before=$(store)
    http "/process/$patient"
    equals status "$code" 200
    equals "the store after a second time" "$(store)" "$before"
}

a_second_before_each_step_runs_out_of_its_three() {
    new_trace
    http "/process/$patient?pace=1s" -H "$traceparent"
    equals status "$code" 408
    equals body "$(cat "$work/body")" '{"error":"请求处理超时或被取消"}'
    at_least "seconds to the answer" "$seconds" 3
    at_most "seconds to the answer" "$seconds" "$answer_max"
    stopped_in 3 score
}

a_client_that_leaves_in_step_2_stops_it_there() {
    new_trace
    in_background curl -s -o /dev/null -H "$traceparent" "http://$gateway_address/process/$patient?pace=2s&timeout=30s"
    wait_for_log "$service_log" epro.step "trace_id=$trace_id" step=1
    kill "$last_pid"
    stopped_in 2 validate
    contains "why" "$(find_log "$service_log" epro.stopped "trace_id=$trace_id")" '"cause":"client_disconnected"'
}

an_unknown_patient_is_500() {
    http /process/nobody
    equals status "$code" 500
    contains body "$(cat "$work/body")" '^\{"error":".*nobody'
    equals "the store" "$(store)" "$before"
}

# Browsers ask again by themselves after a 408: the console asks for problems.
who_rather_has_problems_gets_them_with_their_own_codes() {
    local accept='Accept: application/problem+json, application/json;q=0.9'
    http "/process/$patient?pace=1s&timeout=50ms" -H "$accept"
    equals "status out of time" "$code" 504
    equals "content type" "$(header content-type)" application/problem+json
    contains body "$(cat "$work/body")" '"code":"DEADLINE_EXCEEDED".*"deadline_origin":"query:timeout".*"trace_id"'
    http /process/nobody -H "$accept"
    equals "status of nobody" "$code" 404
    http "/process/$patient?pace=1s&timeout=50ms" -H 'Accept: */*'
    equals "status of who takes anything" "$code" 408
    equals "the store" "$(store)" "$before"
}

# Faults are told beside each response; what can be kept is kept, all of it in one transaction.
a_batch_with_every_fault_says_each() {
    jq -n --arg patient "$patient" -f "$(dirname "$0")/../support/epro_batch.jq" >"$work/batch.json"
    http "/v1/patients/$patient/epro-responses" --data-binary @"$work/batch.json" \
        -H 'Content-Type: application/fhir+json'
    equals status "$code" 200
    jq -r '.results[] | "\(.id) \(.outcome): \([.issues[].kind] | unique | join(" "))."' "$work/body" >"$work/told"
    diff <(echo "$faults_expected") "$work/told"
    equals "score, severity and alerts of the good one" \
        "$(jq -c '.results[0] | [.score, .severity, [.alerts[].kind]]' "$work/body")" \
        '[20,"severe",["suicidal_ideation","severe_score"]]'
    equals "the prorated score" "$(jq '.results[] | select(.id == "late").score' "$work/body")" 9
    equals "stored and rejected" "$(jq -c '[.counts.stored, .counts.rejected]' "$work/body")" '[5,12]'
    equals "rows in the database" "$(sqlite3 "$study/edc.sqlite" \
        "SELECT count(*) FROM epro_response WHERE external_id IN ('good', 'early', 'late', 'unscheduled', 'undated')")" 5
    before=$(store)
    http "/v1/patients/$patient/epro-responses" --data-binary '{"resourceType":"Patient"}' \
        -H 'Content-Type: application/fhir+json'
    equals "status of what is no response" "$code" 400
    equals "the store" "$(store)" "$before"
}

a_trace_shows_the_steps_and_the_waits() {
    new_trace
    http "/process/$patient?pace=20ms" -H "$traceparent"
    equals status "$code" 200
    http "/v1/traces/$trace_id"
    local name
    for name in load validate score alert store; do
        equals "spans of $name" "$(jq "[.. | objects | select(.name? == \"$name\")] | length" "$work/body")" 1
    done
    equals "spans of pauses" "$(jq '[.. | objects | select(.name? == "pause")] | length' "$work/body")" 5
}

threads() {
    sed -nE 's/^Threads:[[:space:]]*//p' "/proc/$service_pid/status"
}

has_many_paused() {
    (($(curl -s "http://$service_admin/debug/calls" | grep -c '"paused":true') > at_once / 2))
}

# Nobody waits for the pauses of others, and they need no threads: on one worker they would take
# $at_once times as long as one.
many_at_once_need_no_threads() {
    local threads_before i
    threads_before=$(threads)
    printf '[{"resourceType":"Patient"}]' >"$work/none.json"
    local url="http://$gateway_address/v1/patients/$patient/epro-responses?pace=500ms&timeout=120s"
    for ((i = 0; i < at_once; i++)); do
        printf 'url = "%s"\noutput = /dev/null\n' "$url"
    done >"$work/many"
    in_background curl -s --parallel --parallel-max "$at_once" --parallel-immediate -w '%{http_code}\n' \
        -H 'Content-Type: application/json' --data-binary @"$work/none.json" -K "$work/many" >"$work/codes"
    until_true has_many_paused
    # Timers and their like start with the first that needs them.
    at_most "threads of the service" "$(threads)" "$((threads_before + 4))"
    http "/process/$patient"
    equals "status of one without a pace" "$code" 200
    at_most "its seconds" "$seconds" 3
    await_exit "$last_pid"
    equals "answers" "$(sort "$work/codes" | uniq -c | tr -s ' ')" " $at_once 200"
}

texts_are_in_the_language_that_was_asked_for() {
    http "/v1/patients/$patient/epro-responses?language=zh-CN" --data-binary '[{"resourceType":"Patient"}]' \
        -H 'Content-Type: application/json'
    equals status "$code" 200
    contains "the issue" "$(jq -r '.results[0].issues[0].text' "$work/body")" '无法读取|不是'
    http "/v1/patients/$patient/epro-responses?language=de" --data-binary '{}' -H 'Content-Type: application/json'
    equals "status of a language that is not known" "$code" 400
}

the_log_says_in_chinese_where_it_stopped() {
    service_log=$work/service.log
    in_background "$service_binary" --listen tcp://127.0.0.1:0 --log-format text --log-language zh-CN \
        --log-file "$service_log" --edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$study/ctms.sqlite"
    until_true grep -qs 'service.ready' "$service_log"
    # shellcheck disable=SC2034 # it is start_gateway's
    service_address=$(sed -nE 's/.*service.ready.* address=([^ ]*).*/\1/p' "$service_log")
    start_gateway
    http "/process/$patient?pace=100ms&timeout=250ms"
    equals status "$code" 408
    until_true grep -q '任务被取消.*已处理到第 [1-5] 步' "$service_log"
}

the_readme_prints_what_stands_there() {
    python3 "$(dirname "$0")/../support/readme.py" "$(dirname "$0")/../../README.md" "Patients' responses" \
        "$gateway_address" "$work"
}

begin "$@"
cp "$study/edc.sqlite" "$study/ctms.sqlite" "$work"
study=$work
sqlite3 "$study/edc.sqlite" "DELETE FROM epro_response WHERE instrument = 'PHQ-9' AND due_on > '2024-03-01'
    AND subject_id = (SELECT subject_id FROM subject WHERE subject_no = '$patient')"
start_services --workers 1
before=$(store)
run_test a_second_before_each_step_runs_out_of_its_three
run_test a_client_that_leaves_in_step_2_stops_it_there
run_test an_unknown_patient_is_500
run_test who_rather_has_problems_gets_them_with_their_own_codes
run_test a_patient_is_processed_and_stored_once
run_test a_batch_with_every_fault_says_each
run_test texts_are_in_the_language_that_was_asked_for
run_test a_trace_shows_the_steps_and_the_waits
run_test many_at_once_need_no_threads
run_test the_log_says_in_chinese_where_it_stopped
run_test the_readme_prints_what_stands_there
finish
