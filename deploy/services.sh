# shellcheck shell=bash
# shellcheck disable=SC2034 # what it sets is for those who source it
# Build, start and stop both services. Sourced by deploy/demo and deploy/up, after install.sh, from
# the root of the tree:
#
#     build_services; make_study build/demo
#     start_report_service build/demo; start_gateway build/demo; stop_services
#
# Ports are free ones unless flags say otherwise; the logs tell which.

binaries=build/release
gateway=$binaries/api-gateway/api-gateway
report_service=$binaries/report-service/report-service
data_tool=$binaries/report-service/import/walkie-data
laboratory=$binaries/report-service/stand_in/lab-stand-in
gateway_pid=''
service_pid=''
laboratory_pid=''
laboratory_address=''

step() {
    printf '\n== %s\n' "$*"
}

# Into build/release; quiet unless it fails.
build_services() {
    local log=build/log/build-deploy.log
    mkdir -p build/log
    step "Building (into $binaries; what the compiler says is in $log)"
    if ! { cmake --preset deploy && ninja -C "$binaries" api-gateway report-service walkie-data lab-stand-in; } \
        >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        echo "The build failed." >&2
        return 1
    fi
}

# make_study FOLDER [FLAG...]: the two databases of a made-up study.
make_study() {
    local folder=$1
    mkdir -p "$folder"
    step "Making a demonstration study ($folder/edc.sqlite, $folder/ctms.sqlite)"
    "$data_tool" demo --edc "sqlite:$folder/edc.sqlite" --ctms "sqlite:$folder/ctms.sqlite" \
        "${@:2}" >"$folder/study.log" 2>&1 || {
        cat "$folder/study.log" >&2
        return 1
    }
}

# log_value FILE EVENT FIELD: of the last such line of a text log.
log_value() {
    awk -v event="$2" -v field="$3=" '
        $4 == event {
            for (i = 5; i <= NF; i++) {
                if (index($i, field) == 1) {
                    value = substr($i, length(field) + 1)
                }
            }
        }
        END { print value }' "$1"
}

# wait_until_ready PID LOG: until its log says service.ready; fails when it ends before.
wait_until_ready() {
    local i
    for ((i = 0; i < 1000; i++)); do
        if [[ -s $2 ]] && grep -q ' service\.ready ' "$2"; then
            return 0
        fi
        if ! kill -0 "$1" 2>/dev/null; then
            break
        fi
        sleep 0.02
    done
    echo "It did not start. Its log, $2:" >&2
    tail -n 20 "$2" >&2
    return 1
}

# start_laboratory FOLDER: a stand-in that has what the study's central laboratory measured. From then
# on the report service asks it. A study that was made before there was one has none.
start_laboratory() {
    local log=$1/laboratory.log
    if [[ ! -e $1/edc.sqlite.lab.jsonl ]]; then
        return 0
    fi
    : >"$log"
    "$laboratory" --listen 127.0.0.1:0 --results "$1/edc.sqlite.lab.jsonl" --log-format text 2>>"$log" &
    laboratory_pid=$!
    wait_until_ready "$laboratory_pid" "$log"
    laboratory_address=$(log_value "$log" service.ready address)
}

# start_report_service FOLDER [FLAG...]: sets service_pid, service_log, service_address.
start_report_service() {
    local folder=$1 lab=()
    if [[ -n $laboratory_address ]]; then
        lab=(--lab "http://$laboratory_address")
    fi
    service_log=$folder/report-service.log
    : >"$service_log"
    "$report_service" --listen tcp://127.0.0.1:0 --admin 127.0.0.1:0 --spool-dir "$folder" \
        --edc "sqlite:$folder/edc.sqlite" --ctms "sqlite:$folder/ctms.sqlite" \
        --log-format text "${lab[@]}" "${@:2}" 2>>"$service_log" &
    service_pid=$!
    wait_until_ready "$service_pid" "$service_log"
    service_address=$(log_value "$service_log" service.ready address)
}

# start_gateway FOLDER [FLAG...]: sets gateway_pid, gateway_log, gateway_address.
start_gateway() {
    gateway_log=$1/api-gateway.log
    : >"$gateway_log"
    "$gateway" --listen 127.0.0.1:0 --admin 127.0.0.1:0 --backend "$service_address" \
        --operations-dir "$1/operations" --log-format text "${@:2}" 2>>"$gateway_log" &
    gateway_pid=$!
    wait_until_ready "$gateway_pid" "$gateway_log"
    gateway_address=$(log_value "$gateway_log" service.ready address)
}

stop_laboratory() {
    stop_process "$laboratory_pid"
    laboratory_pid='' laboratory_address=''
}

# The gateway first, so that nobody asks a service that is going. A second SIGTERM after 15 s.
stop_services() {
    stop_process "$gateway_pid"
    gateway_pid=''
    stop_process "$service_pid"
    service_pid=''
}

stop_process() {
    local i
    if [[ -z $1 ]] || ! kill -TERM "$1" 2>/dev/null; then
        return 0
    fi
    for ((i = 0; i < 750; i++)); do
        if ! kill -0 "$1" 2>/dev/null; then
            break
        fi
        sleep 0.02
    done
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
