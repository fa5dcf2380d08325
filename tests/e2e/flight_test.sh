#!/usr/bin/env bash
# Callers of one report at one time: it is made once, for as long as somebody waits for it.
. "$(dirname "$0")/harness.sh"

callers=10
stop_ms_max=20
tries=5        # the first stop that is quick enough counts: others use the machine, too
all_come_in=3s # that is how long the work takes, so that all ask for it meanwhile

# ask N QUERY: caller N, in the background; its answer goes to $work/answer-N. Sets pids[N].
ask() {
    in_background curl -s --max-time 30 -o "$work/answer-$1" \
        "http://$gateway_address/v1/centers/$site/audit-report$2"
    pids[$1]=$last_pid
}

# ask_at_once QUERY...: as many callers as there should be, taking turns with the queries.
ask_at_once() {
    local n
    rm -f "$work"/answer-*
    pids=()
    for ((n = 0; n < callers; n++)); do
        ask "$n" "${@:n % $# + 1:1}"
    done
    until_true has_calls_in_flight "$callers"
}

reports_made() {
    find_log "$service_log" report.done | wc -l
}

# us LINE: its time stamp in microseconds of its day.
us() {
    field "$1" ts | sed -E 's/.*T([0-9]+):([0-9]+):([0-9.]+)Z.*/\1 \2 \3/' |
        awk '{ printf "%.0f\n", (($1 * 60 + $2) * 60 + $3) * 1000000 }'
}

# ms_between LINE LATER_LINE
ms_between() {
    awk -v from="$(us "$1")" -v to="$(us "$2")" 'BEGIN { print (to - from) / 1000 }'
}

ten_callers_at_once_get_one_report() {
    start_services --fault "edc.delay=$all_come_in"
    ask_at_once ''
    wait "${pids[@]}"
    equals "reports made" "$(reports_made)" 1
    equals "different answers" "$(sha256sum "$work"/answer-* | cut -d ' ' -f 1 | sort -u | wc -l)" 1
    contains "its beginning" "$(head -c 5 "$work/answer-0")" '^%PDF-'
    equals "its SHA-256" "$(sha256sum <"$work/answer-0" | cut -d ' ' -f 1)" \
        "$(field "$(find_log "$service_log" report.done)" sha256)"
    local line
    line=$(wait_for_log "$service_log" flight.end)
    equals "members of the flight" "$(field "$line" n_members)" "$callers"
    equals "ends that say so" \
        "$(find_log "$service_log" rpc.end shared=true "n_members=$callers" | wc -l)" "$callers"
    equals leaders "$(find_log "$service_log" flight.join role=leader | wc -l)" 1
}

nine_are_killed_and_the_tenth_completes() {
    start_services --fault "edc.delay=$all_come_in"
    ask_at_once ''
    kill -9 "${pids[@]:0:callers-1}"
    until_true has_calls_in_flight 1
    wait "${pids[callers - 1]}"
    equals "reports made" "$(reports_made)" 1
    equals "its SHA-256" "$(sha256sum <"$work/answer-$((callers - 1))" | cut -d ' ' -f 1)" \
        "$(field "$(find_log "$service_log" report.done)" sha256)"
    equals "callers that left" "$(find_log "$service_log" flight.leave | wc -l)" $((callers - 1))
    equals "outcomes of theirs" "$(find_log "$service_log" rpc.end outcome=unknown | wc -l)" $((callers - 1))
    equals "statements that were stopped" "$(find_log "$service_log" db.cancel)" ''
}

all_are_killed_and_the_work_stops() {
    local i left cancelled
    start_services --fault edc.delay=60s
    for ((i = 1; i <= tries; i++)); do
        ask_at_once ''
        kill -9 "${pids[@]}"
        until_true has_calls_in_flight 0
        until_true has_lines "$i" db.cancel
        left=$(wait_for_log "$service_log" flight.leave n_left=0)
        cancelled=$(wait_for_log "$service_log" db.cancel)
        equals "callers that left" "$(find_log "$service_log" flight.leave | wc -l)" $((i * callers))
        equals "work that stopped" "$(find_log "$service_log" flight.end outcome=stopped | wc -l)" "$i"
        equals "reports made" "$(reports_made)" 0
        if at_most "ms from the last one's leaving to the statement's stop" \
            "$(ms_between "$left" "$cancelled")" "$stop_ms_max"; then
            return
        fi
    done
    return 1
}

has_lines() {
    (($(find_log "$service_log" "$2" | wc -l) >= $1))
}

a_caller_with_more_time_keeps_the_work_alive() {
    start_services --fault "edc.delay=$all_come_in"
    pids=()
    ask 1 '?timeout=30s'
    until_true has_calls_in_flight 1
    http "/v1/centers/$site/audit-report?timeout=300ms"
    equals "status of the hasty" "$code" 504
    wait "${pids[1]}"
    contains "answer to the patient" "$(head -c 5 "$work/answer-1")" '^%PDF-'
    equals "reports made" "$(reports_made)" 1
}

another_language_is_another_report() {
    start_services --fault "edc.delay=$all_come_in"
    ask_at_once '?language=en' '?language=zh-CN'
    wait "${pids[@]}"
    equals "reports made" "$(reports_made)" 2
    equals "different answers" "$(sha256sum "$work"/answer-* | cut -d ' ' -f 1 | sort -u | wc -l)" 2
}

a_question_after_the_data_changed_is_another_one() {
    cp "$study/edc.sqlite" "$work/edc.sqlite"
    start_services --edc "sqlite:$work/edc.sqlite" --fault render.delay=100ms
    pids=()
    ask 1 ''
    wait_for_log "$service_log" source.fetch source=edc
    # The first has read and is drawing: the writer need not wait for it.
    sqlite3 -cmd '.timeout 5000' "$work/edc.sqlite" 'UPDATE site SET site_no = site_no'
    ask 2 ''
    until_true has_calls_in_flight 2
    wait "${pids[@]}"
    equals "reports made" "$(reports_made)" 2
    equals leaders "$(find_log "$service_log" flight.join role=leader | wc -l)" 2
}

begin "$@"
start_services || exit 1
site=$(sites | sed -n 1p)
run_test ten_callers_at_once_get_one_report
run_test nine_are_killed_and_the_tenth_completes
run_test all_are_killed_and_the_work_stops
run_test a_caller_with_more_time_keeps_the_work_alive
run_test another_language_is_another_report
run_test a_question_after_the_data_changed_is_another_one
finish
