#!/usr/bin/env bash
# Both services over PostgreSQL: the same reports as from files, a server that comes later or goes,
# clients that leave while a statement runs; and operations that two gateways share. The server is
# this file's own.
. "$(dirname "$0")/harness.sh"
. "$(dirname "$0")/operations.sh"

postgres=$(dirname "$0")/../support/postgres
blocked_ms_max=50 # a statement may outlive its request so long

# sql DATABASE STATEMENT: what it gives, bare.
sql() {
    psql -X -A -t -q -d "$(uri_of "$1")" -c "$2"
}

uri_of() {
    sed "s|/postgres\$|/$1|" "$server/uri"
}

# The study again, under PostgreSQL.
make_databases() {
    server=$work/server
    "$postgres" start "$server" || exit 1
    edc=$("$postgres" database "$server" edc) || exit 1
    ctms=$("$postgres" database "$server" ctms) || exit 1
    if ! "$data_binary" demo --edc "$edc" --ctms "$ctms" --manifest "$work/problems.json" \
        --lab-results "$work/lab.jsonl" >"$work/demo.log" 2>&1; then
        cat "$work/demo.log"
        exit 1
    fi
}

# The server first: what tells where it runs goes with the work folder.
stop_server_and_all() {
    "$postgres" stop "$server"
    stop_everything
}

start_over_postgres() {
    start_service --edc "$edc" --ctms "$ctms" && start_gateway
}

reports_are_those_from_sqlite_byte_for_byte() {
    local number query
    local -A sums
    local queries=('format=json&language=en' 'format=json&language=zh-CN' 'language=zh-CN')
    # The sites with most planted problems; all of them are compared by audit_postgres_test.
    for number in 103 105; do
        for query in "${queries[@]}"; do
            http "/v1/centers/$number/audit-report?$query"
            equals "status of $number?$query from PostgreSQL" "$code" 200
            sums[$number$query]=$(sha256sum <"$work/body")
        done
    done
    # Made anew: a study that was made over an older one has a data version of its own.
    "$data_binary" demo --edc "sqlite:$work/edc.sqlite" --ctms "sqlite:$work/ctms.sqlite" >"$work/same.log"
    start_service --edc "sqlite:$work/edc.sqlite" --ctms "sqlite:$work/ctms.sqlite"
    start_gateway
    for number in 103 105; do
        for query in "${queries[@]}"; do
            http "/v1/centers/$number/audit-report?$query"
            equals "status of $number?$query from SQLite" "$code" 200
            equals "report of $number?$query" "$(sha256sum <"$work/body")" "${sums[$number$query]}"
        done
    done
}

# start_two_gateways: on one store; sets first and second, their addresses, and their pids.
start_two_gateways() {
    local store
    store=$("$postgres" database "$server" operations)
    start_service --edc "$edc" --ctms "$ctms" "${slow[@]}"
    start_gateway --operations "$store"
    first=$gateway_address first_pid=$gateway_pid
    background_pids="$background_pids $first_pid" # stopped with the test, however it ends
    start_gateway --operations "$store"
    second=$gateway_address second_pid=$gateway_pid
}

two_gateways_share_one_store_of_operations() {
    local key=4f9a7b52-0000-a-key first_location
    unlock_subjects # a test before may have left it locked
    start_two_gateways
    gateway_address=$first
    begin_operation -H "Idempotency-Key: $key"
    first_location=$location
    wait_for_log "$service_log" rpc.recv >"$work/line"
    gateway_address=$second
    begin_operation -H "Idempotency-Key: $key"
    equals "Location of the same request at the other gateway" "$location" "$first_location"
    equals "state at the other gateway" "$(state)" running
    http "$location" -X DELETE
    equals "state after DELETE at the other gateway" "$(value state)" cancelled
    equals "outcome" "$(value outcome)" stopped
    gateway_address=$first
    begin_short_operation
    until_true is_in_state "done"
    gateway_address=$second
    http "$location/result"
    equals "status of the result at the other gateway" "$code" 200
    begin_operation
    kill_and_wait "$second_pid" || true # it ends with the code of a killed process
    gateway_address=$first gateway_pid=$first_pid
    until_true is_in_state failed
    http "$location"
    contains "problem" "$(cat "$work/body")" 'the gateway stopped while it ran'
}

# lock_subjects: a statement that reads the table then waits, in the server, until it is stopped.
lock_subjects() {
    unlock_subjects
    in_background psql -X -q -d "$(uri_of edc)" -c 'BEGIN; LOCK TABLE subject; SELECT pg_sleep(60)'
    until_true has_waiting 0 granted
}

unlock_subjects() {
    sql edc "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted" \
        >"$work/unlocked"
}

# ask_in_background: a report that nobody will get soon; sets last_pid.
ask_in_background() {
    in_background curl -sS -o "$work/answer" --max-time 30 \
        "http://$gateway_address/v1/centers/$site/audit-report"
    until_true has_waiting 1
}

# has_waiting N [granted]: so many statements of ours wait for the lock; or it is held.
has_waiting() {
    local wanted="count(*) = $1 FROM pg_stat_activity WHERE application_name = 'walkie' AND wait_event_type = 'Lock'"
    if [[ ${2:-} == granted ]]; then
        wanted="count(*) > 0 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted"
    fi
    [[ $(sql edc "SELECT $wanted") == t ]]
}

statement_ends() {
    until_true has_waiting 0
}

# latest_cancel_ms: from the log line of the service, how long after the end of the context the
# handler had its status back.
latest_cancel_ms() {
    field "$(wait_for_log "$service_log" db.cancel database=edc)" stop_latency_ms
}

count_server_log() {
    grep -c "$1" "$server/log" || true # none is no failure
}

has_more_cancels_than() {
    (($(count_server_log 'canceling statement due to user request') > $1))
}

a_client_that_leaves_ends_the_statement_in_the_server() {
    local client left_at line cancels
    lock_subjects
    for _ in 1 2 3 4 5; do
        cancels=$(count_server_log 'canceling statement due to user request')
        ask_in_background
        client=$last_pid
        # A look by psql takes longer than the limit: the server's log has the times.
        left_at=$(date +%s%3N)
        kill -9 "$client"
        statement_ends
        until_true has_more_cancels_than "$cancels"
        line=$(grep 'canceling statement due to user request' "$server/log" | tail -n 1)
        echo $(($(date -d "$(cut -d ' ' -f 1-3 <<<"$line")" +%s%3N) - left_at)) >>"$work/ended_ms"
        latest_cancel_ms >>"$work/stopped_ms"
    done
    at_most "stop latency" "$(least <"$work/stopped_ms")" 20
    at_most "ms from the client's leaving to the statement's end" "$(least <"$work/ended_ms")" \
        $((blocked_ms_max + 50)) # the process that leaves, and the two services on the way
}

server_log_has() {
    grep -q "$1" "$server/log"
}

a_deadline_is_504_and_ends_the_statement_in_the_server() {
    lock_subjects
    http "/v1/centers/$site/audit-report?timeout=400ms"
    equals status "$code" 504
    at_most seconds "$seconds" 5 # the lock is held for 60
    statement_ends
    # What the server was told: what remained of the 400 ms.
    until_true server_log_has "parameters: \$1 = '[123][0-9][0-9]'"
}

a_connection_is_clean_and_used_again_after_a_cancel() {
    unlock_subjects
    http "/v1/centers/$site/audit-report"
    equals status "$code" 200
    equals "transactions that are open" "$(sql edc "SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'walkie' AND xact_start IS NOT NULL")" 0
}

a_restart_in_the_middle_of_a_report_is_503_and_the_next_one_comes() {
    lock_subjects
    ask_in_background
    local client=$last_pid
    "$postgres" halt "$server"
    until_true is_gone "$client"
    contains "the answer" "$(cat "$work/answer")" 'edc: postgresql://127.0.0.1:[0-9]+/edc: .*(stopping or starting|connection is lost)'
    contains "the answer" "$(cat "$work/answer")" '"status": ?503|503'
    "$postgres" resume "$server"
    http "/v1/centers/$site/audit-report"
    equals "status after the restart" "$code" 200
}

a_server_that_is_killed_is_503_until_it_is_back() {
    http "/v1/centers/$site/audit-report"
    equals status "$code" 200
    "$postgres" crash "$server"
    http "/v1/centers/$site/audit-report"
    equals "status without a server" "$code" 503
    contains "the answer" "$(cat "$work/body")" 'cannot connect to postgresql://127.0.0.1'
    "$postgres" resume "$server"
    http "/v1/centers/$site/audit-report"
    equals "status with a server" "$code" 200
}

readiness() {
    curl -s -o "$work/readiness" -w '%{http_code}' --max-time 2 "http://$service_admin/readyz"
}

is_ready() {
    [[ $(readiness) == 200 ]]
}

the_service_starts_without_its_server_and_is_ready_when_it_comes() {
    "$postgres" halt "$server"
    start_over_postgres
    equals "readiness without the server" "$(readiness)" 503
    contains "the reason" "$(cat "$work/readiness")" 'waiting for the database edc, postgresql://127.0.0.1:[0-9]+/edc'
    http "/v1/centers"
    equals "status without the server" "$code" 503
    contains "the answer" "$(cat "$work/body")" 'cannot connect to postgresql://'
    "$postgres" resume "$server"
    until_true is_ready
    http "/v1/centers/$site/audit-report"
    equals status "$code" 200
}

a_database_of_another_schema_is_exit_69_and_named() {
    local result=0
    timeout 10 "$service_binary" --listen tcp://127.0.0.1:0 --admin 127.0.0.1:0 --edc "$ctms" \
        --ctms "$ctms" >"$work/swapped" 2>&1 || result=$?
    equals "exit code" "$result" 69
    contains "the message" "$(cat "$work/swapped")" 'postgresql://127.0.0.1:[0-9]+/ctms: holds ctms data'
}

a_statement_of_a_killed_service_ends_by_itself() {
    start_over_postgres
    lock_subjects
    ask_in_background
    kill -9 "$service_pid"
    statement_ends
}

the_password_is_nowhere() {
    if grep -l 's3cret' "$work"/*.log "$work"/*.out "$work/body" "$work/swapped" 2>/dev/null; then
        echo "these tell the password"
        return 1
    fi
}

begin "$@"
make_databases
trap stop_server_and_all EXIT
start_over_postgres
site=105
run_test reports_are_those_from_sqlite_byte_for_byte
run_test a_client_that_leaves_ends_the_statement_in_the_server
run_test a_deadline_is_504_and_ends_the_statement_in_the_server
run_test a_connection_is_clean_and_used_again_after_a_cancel
run_test a_restart_in_the_middle_of_a_report_is_503_and_the_next_one_comes
run_test a_server_that_is_killed_is_503_until_it_is_back
run_test the_service_starts_without_its_server_and_is_ready_when_it_comes
run_test a_database_of_another_schema_is_exit_69_and_named
run_test a_statement_of_a_killed_service_ends_by_itself
run_test two_gateways_share_one_store_of_operations
run_test the_password_is_nowhere
finish
