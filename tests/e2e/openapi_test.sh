#!/usr/bin/env bash
# /openapi.json says what the gateway does: each operation is asked well and badly, and each answer
# compared with its words and schemas.
. "$(dirname "$0")/harness.sh"

support=$(dirname "$0")/../support
python=/usr/bin/python3 # the one that Debian's packages are for

get_document() {
    curl -sS --max-time 5 -o "$work/openapi.json" "http://$gateway_address/openapi.json"
}

the_document_keeps_openapis_rules() {
    get_document
    "$python" "$support/openapi.py" check "$work/openapi.json"
}

every_operation_answers_as_it_is_described() {
    get_document
    "$python" "$support/openapi.py" walk "$work/openapi.json" "$gateway_address"
}

a_gateway_without_faults_describes_none() {
    start_gateway --no-allow-faults
    get_document
    if grep -q '/v1/sleep' "$work/openapi.json"; then
        echo "/v1/sleep is described, and is not there"
        return 1
    fi
    "$python" "$support/openapi.py" check "$work/openapi.json"
}

begin "$@"
start_services
run_test the_document_keeps_openapis_rules
run_test every_operation_answers_as_it_is_described
run_test a_gateway_without_faults_describes_none
finish
