# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # set here for those who source it; set by the harness
# The real data set beside the tree, imported. Sourced after harness.sh and begin:
#
#     if has_clindata; then import_clindata; fi      sets clindata_edc, clindata_ctms
#
# The import takes a quarter of a minute: it is made once for each build of the importer.

clindata=../shared/data/clindata

has_clindata() {
    [[ -d $clindata ]]
}

import_clindata() {
    local folder
    folder=$PWD/build/e2e/clindata-$(basename "$(dirname "$(dirname "$gateway_binary")")")
    clindata_edc=$folder/edc.sqlite
    clindata_ctms=$folder/ctms.sqlite
    clindata_log=$folder/log
    if [[ ! -e $folder/done || $data_binary -nt $folder/done ]]; then
        mkdir -p "$folder"
        rm -f "$folder/done"
        "$data_binary" import clindata "$clindata" --edc "sqlite:$clindata_edc" \
            --ctms "sqlite:$clindata_ctms" --force >"$clindata_log" 2>&1 || {
            tail -n 20 "$clindata_log"
            return 1
        }
        touch "$folder/done"
    fi
}
