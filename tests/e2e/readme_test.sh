#!/usr/bin/env bash
# What README.md says that curl prints, it prints.
. "$(dirname "$0")/harness.sh"

readme=$(dirname "$0")/../../README.md

the_curl_examples_print_what_stands_there() {
    python3 "$(dirname "$0")/../support/readme.py" "$readme" "With curl" "$gateway_address" "$work"
}

the_examples_of_the_checks_print_what_stands_there() {
    python3 "$(dirname "$0")/../support/readme.py" "$readme" "Checking the forms" "$gateway_address" "$work"
}

begin "$@"
start_services
run_test the_curl_examples_print_what_stands_there
run_test the_examples_of_the_checks_print_what_stands_there
finish
