# Reads the output of `ctest -V`. Prints "passed N", "failed PROGRAM: TEST", "skipped PROGRAM: TEST"
# and "output LINE" for the last lines of the programs that failed.
#
# A program of cmocka counts as its tests, any other one as one test. A program that dies or runs
# out of time is a failure even if every test that it came to had passed.

function keep(number, line)
{
    lines[number, ++n_lines[number]] = line
}

/^[0-9]+: / {
    number = $1 + 0
    line = substr($0, index($0, ": ") + 2)
    if (line ~ /^\[       OK \] /) {
        n_ok[number]++
    } else if (line ~ /^\[  FAILED  \] / && line !~ /\] [0-9]+ test\(s\)/) {
        failed_tests[number, substr(line, 14)] = 1
        n_failed[number]++
    } else if (line ~ /^\[  SKIPPED \] / && line !~ /\] [0-9]+ test\(s\)/) {
        skipped_tests[number, substr(line, 14)] = 1
        n_skipped[number]++
    }
    if (line !~ /^Test command: |^Working Directory: |^Test timeout computed|^Environment variables|^\[ RUN      \]|^\[       OK \]/) {
        keep(number, line)
    }
    next
}

/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
    number = $0
    sub(/^[^#]*#/, "", number)
    name = number
    number = number + 0
    sub(/^[0-9]+: /, "", name)
    sub(/ .*/, "", name)
    names[number] = name
    result[number] = $0 ~ / Passed +[0-9]/ ? "passed" : $0 ~ /\*\*\*Skipped/ ? "skipped" : "failed"
    reason[number] = $0
    sub(/^.*\*\*\*/, "", reason[number])
    sub(/ +[0-9.]+ sec.*$/, "", reason[number])
}

END {
    for (number in result) {
        passed += n_ok[number]
        if (result[number] == "passed" && n_ok[number] + n_skipped[number] == 0) {
            passed++
        }
        if (result[number] == "skipped" && n_skipped[number] == 0) {
            print "skipped " names[number]
        }
        if (result[number] == "failed") {
            if (n_failed[number] == 0) {
                print "failed " names[number] " (" reason[number] ")"
            }
            from = n_lines[number] > 60 ? n_lines[number] - 60 : 1
            for (i = from; i <= n_lines[number]; i++) {
                print "output " names[number] ": " lines[number, i]
            }
        }
    }
    for (key in failed_tests) {
        split(key, part, SUBSEP)
        print "failed " names[part[1]] ": " part[2]
    }
    for (key in skipped_tests) {
        split(key, part, SUBSEP)
        print "skipped " names[part[1]] ": " part[2]
    }
    print "passed " passed + 0
}
