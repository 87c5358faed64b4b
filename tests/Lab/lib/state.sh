# Everything a lab has lies in its state directory:
#   run/   pid files, locks      ports/  the port each server got      log/    one file per process
#   etc/   configurations        data/   what the servers store        disks/  mounted by `lab.sh disk`
#   json/  one fragment per server, merged into lab.json

say() { echo "lab: $*" >&2; }
die() { say "$*"; exit 1; }

# open_state STATE_DIR: makes it, and refuses a directory that holds something else, because `down` deletes from it
open_state() {
    local marker=.registry-lab
    mkdir -p "$1"
    STATE=$(readlink -f "$1")
    if [ ! -e "$STATE/$marker" ] && [ -n "$(ls -A "$STATE")" ]; then
        die "$STATE is not empty and is not a lab's state directory"
    fi
    touch "$STATE/$marker"
    chmod 700 "$STATE"
    mkdir -p "$STATE"/{run,ports,log,etc,data,disks,json}
}

# find_state STATE_DIR: the same for commands that need a lab to be there
find_state() {
    [ -e "$1/.registry-lab" ] || return 1
    STATE=$(readlink -f "$1")
}

# publish NAME: what clients of this server need to know, as JSON on standard input
publish() {
    jq . >"$STATE/json/$1.tmp"
    mv "$STATE/json/$1.tmp" "$STATE/json/$1.json"
}

write_lab_json() {
    local fragment name
    {
        jq -n --arg stateDirectory "$STATE" --argjson pids "$(pids_as_json)" '$ARGS.named'
        for fragment in "$STATE"/json/*.json; do
            [ -e "$fragment" ] || continue
            name=$(basename "$fragment" .json)
            jq --arg name "$name" '{($name): .}' "$fragment"
        done
    } | jq -s add >"$STATE/lab.json.tmp"
    mv "$STATE/lab.json.tmp" "$STATE/lab.json"
}
