#!/usr/bin/env bash
# What the PDF costs, and the same rows by ReportLab's canvas and by pdfkit where those are to be
# had: pdf.sh RESULTS. pdfkit is looked for where node looks, and in the folder WALKIE_PEERS_NODE
# (that of its node_modules: npm install --prefix FOLDER pdfkit).
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
results=$1
font=/usr/share/fonts/truetype/wqy/wqy-microhei.ttc
runs=5
log=build/log/bench-pdf.log
rows=$(mktemp /tmp/walkie-pdf-rows-XXXXXX)
trap 'rm -f "$rows"' EXIT
mkdir -p build/log

# Walkie is on its own: peers come one after the other.
build/release/tests/bench/pdf_bench --json "$results" --rows "$rows" >"$log" 2>&1 || {
    tail -n 20 "$log"
    exit 1
}

# peer NAME MISSING COMMAND...: its line, or why there is none.
peer() {
    local name=$1 missing=$2
    shift 2
    if ! "$@" "$rows" "$font" "$runs" >>"$results" 2>>"$log"; then
        echo "($name failed; see $log; $missing)"
    fi
}

if /usr/bin/python3 -c 'import reportlab' 2>/dev/null; then
    peer reportlab 'package python3-reportlab' /usr/bin/python3 tests/bench/pdf_reportlab.py
else
    echo "(no ReportLab: install the package python3-reportlab)"
fi
node_path=${WALKIE_PEERS_NODE:+$WALKIE_PEERS_NODE/node_modules}
if command -v node >/dev/null && NODE_PATH=$node_path node -e "require('pdfkit')" 2>/dev/null; then
    peer pdfkit 'npm package pdfkit' env NODE_PATH="$node_path" node tests/bench/pdf_pdfkit.js
else
    echo "(no pdfkit: npm install --prefix FOLDER pdfkit, and WALKIE_PEERS_NODE=FOLDER)"
fi
