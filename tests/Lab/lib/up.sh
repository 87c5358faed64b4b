# `up`: starts the named servers and what they need, each as soon as its own needs are met.

# Who needs whom. Some names are parts that nobody asks for by name.
declare -A NEEDS=(
    [kube]='' [tls]='' [proxy]='' [registry-fs]='' [registry-fs-ro]='' [swift-storage]='' [keystone]=''
    [openshift]=kube
    [ceph]=tls
    [swift]=swift-storage
    [swift-ks-proxy]=swift-storage
    [swift-ks]='swift-ks-proxy keystone'
    [registry-s3]=ceph
    [registry-swift]=swift
    [registry-s3swift]=swift
    [registry-swift-ks]=swift-ks
)

# add_to_plan NAME: NAME after its needs, nothing twice
add_to_plan() {
    local need
    [ -n "${NEEDS[$1]+known}" ] || { say "unknown server: $1"; exit 2; }
    [[ " ${PLAN[*]-} " != *" $1 "* ]] || return 0
    for need in ${NEEDS[$1]}; do add_to_plan "$need"; done
    PLAN+=("$1")
}

lab_up() {
    local names=() owner='' delete='' directory=$1 name job failed=() started
    shift
    while [ $# -gt 0 ]; do
        case $1 in
            --owner) owner=${2-}; shift 2 || usage ;;
            --delete) delete=--delete; shift ;;
            -*) usage ;;
            *) names+=("$1"); shift ;;
        esac
    done
    PLAN=()
    for name in "${names[@]}"; do add_to_plan "$name"; done
    [ ! -x /usr/bin/dpkg-query ] || [ -z "$(missing_packages "${PACKAGES[@]}")" ] || die "packages are missing: run $LAB_HOME/lab.sh install"

    open_state "$directory"
    exec 8>"$STATE/run/up.lock"
    flock 8
    rm -f "$STATE/run/closing"
    [ -z "$owner" ] || start_watchdog "$owner" "$delete"      # first: the owner may go while servers start

    rm -f "$STATE"/run/*.up "$STATE"/run/*.failed
    local jobs=()
    for name in "${PLAN[@]}"; do
        started=$(date +%s%3N)
        (
            trap '[ -e "$STATE/run/$name.up" ] || touch "$STATE/run/$name.failed"' EXIT
            set -e
            await_needs "$name"
            "start_${name//-/_}"
            touch "$STATE/run/$name.up"
            say "$name is up after $(($(date +%s%3N) - started)) ms"
        ) &
        jobs+=($!)
    done
    for job in "${!jobs[@]}"; do wait "${jobs[$job]}" || failed+=("${PLAN[$job]}"); done
    write_lab_json
    [ ${#failed[@]} -eq 0 ] || die "could not start: ${failed[*]} (logs: $STATE/log)"
}

await_needs() {
    local need
    for need in ${NEEDS[$1]}; do
        until [ -e "$STATE/run/$need.up" ]; do
            [ ! -e "$STATE/run/$need.failed" ] || exit 1
            sleep 0.02
        done
    done
}
