#!/usr/bin/env bash
# The audit report over HTTP: every site of the demonstration study, as PDF and JSON, in both
# languages.
. "$(dirname "$0")/harness.sh"

every_site_has_a_valid_pdf_in_both_languages() {
    local number language
    for number in $all_sites; do
        for language in en zh-CN; do
            http "/v1/centers/$number/audit-report?language=$language"
            equals "status of site $number in $language" "$code" 200
            equals "content type" "$(header content-type)" application/pdf
            equals "SHA-256" "$(sha256sum <"$work/body" | cut -d ' ' -f 1)" "$(header x-content-sha256)"
            qpdf --check "$work/body" >"$work/qpdf"
            contains "qpdf" "$(cat "$work/qpdf")" 'No syntax or stream encoding errors'
        done
    done
}

fonts_are_embedded() {
    local language
    for language in en zh-CN; do
        http "/v1/centers/$site/audit-report?language=$language"
        pdffonts "$work/body" >"$work/fonts"
        at_least "number of fonts" "$(tail -n +3 "$work/fonts" | wc -l)" 1
        # Columns from the right: object and generation, unicode, subset, embedded.
        equals "fonts that are not embedded" \
            "$(tail -n +3 "$work/fonts" | awk '$(NF - 4) != "yes"' | wc -l)" 0
    done
}

the_text_can_be_read_out_of_the_pdf() {
    http "/v1/centers/$site/audit-report?language=en"
    pdftotext -layout "$work/body" - >"$work/text"
    contains "English text" "$(cat "$work/text")" "(^|[^0-9])$site([^0-9]|$)"
    contains "English text" "$(tr '[:upper:]' '[:lower:]' <"$work/text")" 'audit'
    http "/v1/centers/$site/audit-report?language=zh-CN"
    pdftotext -layout "$work/body" - >"$work/text"
    contains "Chinese text" "$(cat "$work/text")" '稽查|核查|中心'
}

# A funnel has up to four limits, in half a page's width.
every_limit_of_a_funnel_is_named_in_its_legend() {
    local language funnels
    for language in en zh-CN; do
        http "/v1/centers/$site/audit-report?format=json&sections=5&language=$language"
        funnels=$(grep -o '"chart":"funnel"' "$work/body" | wc -l)
        at_least funnels "$funnels" 8
        http "/v1/centers/$site/audit-report?sections=5&language=$language"
        equals "legends that name z = +3" "$(pdftotext "$work/body" - | grep -o 'z = +3' | wc -l)" "$funnels"
    done
}

the_json_names_the_site_in_both_languages() {
    local language
    for language in en zh-CN; do
        http "/v1/centers/$site/audit-report?format=json&language=$language"
        equals status "$code" 200
        equals "content type" "$(header content-type)" application/json
        contains body "$(cat "$work/body")" "\"$site\""
        if command -v jq >/dev/null; then
            jq -e . <"$work/body" >/dev/null
        fi
    done
}

the_same_request_gives_the_same_bytes() {
    local format first
    for format in pdf json; do
        http "/v1/centers/$site/audit-report?format=$format"
        first=$(sha256sum <"$work/body")
        http "/v1/centers/$site/audit-report?format=$format"
        equals "second $format" "$(sha256sum <"$work/body")" "$first"
    done
}

the_content_hash_is_the_same_for_pdf_and_json() {
    local of_pdf
    http "/v1/centers/$site/audit-report?format=pdf"
    of_pdf=$(header x-content-hash)
    contains "content hash" "$of_pdf" '^[0-9a-f]{64}$'
    http "/v1/centers/$site/audit-report?format=json"
    equals "content hash of the JSON" "$(header x-content-hash)" "$of_pdf"
}

a_post_with_json_is_the_same_as_the_query() {
    http "/v1/centers/$site/audit-report?format=json&language=zh-CN"
    local first
    first=$(sha256sum <"$work/body")
    http "/v1/centers/$site/audit-report" -H 'Content-Type: application/json' \
        -d '{"format":"json","language":"zh-CN"}'
    equals status "$code" 200
    equals "answer to POST" "$(sha256sum <"$work/body")" "$first"
}

the_answer_carries_the_trace_of_the_request() {
    new_trace
    http "/v1/centers/$site/audit-report" -H "$traceparent"
    equals "X-Trace-Id" "$(header x-trace-id)" "$trace_id"
    contains "Server-Timing" "$(header server-timing)" 'dur='
    wait_for_log "$gateway_log" http.response "trace_id=$trace_id" status=200
    wait_for_log "$service_log" report.done "trace_id=$trace_id"
    local line
    line=$(wait_for_log "$service_log" rpc.recv "trace_id=$trace_id")
    at_most "inherited remaining_ms" "$(field "$line" remaining_ms)" 60000
    at_least "inherited remaining_ms" "$(field "$line" remaining_ms)" 50000
}

begin "$@"
start_services || exit 1
all_sites=$(sites)
site=$(head -n 1 <<<"$all_sites")
if [[ -z $site ]]; then
    echo "not ok - /v1/centers lists the sites"
    exit 1
fi
run_test every_site_has_a_valid_pdf_in_both_languages
run_test fonts_are_embedded
run_test the_text_can_be_read_out_of_the_pdf
run_test every_limit_of_a_funnel_is_named_in_its_legend
run_test the_json_names_the_site_in_both_languages
run_test the_same_request_gives_the_same_bytes
run_test the_content_hash_is_the_same_for_pdf_and_json
run_test a_post_with_json_is_the_same_as_the_query
run_test the_answer_carries_the_trace_of_the_request
finish
