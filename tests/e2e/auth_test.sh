#!/usr/bin/env bash
# Who may ask for what, with both programs: tokens, roles, sites; in the gateway and in the service.
. "$(dirname "$0")/harness.sh"

# a_token NAME ROLE SITES [FLAG...]: made by walkie-token into $work/tokens; printed.
a_token() {
    "$token_binary" --name "$1" --role "$2" --sites "$3" --append "$work/tokens" "${@:4}"
}

# as TOKEN PATH [CURL ARGUMENT...]
as() {
    http "$2" -H "Authorization: Bearer $1" "${@:3}"
}

# expect CODE TOKEN PATH [CURL ARGUMENT...]
expect() {
    as "${@:2}"
    equals "status of $3 for $2" "$code" "$1"
}

without_a_token_only_what_is_public_is_answered() {
    http /healthz
    equals health "$code" 200
    http /v1/schemas/audit-report/1
    equals schema "$code" 200
    local path
    for path in /v1/echo /v1/centers "/v1/centers/$site/audit-report" "/v1/work?ms=1"; do
        http "$path"
        equals "status of $path" "$code" 401
        equals challenge "$(header WWW-Authenticate)" 'Bearer realm="walkie"'
        contains problem "$(cat "$work/body")" '"code":"UNAUTHENTICATED"'
    done
}

a_token_that_is_not_known_is_refused_and_only_the_header_counts() {
    local unknown
    unknown=wk_00000000_$(printf '0%.0s' {1..64})
    expect 401 "$unknown" /v1/echo
    equals challenge "$(header WWW-Authenticate)" 'Bearer realm="walkie", error="invalid_token"'
    http "/v1/centers?token=$viewer"
    equals "status with a token in the query" "$code" 401
    http "/v1/centers?access_token=$viewer"
    equals "status with a token in the query" "$code" 401
    http /v1/centers -H "Cookie: token=$viewer"
    equals "status with a token in a cookie" "$code" 401
    http /v1/centers -H "Authorization: Basic $(printf 'x:%s' "$viewer" | base64 -w0)"
    equals "status with Basic" "$code" 401
    http /v1/centers -H "Authorization: Bearer $viewer" -H "Authorization: Bearer $admin"
    equals "status with two tokens" "$code" 401
}

# ROLE: the codes of the routes below, in their order.
each_role_may_what_its_table_says() {
    local role n_codes i
    local paths=(/v1/echo /v1/centers "/v1/work?ms=1" "/v1/centers/$site/audit-report?format=json"
        "/v1/studies/$study_name/audit-reports?format=json&sections=1" /v1/traces /v1/calls /v1/overload
        /v1/operations /v1/operations/00000000000000000000000000000000 /v1/patients/none/epro-responses)
    local -A codes=([viewer]="200 200 403 403 403 200 200 200 403 403 403"
        [requester]="200 200 200 200 403 200 200 200 200 404 403"
        [writer]="200 200 200 200 403 200 200 200 200 404 415"
        [auditor]="200 200 200 200 200 200 200 200 200 404 403"
        [admin]="200 200 200 200 200 200 200 200 200 404 415")
    for role in viewer requester writer auditor admin; do
        local expected
        read -r -a expected <<<"${codes[$role]}"
        n_codes=0
        for i in "${!paths[@]}"; do
            local arguments=()
            [[ ${paths[$i]} == */studies/* || ${paths[$i]} == */patients/* ]] && arguments=(-X POST)
            as "${!role}" "${paths[$i]}" "${arguments[@]}"
            equals "status of ${paths[$i]} for $role" "$code" "${expected[$i]}"
            n_codes=$((n_codes + 1))
        done
        equals "routes tried" "$n_codes" 11
    done
}

each_role_is_told_what_it_may() {
    expect 200 "$requester" /v1/permissions
    contains "a requester's" "$(cat "$work/body")" '"principal":[[:space:]]*"requester-1"'
    contains "its permissions" "$(tr -d '[:space:]' <"$work/body")" '"role":"requester","permissions":\["view","report"\],"sites":"\*"'
    expect 200 "$writer" /v1/permissions
    contains "a writer's" "$(tr -d '[:space:]' <"$work/body")" '\["view","report","write"\]'
    expect 200 "$auditor" /v1/permissions
    contains "an auditor's" "$(tr -d '[:space:]' <"$work/body")" '\["view","report","unblinded","study"\]'
    expect 200 "$of_study" /v1/permissions
    contains "a scope" "$(tr -d '[:space:]' <"$work/body")" "\"sites\":\"$study_name:\*\""
}

a_refusal_names_the_permission_and_the_role_that_has_it() {
    expect 403 "$viewer" "/v1/centers/$site/audit-report"
    contains problem "$(cat "$work/body")" \
        'the permission \\"report\\" is missing: it takes the role requester, and viewer-1 has viewer'
    equals challenge "$(header WWW-Authenticate)" 'Bearer realm="walkie", error="insufficient_scope"'
    expect 403 "$requester" "/v1/studies/$study_name/audit-reports" -X POST
    contains problem "$(cat "$work/body")" 'the permission \\"study\\" is missing'
}

only_an_auditor_sees_treatment_data_and_may_leave_them_out() {
    expect 200 "$requester" "/v1/centers/$site/audit-report?format=json"
    contains "a requester's report" "$(cat "$work/body")" '"is_unblinded":false'
    contains "its requester" "$(cat "$work/body")" '"requester":"requester-1"'
    expect 200 "$auditor" "/v1/centers/$site/audit-report?format=json"
    contains "an auditor's report" "$(cat "$work/body")" '"is_unblinded":true'
    expect 200 "$auditor" "/v1/centers/$site/audit-report?format=json&blinded=1"
    contains "an auditor's blinded report" "$(cat "$work/body")" '"is_unblinded":false'
}

nobody_gets_anothers_unblinded_answer_when_both_ask_at_once() {
    local i names=()
    for ((i = 0; i < 4; i++)); do
        local token=$requester
        ((i % 2)) && token=$auditor
        names+=("$work/shared-$i")
        in_background curl -sS -o "$work/shared-$i" -H "Authorization: Bearer $token" \
            "http://$gateway_address/v1/centers/$site/audit-report?format=json&sections=2"
    done
    for i in $background_pids; do
        wait "$i"
    done
    contains "a requester's" "$(cat "${names[0]}" "${names[2]}")" '"is_unblinded":false'
    equals "treatment data in them" "$(cat "${names[0]}" "${names[2]}" | grep -c '"is_unblinded":true')" 0
    contains "an auditor's" "$(cat "${names[1]}")" '"is_unblinded":true'
    contains "an auditor's" "$(cat "${names[3]}")" '"is_unblinded":true'
}

a_scope_of_sites_holds_for_lists_and_reports() {
    expect 200 "$narrow" /v1/centers
    equals "sites in the list" "$(sed -nE 's/.*"center":[[:space:]]*"([^"]*)".*/\1/p' "$work/body")" "$site"
    expect 200 "$narrow" "/v1/centers/$site/audit-report?format=json"
    expect 403 "$narrow" "/v1/centers/$other_site/audit-report"
    contains problem "$(cat "$work/body")" 'not within your scope'
    expect 403 "$narrow" "/v1/centers/99999/audit-report"
    expect 403 "$narrow" "/v1/studies/$study_name/audit-reports" -X POST
    expect 200 "$of_study" "/v1/centers/$site/audit-report?format=json&study=$study_name"
    expect 403 "$of_study" "/v1/centers/$site/audit-report"
    contains problem "$(cat "$work/body")" 'say it with study='
}

# Nothing here is written: the study is everybody's.
writing_is_for_writers_and_their_sites_alone() {
    local forms=/v1/centers/$site/crf-validations stranger=$other_site-001 words
    expect 200 "$requester" "$forms" -X POST
    for token in "$requester" "$auditor"; do
        expect 403 "$token" "$forms?write=1" -X POST
        contains problem "$(cat "$work/body")" 'the permission \\"write\\" is missing: it takes the role writer'
        expect 403 "$token" "/process/$site-001"
    done
    expect 403 "$narrow" "/v1/centers/$other_site/crf-validations" -X POST
    expect 403 "$narrow" "/v1/studies/$study_name/crf-validations" -X POST
    expect 200 "$of_study" "/v1/studies/$study_name/crf-validations" -X POST
    # The site of a patient is known where the patients are.
    expect 403 "$narrow" "/v1/patients/$stranger/epro-responses" -H 'Content-Type: application/json' --data-binary '[{}]'
    words=$(sed -E 's/.*"detail":"([^"]*)".*/\1/' "$work/body")
    expect 500 "$narrow" "/process/$stranger"
    contains "what /process says" "$(cat "$work/body")" "$words"
}

tokens_are_read_again_at_sighup_and_a_bad_file_keeps_the_old_one() {
    local fresh
    start_gateway --auth-tokens "$work/tokens" --rpc-key-file "$work/rpc.key"
    fresh=$(a_token fresh viewer '*')
    expect 401 "$fresh" /v1/echo
    kill -HUP "$gateway_pid"
    wait_for_log "$gateway_log" auth.reload tokens=8 >/dev/null
    expect 200 "$fresh" /v1/echo
    cp "$work/tokens" "$work/tokens.good"
    sed -i '/^fresh /d' "$work/tokens"
    kill -HUP "$gateway_pid"
    wait_for_log "$gateway_log" auth.reload tokens=7 >/dev/null
    expect 401 "$fresh" /v1/echo
    expect 200 "$viewer" /v1/echo
    echo "nonsense" >>"$work/tokens"
    kill -HUP "$gateway_pid"
    contains "the log" "$(wait_for_log "$gateway_log" auth.reload_failed)" 'line 8: a name, roles'
    expect 200 "$viewer" /v1/echo
    sed -i '/^nonsense/d' "$work/tokens"
}

# refused_start WORDS PROGRAM FLAG...
refused_start() {
    exit_code=0
    "${@:2}" >"$work/start.out" 2>&1 || exit_code=$?
    equals "exit code" "$exit_code" 2
    contains words "$(cat "$work/start.out")" "$1"
}

what_would_not_be_safe_does_not_start() {
    refused_start '--auth-tokens needs --rpc-key-file' "$gateway_binary" --auth-tokens "$work/tokens"
    refused_start 'needs --rpc-key-file' "$service_binary" --edc sqlite:x --ctms sqlite:x --authenticated-only
    cp "$work/tokens" "$work/tokens.open"
    chmod 640 "$work/tokens.open"
    refused_start 'others may read or change it.*chmod 600' "$gateway_binary" --listen 127.0.0.1:0 \
        --admin 127.0.0.1:0 --auth-tokens "$work/tokens.open" --rpc-key-file "$work/rpc.key"
    refused_start '--role is needed' "$token_binary" --name x --sites '*'
    refused_start 'roles are viewer' "$token_binary" --name x --role boss --sites '*'
}

a_service_without_the_key_refuses_in_words() {
    start_service
    start_gateway --auth-tokens "$work/tokens" --rpc-key-file "$work/rpc.key"
    expect 500 "$admin" /v1/echo
    contains reason "$(wait_for_log "$service_log" rpc.refuse)" 'it needs --rpc-key-file'
}

a_service_that_knows_only_known_callers_refuses_the_others() {
    start_service --rpc-key-file "$work/rpc.key" --authenticated-only
    start_gateway --rpc-key-file "$work/rpc.key"
    http /v1/echo
    equals status "$code" 500
    contains reason "$(wait_for_log "$service_log" rpc.refuse)" 'does not say what its caller may'
}

a_result_that_is_kept_goes_to_nobody_whose_role_has_become_too_low() {
    start_gateway --auth-tokens "$work/tokens" --rpc-key-file "$work/rpc.key" --operations-dir "$work/operations"
    local url token
    token=$(a_token falling auditor '*')
    kill -HUP "$gateway_pid"
    until_true accepts "$token"
    as "$token" "/v1/centers/$site/audit-report?format=json&sections=2" -H 'Prefer: respond-async'
    equals status "$code" 202
    url=$(header Location)
    until_true has_result "$token" "$url/result"
    contains result "$(cat "$work/body")" '"is_unblinded":true'
    expect 404 "$auditor" "$url/result"
    cp -p "$work/tokens" "$work/tokens.good"
    sed -i 's/^falling auditor/falling requester/' "$work/tokens"
    kill -HUP "$gateway_pid"
    until_true is_refused_result "$token" "$url/result"
    contains problem "$(cat "$work/body")" 'have become fewer since'
    sed -i "s/^falling requester [^ ]*/falling auditor $other_site/" "$work/tokens"
    kill -HUP "$gateway_pid"
    until_true accepts "$token"
    until_true is_refused_result "$token" "$url/result"
    mv "$work/tokens.good" "$work/tokens"
}

a_kept_study_is_for_nobody_whose_scope_has_lost_a_site_not_even_admins() {
    local url token change
    token=$(a_token shrinking auditor "$study_name:*")
    kill -HUP "$gateway_pid"
    until_true accepts "$token"
    as "$token" "/v1/studies/$study_name/audit-reports?format=json&sections=1" -X POST -H 'Prefer: respond-async'
    equals status "$code" 202
    url=$(header Location)
    until_true has_result "$token" "$url/result"
    cp -p "$work/tokens" "$work/tokens.good"
    for change in "auditor $study_name:$site" "requester $study_name:*" "admin $site"; do
        sed -i "s/^shrinking [^ ]* [^ ]*/shrinking $change/" "$work/tokens"
        kill -HUP "$gateway_pid"
        until_true is_refused_result "$token" "$url/result"
    done
    expect 403 "$narrow" "$url/result"
    expect 200 "$admin" "$url/result"
    cp -p "$work/tokens.good" "$work/tokens"
    kill -HUP "$gateway_pid"
    until_true has_result "$token" "$url/result"
    # The same site number of another study is another site.
    as "$token" "/v1/centers/$site/audit-report?format=json&sections=1&study=$study_name" -H 'Prefer: respond-async'
    url=$(header Location)
    until_true has_result "$token" "$url/result"
    sed -i "s/^shrinking [^ ]* [^ ]*/shrinking auditor OTHER:$site/" "$work/tokens"
    kill -HUP "$gateway_pid"
    until_true is_refused_result "$token" "$url/result"
    mv "$work/tokens.good" "$work/tokens"
}

accepts() {
    as "$1" /v1/echo
    [[ $code == 200 ]]
}

has_result() {
    as "$1" "$2"
    [[ $code == 200 ]]
}

is_refused_result() {
    as "$1" "$2"
    [[ $code == 403 ]]
}

# calls NAME=… [WORD...]: walkie-call; sets exit_code; its words are in $work/call.err.
calls() {
    exit_code=0
    "$call_binary" --backend "$service_address" "$@" >"$work/call.out" 2>"$work/call.err" </dev/null || exit_code=$?
}

who_only_stands_in_the_network_gets_nothing_from_the_service() {
    local report="{\"site_no\":\"$site\",\"format\":\"FORMAT_JSON\"}"
    calls AuditReport "$report" --output "$work/call.bytes" --metadata 'authorization-scope=admin *'
    equals "exit code unsigned" "$exit_code" 1
    contains words "$(cat "$work/call.err")" 'the call is not signed'
    (umask 077 && head -c 32 /dev/urandom >"$work/other.key")
    calls AuditReport "$report" --output "$work/call.bytes" --metadata 'authorization-scope=admin *' --rpc-key-file "$work/other.key"
    equals "exit code forged" "$exit_code" 1
    contains words "$(cat "$work/call.err")" 'signature is wrong'
    # With the key, which the gateway has: what the role does not have, the service does not give.
    calls AuditReport "$report" --output "$work/call.bytes" --metadata 'authorization-scope=viewer *' --rpc-key-file "$work/rpc.key"
    contains words "$(cat "$work/call.err")" "role does not allow this method"
    calls AuditReport "{\"site_no\":\"$site\",\"is_unblinded\":true}" --output "$work/call.bytes" \
        --metadata 'authorization-scope=requester *' --rpc-key-file "$work/rpc.key"
    contains words "$(cat "$work/call.err")" 'does not see treatment data'
    calls AuditReport "$report" --output "$work/call.bytes" --metadata "authorization-scope=admin $other_site" --rpc-key-file "$work/rpc.key"
    contains words "$(cat "$work/call.err")" "not within the caller's scope"
    calls StudyAuditReports "{\"study\":\"$study_name\"}" --output "$work/call.bytes" --metadata "authorization-scope=admin $site" \
        --rpc-key-file "$work/rpc.key"
    contains words "$(cat "$work/call.err")" 'does not hold all sites'
    calls ListCenters --metadata "authorization-scope=viewer $site" --rpc-key-file "$work/rpc.key"
    equals "sites in the list" "$(grep -o '"site_no":"[^"]*"' "$work/call.out")" "\"site_no\":\"$site\""
    calls Echo --metadata 'authorization-scope=god *' --rpc-key-file "$work/rpc.key"
    contains words "$(cat "$work/call.err")" 'what the caller may cannot be read'
}

no_token_and_no_key_is_in_any_log() {
    local secret n=0
    for secret in "$viewer" "$requester" "$writer" "$auditor" "$admin" "$narrow" "$of_study"; do
        n=$((n + 1))
        equals "logs with ${secret:0:11}" "$(grep -lF -- "${secret:12}" "$work"/*.log "$work"/*.log.out | wc -l)" 0
    done
    equals tokens "$n" 7
}

begin "$@"
token_binary=$(dirname "$gateway_binary")/walkie-token
call_binary=$(dirname "$gateway_binary")/walkie-call
(umask 077 && head -c 32 /dev/urandom >"$work/rpc.key")
start_service --rpc-key-file "$work/rpc.key" || exit 1
viewer=$(a_token viewer-1 viewer '*') || exit 1
requester=$(a_token requester-1 requester '*')
writer=$(a_token writer-1 writer '*')
auditor=$(a_token auditor-1 viewer,auditor '*' --until 2999-01-01)
admin=$(a_token admin-1 admin '*')
start_gateway --auth-tokens "$work/tokens" --rpc-key-file "$work/rpc.key" || exit 1
as "$viewer" /v1/centers
mapfile -t all_sites < <(sed -nE 's/.*"center":[[:space:]]*"([^"]*)".*/\1/p' "$work/body")
site=${all_sites[0]} other_site=${all_sites[1]}
study_name=$(sed -nE 's/.*"study":[[:space:]]*"([^"]*)".*/\1/p' "$work/body" | sed -n 1p)
narrow=$(a_token narrow-1 admin "$site")
of_study=$(a_token study-1 requester "$study_name:*")
kill -HUP "$gateway_pid"
wait_for_log "$gateway_log" auth.reload tokens=7 >/dev/null || exit 1
run_test without_a_token_only_what_is_public_is_answered
run_test a_token_that_is_not_known_is_refused_and_only_the_header_counts
run_test each_role_may_what_its_table_says
run_test each_role_is_told_what_it_may
run_test a_refusal_names_the_permission_and_the_role_that_has_it
run_test only_an_auditor_sees_treatment_data_and_may_leave_them_out
run_test nobody_gets_anothers_unblinded_answer_when_both_ask_at_once
run_test a_scope_of_sites_holds_for_lists_and_reports
run_test writing_is_for_writers_and_their_sites_alone
run_test tokens_are_read_again_at_sighup_and_a_bad_file_keeps_the_old_one
run_test what_would_not_be_safe_does_not_start
run_test a_service_without_the_key_refuses_in_words
run_test a_service_that_knows_only_known_callers_refuses_the_others
run_test a_result_that_is_kept_goes_to_nobody_whose_role_has_become_too_low
run_test a_kept_study_is_for_nobody_whose_scope_has_lost_a_site_not_even_admins
run_test who_only_stands_in_the_network_gets_nothing_from_the_service
run_test no_token_and_no_key_is_in_any_log
finish
