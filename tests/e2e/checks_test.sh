#!/usr/bin/env bash
# walkie-data checks: an expression tried over the demonstration study and with given values.
. "$(dirname "$0")/harness.sh"

# checks ARGUMENT...: sets result, and $work/out (both streams).
checks() {
    result=0
    "$data_binary" checks "$@" --edc "sqlite:$edc" >"$work/out" 2>&1 || result=$?
}

what_the_readme_shows_is_printed() {
    PATH=$(realpath "$(dirname "$data_binary")"):$PATH \
        python3 "$(dirname "$0")/../support/readme.py" "$(dirname "$0")/../../README.md" "Trying edit checks" 127.0.0.1:8080 "$study"
}

it_is_counted_over_the_forms_and_fails_with_examples() {
    checks test 'SYSBP > 100000' --examples 2
    equals "exit code" "$result" 1
    contains "the counts" "$(<"$work/out")" ': [0-9]+ fail, 0 hold, '
    equals "examples" "$(grep -c '^  site [0-9]+ subject [0-9-]+ .* VS: SYSBP = [0-9]+$' -E "$work/out")" 2
    contains "the rest" "$(<"$work/out")" '^  and [0-9]+ more \(--examples N shows N\)$'
    checks test 'SYSBP < 100000'
    equals "exit code" "$result" 0
    contains "the counts" "$(<"$work/out")" ': 0 fail, [0-9]+ hold, '
}

a_site_and_a_subject_are_checked_alone() {
    local all site subject one
    all=$(forms_of)
    site=$(forms_of --site 101)
    subject=$(sqlite3 "$edc" "SELECT min(subject_no) FROM subject WHERE subject_no LIKE '101-%'")
    one=$(forms_of --subject "$subject")
    at_least "forms of the study" "$all" $((site + 1))
    at_least "forms of the site" "$site" $((one + 1))
    at_least "forms of the subject" "$one" 1
    checks test 'SYSBP > 0' --subject nobody
    equals "exit code" "$result" 69
    contains "the error" "$(<"$work/out")" 'no subject "nobody" in study WLK-301$'
}

# forms_of OPTION...: how many forms are read.
forms_of() {
    checks test 'SYSBP > 0' --examples 0 "$@"
    sed -nE 's/^[0-9]+ evaluations over ([0-9]+) forms .*/\1/p' "$work/out"
}

given_values_decide_without_any_form() {
    checks test 'subject.sex = "F" and any(COMMON/CM.CMTRT = "Metformin")' --set COMMON/CM.CMTRT=None \
        --set COMMON/CM.CMTRT=Metformin --set subject.sex=F
    equals "exit code" "$result" 0
    contains "the outcome" "$(<"$work/out")" '^holds \(COMMON/CM\.CMTRT, row 2\)$'
    checks test 'SYSBP > 8' --set SISBP=2
    equals "exit code of a misspelt name" "$result" 2
    contains "the error" "$(<"$work/out")" 'form VS has no item SISBP; did you mean SYSBP\?'
    checks test 'SYSBP > 8' --set SYSBP=2 --site 101
    equals "exit code of what excludes each other" "$result" 2
}

what_is_wrong_is_pointed_at() {
    checks test $'SYSBP > 80 and\nPULS > 3'
    equals "exit code" "$result" 2
    contains "the error" "$(<"$work/out")" 'column 1: form VS has no item PULS; did you mean PULSE\?'
    equals "the caret" "$(tail -n 2 "$work/out")" $'  PULS > 3\n  ^'
    checks test 'SYSBP > 8' --form SV
    equals "exit code of a form that is not there" "$result" 69
    contains "the error" "$(<"$work/out")" '--form SV: no such form; did you mean VS\?'
    checks tset 'SYSBP > 8'
    equals "exit code of an unknown word" "$result" 2
}

a_check_that_does_not_compile_is_listed_with_its_column() {
    cp "$edc" "$work/bad.sqlite"
    sqlite3 "$work/bad.sqlite" "UPDATE edit_check SET expr = 'SYSBP GE 80' WHERE code = 'VS_SYSBP_RANGE'"
    edc=$work/bad.sqlite checks list
    equals "exit code" "$result" 1
    contains "the line" "$(<"$work/out")" '^bad +VS_SYSBP_RANGE +VS +soft +SYSBP GE 80$'
    contains "the column" "$(<"$work/out")" '^     column 7: .* is expected, but here is GE$'
    contains "the sum" "$(<"$work/out")" '^[0-9]+ active checks of study WLK-301, 1 do not compile$'
}

begin "$@"
edc=$study/edc.sqlite
run_test what_the_readme_shows_is_printed
run_test it_is_counted_over_the_forms_and_fails_with_examples
run_test a_site_and_a_subject_are_checked_alone
run_test given_values_decide_without_any_form
run_test what_is_wrong_is_pointed_at
run_test a_check_that_does_not_compile_is_listed_with_its_column
finish
