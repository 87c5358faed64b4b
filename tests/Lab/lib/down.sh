# `down` and `status`, and the watchdog that calls `down` when the owner of a lab is gone.

lab_down() {
    local delete=${2-} stage names
    find_state "$1" || return 0
    [ -z "$delete" ] || [ "$delete" = --delete ] || usage
    mkdir -p "$STATE/run"
    exec 8>"$STATE/run/up.lock"
    flock 8                                   # an `up` that is under way comes to its end first
    exec 9>"$STATE/run/spawn.lock"
    flock 9
    touch "$STATE/run/closing"                # whoever waits for this lock now starts nothing any more
    exec 9>&-

    for stage in 1 2 3 4; do
        mapfile -t names < <(processes_of_stage $stage)
        [ ${#names[@]} -eq 0 ] || stop_processes "${names[@]}"
    done
    unmount_disks
    [ -n "${IS_WATCHDOG-}" ] || stop_processes watchdog

    find "$STATE" -mindepth 1 -maxdepth 1 ! -name log ! -name run ! -name .registry-lab -exec rm -rf {} +
    if [ -n "$delete" ]; then
        rm -rf "$STATE"
    else
        rm -rf "$STATE"/run
    fi
}

lab_status() {
    local file name
    find_state "$1" || { say "no lab in $1"; exit 1; }
    for file in "$STATE"/run/*.pid; do
        [ -e "$file" ] || continue
        name=$(basename "$file" .pid)
        printf '%-22s %-8s pid %-8s port %s\n' "$name" "$(alive "$name" && echo running || echo gone)" \
            "$(cut -d' ' -f1 "$file")" "$(cat "$STATE/ports/$name" 2>/dev/null || echo -)"
    done
}

# start_watchdog OWNER_PID [--delete]: one per lab, for the owner named last
start_watchdog() {
    local started
    started=$(start_time "$1") || die "there is no process $1 to own this lab"
    if [ "$(cat "$STATE/run/owner" 2>/dev/null || true)" != "$1 $started" ]; then
        stop_processes watchdog
        echo "$1 $started" >"$STATE/run/owner"
    fi
    start_process 9 watchdog "$LAB_HOME/lab.sh" watch "$STATE" "$1" "$started" "$2"
}

# watch_owner STATE_DIR PID START_TIME [--delete]
watch_owner() {
    IS_WATCHDOG=yes
    while same_process "$2" "$3"; do
        sleep 0.5
        [ -d "$1" ] || exit 0
    done
    lab_down "$1" "${4-}"
}
