#!/usr/bin/env bash
# From a cancel, or a client's departure, to the handler that notices: RPC alone, then through the
# gateway. cancel.sh RESULTS
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
mkdir -p build/log
for program in rpc_cancel_bench cancel_bench; do
    "build/release/tests/bench/$program" --json "$1" >"build/log/bench-$program.log" 2>&1 || {
        tail -n 20 "build/log/bench-$program.log"
        exit 1
    }
done
