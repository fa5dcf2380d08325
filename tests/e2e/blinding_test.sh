#!/usr/bin/env bash
# Blinding over HTTP: no kit, lot or randomisation number of the databases leaves in any format,
# unless the gateway was started with --unblinded.
. "$(dirname "$0")/harness.sh"

# The numbers that a report of the site could say, one a line.
treatment_numbers() {
    sqlite3 "$study/ctms.sqlite" "SELECT DISTINCT kit_no FROM ip_txn WHERE kind <> 'storage'
        UNION SELECT DISTINCT lot FROM ip_txn WHERE lot IS NOT NULL"
    sqlite3 "$study/edc.sqlite" "SELECT rand_no FROM subject WHERE rand_no IS NOT NULL"
}

# text_of FORMAT: what the answer in $work/body says, for grep.
text_of() {
    case $1 in
    pdf) pdftotext -layout "$work/body" - ;;
    csv | xlsx) unzip -p "$work/body" ;;
    *) cat "$work/body" ;;
    esac
}

# count_numbers FILE...: lines that hold one.
count_numbers() {
    cat "$@" | grep -c -F -f "$work/numbers" || true
}

a_blinded_report_says_no_number_in_any_format() {
    local format language
    for format in json pdf csv xlsx; do
        for language in en zh-CN; do
            http "/v1/centers/$site/audit-report?format=$format&language=$language"
            equals "status of $format" "$code" 200
            text_of "$format" >"$work/text"
            at_least "bytes of $format" "$(wc -c <"$work/text")" 20000
            equals "lines with numbers in $format" "$(count_numbers "$work/text")" 0
            equals "numbers in the header" "$(count_numbers "$work/headers")" 0
        done
    done
    equals "numbers in the logs" "$(count_numbers "$gateway_log" "$service_log")" 0
}

an_unblinded_gateway_prints_them_and_says_so() {
    http "/v1/centers/$site/audit-report?format=json"
    local blinded_hash
    blinded_hash=$(header x-content-hash)
    contains "blinded name" "$(header content-disposition)" 'en\.json'
    start_gateway --unblinded
    http "/v1/centers/$site/audit-report?format=json"
    equals status "$code" 200
    contains name "$(header content-disposition)" 'en-unblinded\.json'
    contains body "$(head -c 2000 "$work/body")" '"is_unblinded":true'
    at_least numbers "$(grep -o -F -f "$work/numbers" "$work/body" | sort -u | wc -l)" 100
    equals "hashes that are the same" "$(header x-content-hash | grep -c -F "$blinded_hash" || true)" 0
    http "/v1/centers/$site/audit-report?language=en"
    pdftotext -layout "$work/body" - >"$work/text"
    contains cover "$(head -n 60 "$work/text" | tr -s ' ')" 'Treatment data unblinded'
    stop_one "$gateway_pid"
}

begin "$@"
start_services || exit 1
site=$(head -n 1 <<<"$(sites)")
treatment_numbers >"$work/numbers"
if (($(wc -l <"$work/numbers") < 1000)); then
    echo "not ok - the demonstration study has treatment numbers"
    exit 1
fi
run_test a_blinded_report_says_no_number_in_any_format
run_test an_unblinded_gateway_prints_them_and_says_so
finish
