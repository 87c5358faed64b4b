# Processes are known by pid AND start time: a pid alone may belong to somebody else by the time we kill it.

# start_time PID: fails when there is no such process, or only a zombie of it
start_time() {
    local stat
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
    stat=${stat##*) }                    # the command name before it may hold blanks
    # shellcheck disable=SC2086
    set -- $stat
    [ "$1" != Z ] && echo "${20}"
}

# same_process PID START_TIME
same_process() { [ "$(start_time "$1" || true)" = "$2" ]; }

# alive NAME
alive() {
    local pid started stage
    [ -s "$STATE/run/$1.pid" ] || return 1
    read -r pid started stage <"$STATE/run/$1.pid"
    same_process "$pid" "$started"
}

# start_process STAGE NAME COMMAND...: does nothing when it runs already.
# STAGE says when it stops: 1 clients of others, 2 gateways, 3 what keeps data, 4 what those need.
# A session of its own keeps it from the caller's terminal signals; the locks (7-9) and the caller's pipes are not handed down.
start_process() {
    local stage=$1 name=$2 pid
    shift 2
    ! alive "$name" || return 0
    exec 9>"$STATE/run/spawn.lock"
    flock 9
    [ ! -e "$STATE/run/closing" ] || die "$STATE is going down"
    setsid "$@" </dev/null >>"$STATE/log/$name.log" 2>&1 7>&- 8>&- 9>&- &
    pid=$!
    echo "$pid $(start_time $pid) $stage" >"$STATE/run/$name.pid"
    exec 9>&-
}

# stop_processes NAME...: asks all at once, waits for all, then forces those that stay (with their children). It asks again after a
# second: kube-apiserver waits a minute for its watchers unless it is told twice.
stop_processes() {
    local name pid started stage tries deadline=$((SECONDS + 8))
    for name; do
        alive "$name" || continue
        read -r pid started stage <"$STATE/run/$name.pid"
        kill -TERM "$pid" 2>/dev/null || true
    done
    for name; do
        tries=0
        while alive "$name" && [ $SECONDS -lt $deadline ]; do
            sleep 0.02
            [ $((tries += 1)) -ne 50 ] || kill -TERM "$(cut -d' ' -f1 "$STATE/run/$name.pid")" 2>/dev/null || true
        done
        if alive "$name"; then
            read -r pid started stage <"$STATE/run/$name.pid"
            say "$name did not stop when asked: killed"
            kill -KILL -- "-$pid" 2>/dev/null || true
        fi
        rm -f "$STATE/run/$name.pid"
    done
}

# processes_of_stage STAGE: names
processes_of_stage() {
    local file pid started stage
    for file in "$STATE"/run/*.pid; do
        [ -e "$file" ] || continue
        read -r pid started stage <"$file" || continue
        [ "$stage" != "$1" ] || basename "$file" .pid
    done
}

pids_as_json() {
    local file pid rest
    for file in "$STATE"/run/*.pid; do
        [ -e "$file" ] || continue
        read -r pid rest <"$file" || continue
        jq -n --arg name "$(basename "$file" .pid)" --argjson pid "$pid" '{($name): $pid}'
    done | jq -s 'add // {}'
}

# wait_http PROCESS URL: until anything answers there in HTTP; gives up at once when the process has died. Looks often at first, for
# the servers that start in no time, and then seldom, for those that need the processor themselves.
wait_http() {
    local deadline=$((SECONDS + 120)) tries=0
    until curl -sk -o /dev/null --max-time 10 "$2"; do
        alive "$1" || { tail -n 20 "$STATE/log/$1.log" >&2; die "$1 died while starting"; }
        [ $SECONDS -lt $deadline ] || { tail -n 20 "$STATE/log/$1.log" >&2; die "$1: no answer from $2"; }
        if [ $((tries += 1)) -lt 30 ]; then sleep 0.03; else sleep 0.2; fi
    done
}

# lab_start STATE_DIR NAME COMMAND...
lab_start() {
    find_state "$1" || die "no lab in $1"
    start_process 1 "${@:2}"
}
