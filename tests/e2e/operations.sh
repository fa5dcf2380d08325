# shellcheck shell=bash
# shellcheck disable=SC2034
# What scenarios of operations are written in. Sourced after harness.sh; $site is whose reports are
# made.

# Slow enough to be caught in the middle, on a site of some pages.
slow=(--fault render.delay=20ms)

# begin_operation [CURL ARGUMENT...]: sets location; the answer is in $work/body and $work/headers.
# begin_short_operation: the same, one that is soon done.
begin_operation() {
    begin_operation_of "" "$@"
}

begin_short_operation() {
    begin_operation_of "?format=json" "$@"
}

begin_operation_of() {
    local query=$1
    shift
    http "/v1/centers/$site/audit-report$query" -X POST -H 'Prefer: respond-async' "$@"
    equals "status of the request" "$code" 202
    location=$(header location)
    contains "Location" "$location" '^/v1/operations/[0-9a-f]{32}$'
}

# state: of the last operation.
state() {
    curl -s --max-time 5 "http://$gateway_address$location" | sed -nE 's/.*"state":"([a-z]*)".*/\1/p'
}

is_in_state() {
    [[ $(state) == "$1" ]]
}

# value NAME: of the JSON in $work/body.
value() {
    sed -nE "s/.*\"$1\":(\"([^\"]*)\"|([^,}]*)).*/\2\3/p" "$work/body"
}
