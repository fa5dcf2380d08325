# Reads JSON objects, one a line, flat; prints one table a "bench", its columns in the order in which
# they appear. What is the same on every line (commit, cpus) stands above the tables.

function value_of(text)
{
    gsub(/^"|"$/, "", text)
    return text
}

{
    line = $0
    sub(/^\{/, "", line)
    sub(/\}[ \r]*$/, "", line)
    n_rows++
    while (match(line, /"[^"]*":("[^"]*"|[^,]*)/)) {
        pair = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        colon = index(pair, "\":")
        name = value_of(substr(pair, 1, colon))
        cell[n_rows, name] = value_of(substr(pair, colon + 2))
        if (name == "bench") {
            bench = cell[n_rows, name]
        } else if (name == "commit" || name == "cpus") {
            common[name] = cell[n_rows, name]
        } else if (!((bench, name) in has_column)) {
            has_column[bench, name] = 1
            columns[bench, ++n_columns[bench]] = name
        }
    }
    row_bench[n_rows] = cell[n_rows, "bench"]
    if (!(cell[n_rows, "bench"] in seen)) {
        seen[cell[n_rows, "bench"]] = 1
        benches[++n_benches] = cell[n_rows, "bench"]
    }
}

END {
    printf "\ncommit %s, %s cpus\n", common["commit"], common["cpus"]
    for (b = 1; b <= n_benches; b++) {
        bench = benches[b]
        printf "\n%s\n", bench
        for (c = 1; c <= n_columns[bench]; c++) {
            name = columns[bench, c]
            width[c] = length(name)
            is_number[c] = 1
            for (r = 1; r <= n_rows; r++) {
                if (row_bench[r] == bench) {
                    width[c] = length(cell[r, name]) > width[c] ? length(cell[r, name]) : width[c]
                    is_number[c] = is_number[c] && cell[r, name] ~ /^[-0-9.]*$/
                }
            }
        }
        for (r = 0; r <= n_rows; r++) {
            if (r > 0 && row_bench[r] != bench) {
                continue
            }
            line = "   "
            for (c = 1; c <= n_columns[bench]; c++) {
                text = r == 0 ? columns[bench, c] : cell[r, columns[bench, c]]
                line = line sprintf(is_number[c] ? " %" width[c] "s " : " %-" width[c] "s ", text)
            }
            sub(/ +$/, "", line)
            print line
        }
    }
}
