#!/usr/bin/env bash
# walkie-data as a person uses it: files in, databases out, Ctrl-C in the middle, a report at the end.
. "$(dirname "$0")/harness.sh"

odm=tests/data/study.odm.xml

# import_odm FILE NAME [FLAG...]: into $work/NAME.edc and .ctms; sets result, and $work/out.
import_odm() {
    local file=$1 name=$2
    shift 2
    result=0
    "$data_binary" import odm "$file" --edc "sqlite:$work/$name.edc" --ctms "sqlite:$work/$name.ctms" \
        "$@" >"$work/out" 2>&1 || result=$?
}

# left_of NAME: files that an import of that name has left.
left_of() {
    find "$work" -maxdepth 1 -name "$1.*" | wc -l
}

# big_odm N: a study of N subjects of 600 values each, to standard output.
big_odm() {
    sed -n '/<ODM/,/<\/AdminData>/p' "$odm"
    awk -v n_subjects="$1" 'BEGIN {
        print "<ClinicalData StudyOID=\"S.WLK-ODM-1\" MetaDataVersionOID=\"MDV.1\">"
        for (s = 1; s <= n_subjects; s++) {
            printf "<SubjectData SubjectKey=\"101-%06d\"><SiteRef LocationOID=\"101\"/>", s
            print "<StudyEventData StudyEventOID=\"SE.SCREENING\">"
            for (f = 1; f <= 200; f++) {
                printf "<FormData FormOID=\"F.VS\" FormRepeatKey=\"%d\"><ItemGroupData ItemGroupOID=\"IG.VS\">", f
                print "<AuditRecord><UserRef UserOID=\"USR.CRC\"/><LocationRef LocationOID=\"101\"/>" \
                    "<DateTimeStamp>2025-02-10T09:30:00Z</DateTimeStamp></AuditRecord>"
                print "<ItemData ItemOID=\"I.VISDAT\" Value=\"2025-02-09\"/>" \
                    "<ItemData ItemOID=\"I.SYSBP\" Value=\"150\"/><ItemData ItemOID=\"I.PULSE\" Value=\"70\"/>"
                print "</ItemGroupData></FormData>"
            }
            print "</StudyEventData></SubjectData>"
        }
        print "</ClinicalData></ODM>"
    }'
}

an_odm_file_is_loaded_and_summed_up() {
    import_odm "$odm" one
    equals "exit code" "$result" 0
    contains "the summary" "$(<"$work/out")" 'edc +item_data +45$'
    contains "the summary" "$(<"$work/out")" 'recognised by CDASH or SDTM name: SEX .*LBORNRHI'
    contains "the summary" "$(<"$work/out")" '2 elements of other namespaces'
}

the_same_file_again_changes_nothing() {
    import_odm "$odm" one
    equals "exit code" "$result" 0
    contains "the summary" "$(<"$work/out")" 'loaded already; nothing was changed'
    contains "the database" "$("$data_binary" info --edc "sqlite:$work/one.edc")" 'data_version +1$'
}

another_file_over_it_needs_force() {
    sed 's/Pneumonia/Pneumonitis/' "$odm" >"$work/other.xml"
    import_odm "$work/other.xml" one
    equals "exit code" "$result" 2
    contains "the refusal" "$(<"$work/out")" '--force replaces it'
    import_odm "$work/other.xml" one --force
    equals "exit code" "$result" 0
    contains "the database" "$("$data_binary" info --edc "sqlite:$work/one.edc")" 'data_version +2$'
}

errors_have_file_and_line_and_nothing_is_loaded() {
    sed 's/Value="2025-02-09"/Value="2025-02-31"/' "$odm" >"$work/wrong.xml"
    import_odm "$work/wrong.xml" wrong
    equals "exit code" "$result" 69
    contains "the errors" "$(<"$work/out")" '^wrong\.xml:[0-9]+: item "I\.CONSENT": "2025-02-31" is no date$'
    equals "files left" "$(left_of wrong)" 1 # the input
}

a_folder_is_not_an_odm_file() {
    import_odm tests folder
    equals "exit code" "$result" 69
    contains "the error" "$(<"$work/out")" 'tests: is a folder'
    equals "files left" "$(left_of folder)" 0
}

is_larger() {
    (($(stat -c %s "$1" 2>/dev/null || echo 0) >= $2))
}

# What the system's limit on a file's size or a full disk does not take is an error, not a signal.
a_disk_that_is_full_is_said_and_nothing_is_left() {
    local result=0
    (ulimit -f 64 && exec "$data_binary" import odm "$odm" --edc "sqlite:$work/full.edc" \
        --ctms "sqlite:$work/full.ctms" >"$work/out" 2>"$work/err") || result=$?
    equals "exit code" "$result" 69
    contains "the error" "$(<"$work/err")" 'full\.edc\.partial: '
    equals "files left" "$(left_of full)" 0
    for command in info check; do
        result=0
        "$data_binary" "$command" --edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$study/ctms.sqlite" \
            >/dev/full 2>"$work/err" || result=$?
        equals "exit code of $command" "$result" 74
        contains "the error" "$(<"$work/err")" 'could not be written whole: No space left'
    done
}

# is_larger_or_made FILE BYTES: as it is written, or whole.
is_larger_or_made() {
    [[ -e $1 ]] || is_larger "$1.partial" "$2"
}

# While it waits for more of a pipe, at several places of the file.
ctrl_c_while_reading_leaves_nothing() {
    local lines
    for lines in 1 20 100 1000; do
        rm -f "$work/pipe" && mkfifo "$work/pipe"
        "$data_binary" import odm - --edc "sqlite:$work/pipe.edc" --ctms "sqlite:$work/pipe.ctms" \
            <"$work/pipe" >"$work/pipe.out" 2>&1 &
        local pid=$!
        exec 3>"$work/pipe"
        head -n "$lines" "$work/big.xml" >&3
        until_true test -e "$work/pipe.ctms.partial"
        kill -INT "$pid"
        await_exit "$pid"
        exec 3>&-
        rm -f "$work/pipe"
        equals "exit code after $lines lines" "$exit_code" 130
        contains "the message" "$(<"$work/pipe.out")" 'cancelled; nothing was made or changed'
        rm -f "$work/pipe.out"
        equals "files left" "$(left_of pipe)" 0
    done
}

# While rows are written: the file under its other name grows. Who is told after the last row has been
# committed has done it: then both files are there.
ctrl_c_while_writing_leaves_nothing() {
    local size n_interrupted=0
    for size in 1000000 2000000 5000000 9000000; do
        "$data_binary" import odm "$work/big.xml" --edc "sqlite:$work/int.edc" \
            --ctms "sqlite:$work/int.ctms" >"$work/out" 2>&1 &
        local pid=$!
        until_true is_larger_or_made "$work/int.edc" "$size"
        kill -INT "$pid" 2>/dev/null || true
        await_exit "$pid"
        if ((exit_code == 0)); then
            equals "files made" "$(left_of int)" 2
            rm -f "$work"/int.*
            continue
        fi
        equals "exit code at $size bytes" "$exit_code" 130
        equals "files left" "$(left_of int)" 0
        n_interrupted=$((n_interrupted + 1))
    done
    at_least "imports that were interrupted" "$n_interrupted" 1
}

# What was there stays, whole, when its replacement is interrupted.
ctrl_c_while_replacing_keeps_the_older_data() {
    local before pid
    import_odm "$odm" kept
    before=$(sha256sum "$work/kept.edc" "$work/kept.ctms")
    "$data_binary" import odm "$work/big.xml" --edc "sqlite:$work/kept.edc" \
        --ctms "sqlite:$work/kept.ctms" --force >"$work/out" 2>&1 &
    pid=$!
    until_true is_larger "$work/kept.edc.partial" 1000000
    kill -INT "$pid"
    await_exit "$pid"
    equals "exit code" "$exit_code" 130
    equals "the older files" "$(sha256sum "$work/kept.edc" "$work/kept.ctms")" "$before"
}

progress_is_shown_on_a_terminal_and_nowhere_else() {
    local command="$data_binary import odm $work/big.xml --edc sqlite:$work/tty.edc"
    NO_COLOR=1 TERM=xterm script -qec "$command" /dev/null >"$work/tty" 2>&1
    contains "the terminal's text" "$(tr '\r' '\n' <"$work/tty")" 'big\.xml  \[=*>? *\]  +[0-9]+ %'
    contains "the terminal's text" "$(tr '\r' '\n' <"$work/tty")" '[0-9] rows'
    equals "colours" "$(grep -c $'\e\\[3' "$work/tty")" 0
    rm -f "$work/tty.edc"
    $command >"$work/plain" 2>&1
    equals "escapes and carriage returns" "$(grep -c $'[\e\r]' "$work/plain")" 0
}

a_report_comes_from_it_and_says_what_is_not_there() {
    import_odm "$odm" report
    start_services --edc "sqlite:$work/report.edc" --ctms "sqlite:$work/report.ctms"
    http "/v1/centers/101/audit-report?format=json"
    equals status "$code" 200
    contains "the model" "$(<"$work/body")" '"site_name":"北京协和医院"'
    contains "the model" "$(<"$work/body")" '"as_of":"2025-06-30"'
    contains "the model" "$(<"$work/body")" '"kind":"not_provided"[^}]*"source":"edc"'
    http "/v1/centers/101/audit-report"
    equals status "$code" 200
    pdftotext -layout "$work/body" "$work/text"
    contains "the text" "$(<"$work/text")" 'Pneumonia'
    contains "the text" "$(<"$work/text")" 'not provided by edc'
}

what_lacks_is_told_by_section_and_rule() {
    local result=0
    "$data_binary" check --edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$study/ctms.sqlite" >"$work/out" || result=$?
    equals "exit code of the demonstration study" "$result" 0
    contains "its check" "$(<"$work/out")" 'LB-01 +needs lab result \(no laboratory is configured here\)'
    result=0
    import_odm "$odm" lack
    "$data_binary" check --edc "sqlite:$work/lack.edc" --ctms "sqlite:$work/lack.ctms" >"$work/out" || result=$?
    equals "exit code" "$result" 1
    contains "the check" "$(<"$work/out")" '^study WLK-ODM-1, site 101, as of 2025-06-30$'
    contains "the check" "$(<"$work/out")" 'not provided by ctms  Monitoring visits'
    contains "the check" "$(<"$work/out")" 'SDV-01 +needs edc form\.sdv_status \(ODM has no place for it\)'
    contains "section 1" "$(<"$work/out")" '^ 1  Summary +complete$'
    result=0
    "$data_binary" check --json --site 102 --edc "sqlite:$work/lack.edc" --ctms "sqlite:$work/lack.ctms" >"$work/out" || result=$?
    equals "exit code" "$result" 1
    contains "the JSON" "$(<"$work/out")" '"site_no":"102".*"is_complete":false.*"code":"SDV-01"'
    contains "the JSON" "$(<"$work/out")" '"not_assessed":\[[^]]*"code":"AT-02"[^]]*"column":"time_zone"'
    result=0
    "$data_binary" check --study OTHER --edc "sqlite:$work/lack.edc" --ctms "sqlite:$work/lack.ctms" 2>"$work/out" || result=$?
    equals "exit code without such a study" "$result" 69
    contains "the error" "$(<"$work/out")" 'no site to make a report of in study OTHER'
    result=0
    "$data_binary" check --site 999 --edc "sqlite:$work/lack.edc" --ctms "sqlite:$work/lack.ctms" 2>"$work/out" || result=$?
    equals "exit code without such a site" "$result" 69
}

# peak_kb PID: the most memory that the process has had, as long as it can be asked.
peak_kb() {
    local peak=0 line
    while line=$(grep VmHWM "/proc/$1/status" 2>/dev/null); do
        peak=${line//[^0-9]/}
    done
    echo "$peak"
}

# 20 MB through a pipe; a tree of them in memory would take ten times as much.
memory_does_not_grow_with_the_file() {
    big_odm 200 | "$data_binary" import odm - --edc "sqlite:$work/flat.edc" >"$work/out" 2>&1 &
    local pid=$! peak
    peak=$(peak_kb "$pid")
    await_exit "$pid"
    equals "exit code" "$exit_code" 0
    contains "the summary" "$(<"$work/out")" 'edc +item_data +120000$'
    at_least "peak in KB" "$peak" 1000
    at_most "peak in KB" "$peak" 120000
}

tables_are_written_and_read_again() {
    cp "$study/ctms.sqlite" "$work/regraded.ctms"
    "$data_binary" regrade --ctms "sqlite:$work/regraded.ctms" --site 103 --rule DQ-01 --grade critical \
        --by 'Dr. Lin' --reason 'the third time'
    "$data_binary" export csv "$work/tables" --edc "sqlite:$study/edc.sqlite" --ctms "sqlite:$work/regraded.ctms"
    "$data_binary" import csv "$work/tables" --edc "sqlite:$work/csv.edc" --ctms "sqlite:$work/csv.ctms" >"$work/out"
    contains "the summary" "$(<"$work/out")" 'edc +audit_trail +[0-9]{4}'
    "$data_binary" import csv "$work/tables" --edc "sqlite:$work/csv.edc" --ctms "sqlite:$work/csv.ctms" >"$work/out"
    contains "the summary of a second time" "$(<"$work/out")" 'loaded already'
    "$data_binary" export csv "$work/tables2" --edc "sqlite:$work/csv.edc" --ctms "sqlite:$work/csv.ctms"
    sed -i '/^import_digest,/d; /_version,/d; s/^source,csv$/source,demo/' "$work"/tables{,2}/*/meta.csv
    diff -r "$work/tables" "$work/tables2"
    sed -i '2s/,[a-z_]*,[MF],/,happy,M,/' "$work/tables/edc/subject.csv"
    local result=0
    "$data_binary" import csv "$work/tables" --edc "sqlite:$work/csv.edc" --ctms "sqlite:$work/csv.ctms" \
        --force >"$work/out" 2>&1 || result=$?
    equals "exit code" "$result" 69
    contains "the error" "$(<"$work/out")" '^edc/subject\.csv:2: status: "happy" is none of screening'
}

begin "$@"
big_odm 60 >"$work/big.xml"
run_test an_odm_file_is_loaded_and_summed_up
run_test the_same_file_again_changes_nothing
run_test another_file_over_it_needs_force
run_test errors_have_file_and_line_and_nothing_is_loaded
run_test a_folder_is_not_an_odm_file
run_test a_disk_that_is_full_is_said_and_nothing_is_left
run_test ctrl_c_while_reading_leaves_nothing
run_test ctrl_c_while_writing_leaves_nothing
run_test ctrl_c_while_replacing_keeps_the_older_data
run_test progress_is_shown_on_a_terminal_and_nowhere_else
run_test memory_does_not_grow_with_the_file
run_test tables_are_written_and_read_again
run_test what_lacks_is_told_by_section_and_rule
run_test a_report_comes_from_it_and_says_what_is_not_there
finish
