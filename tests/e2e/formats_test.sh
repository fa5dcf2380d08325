#!/usr/bin/env bash
# The four formats of a report over HTTP: each what it says it is, all with the same numbers, and the
# JSON as its published schema says.
. "$(dirname "$0")/harness.sh"

schema=proto/walkie/report/v1/audit-report-1.schema.json
formats=tests/support/formats.py

# fetch SITE LANGUAGE FORMAT: into $work/SITE.LANGUAGE.FORMAT.
fetch() {
    http "/v1/centers/$1/audit-report?format=$3&language=$2"
    equals "status of $3" "$code" 200
    equals "SHA-256 of $3" "$(sha256sum <"$work/body" | cut -d ' ' -f 1)" "$(header x-content-sha256)"
    mv "$work/body" "$work/$1.$2.$3"
}

the_four_formats_of_a_site_hold_the_same_numbers() {
    local language format hash
    for language in en zh-CN; do
        hash=''
        for format in json csv xlsx pdf; do
            fetch "$site" "$language" "$format"
            equals "content hash of $format" "$(header x-content-hash)" "${hash:=$(header x-content-hash)}"
        done
        python3 "$formats" same "$work/$site.$language".{json,csv,xlsx,pdf}
    done
}

the_made_up_report_with_everything_holds_the_same_numbers_too() {
    local language
    mkdir "$work/sample"
    "$writer" "$work/sample"
    for language in en zh-CN; do
        python3 "$formats" same "$work/sample/sample.$language".{json,zip,xlsx,pdf}
    done
    python3 "$formats" schema "$schema" "$work"/sample/sample.*.json
}

every_report_is_valid_by_the_published_schema() {
    local number
    for number in $all_sites; do
        fetch "$number" en json
    done
    fetch "$site" zh-CN json # what differs is the words
    python3 "$formats" schema "$schema" "$work"/*.json
}

the_schema_refuses_what_the_writer_does_not_write() {
    mkdir -p "$work/sample"
    "$writer" "$work/sample"
    python3 "$formats" mutate "$schema" "$work/sample/sample.en.json"
}

the_gateway_serves_the_schema() {
    http /v1/schemas/audit-report/1
    equals status "$code" 200
    equals "content type" "$(header content-type)" application/schema+json
    cmp "$work/body" "$schema"
}

a_bundle_is_an_attachment_that_every_reader_opens() {
    fetch "$site" en csv
    equals "content type" "$(header content-type)" application/zip
    contains disposition "$(header content-disposition)" '^attachment; filename="audit-report-.*-csv\.zip"'
    unzip -tqq "$work/$site.en.csv"
    fetch "$site" en xlsx
    equals "content type" "$(header content-type)" \
        application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
    contains disposition "$(header content-disposition)" '^attachment; filename="audit-report-.*\.xlsx"'
    unzip -tqq "$work/$site.en.xlsx"
}

the_same_request_gives_the_same_bytes_after_a_restart() {
    local format
    for format in csv xlsx; do
        fetch "$site" zh-CN "$format"
        mv "$work/$site.zh-CN.$format" "$work/first.$format"
    done
    start_services
    for format in csv xlsx; do
        fetch "$site" zh-CN "$format"
        cmp "$work/$site.zh-CN.$format" "$work/first.$format"
    done
    stop_services
}

an_unknown_format_is_refused_with_the_list() {
    http "/v1/centers/$site/audit-report?format=docx"
    equals status "$code" 400
    contains detail "$(cat "$work/body")" 'pdf\|json\|csv\|xlsx'
}

a_report_that_is_stopped_leaves_no_file_in_the_spool_folder() {
    local format
    mkdir "$work/spool"
    start_services --spool-dir "$work/spool"
    for format in csv xlsx; do
        http "/v1/centers/$site/audit-report?format=$format&timeout=20ms"
        contains status "$code" '^(200|504)$'
    done
    until_true has_calls_in_flight 0
    stop_services
    equals "files left" "$(find "$work/spool" -type f | wc -l)" 0
}

begin "$@"
writer=$(dirname "$(dirname "$gateway_binary")")/tests/unit/write_formats
start_services || exit 1
all_sites=$(sites)
site=$(head -n 1 <<<"$all_sites")
run_test the_four_formats_of_a_site_hold_the_same_numbers
run_test the_made_up_report_with_everything_holds_the_same_numbers_too
run_test every_report_is_valid_by_the_published_schema
run_test the_schema_refuses_what_the_writer_does_not_write
run_test the_gateway_serves_the_schema
run_test a_bundle_is_an_attachment_that_every_reader_opens
run_test the_same_request_gives_the_same_bytes_after_a_restart
run_test an_unknown_format_is_refused_with_the_list
run_test a_report_that_is_stopped_leaves_no_file_in_the_spool_folder
finish
