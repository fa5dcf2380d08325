# Reads flat JSON objects, one a line, that differ in their figures from round to round. Prints one
# for each combination of the fields in `keys`, in the order of their first appearance: numbers are
# the medians, "runs" is `rounds`.

function number_at(row, name)
{
    return cell[row, name] + 0
}

function median(group, name, n, i, k, swap, sorted)
{
    n = n_rows[group]
    for (i = 1; i <= n; i++) {
        sorted[i] = number_at(rows[group, i], name)
        for (k = i; k > 1 && sorted[k] < sorted[k - 1]; k--) {
            swap = sorted[k]
            sorted[k] = sorted[k - 1]
            sorted[k - 1] = swap
        }
    }
    return sorted[int((n + 1) / 2)]
}

BEGIN {
    n_keys = split(keys, key, " ")
}

{
    line = $0
    n_names = 0
    while (match(line, /"[^"]*":("[^"]*"|[^,}]*)/)) {
        pair = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
        colon = index(pair, "\":")
        names[++n_names] = substr(pair, 2, colon - 2)
        cell[NR, names[n_names]] = substr(pair, colon + 2)
    }
    group = ""
    for (i = 1; i <= n_keys; i++) {
        group = group SUBSEP cell[NR, key[i]]
    }
    if (!(group in n_rows)) {
        groups[++n_groups] = group
    }
    rows[group, ++n_rows[group]] = NR
}

END {
    for (g = 1; g <= n_groups; g++) {
        group = groups[g]
        row = rows[group, 1]
        out = ""
        for (i = 1; i <= n_names; i++) {
            value = cell[row, names[i]]
            if (names[i] == "runs") {
                value = rounds
            } else if (value !~ /^"/) {
                value = median(group, names[i])
            }
            out = out (i > 1 ? "," : "") "\"" names[i] "\":" value
        }
        print "{" out "}"
    }
}
