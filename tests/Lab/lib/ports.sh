# Free ports, picked at run time. They lie below the range that the kernel uses for outgoing connections, so that nobody's client
# takes one between the moment it is picked and the moment a server binds it. For the same moment, a reservation that all labs of
# this machine see keeps two labs apart; it ends by its age, when the server has long bound the port.

PORT_RESERVATIONS=/tmp/registry-lab-ports

port_in_use() {
    local hex
    printf -v hex ':%04X ' "$1"
    grep -qsF "$hex" /proc/net/tcp /proc/net/tcp6
}

# port NAME: the port of this server of this lab; always the same once picked
port() {
    local file=$STATE/ports/$1 candidate
    if [ ! -s "$file" ]; then
        mkdir -p "$PORT_RESERVATIONS"
        chmod 1777 "$PORT_RESERVATIONS" 2>/dev/null || true      # somebody else's already
        (
            flock 7
            [ ! -s "$file" ] || exit 0
            find "$PORT_RESERVATIONS" -type f -mmin +10 -delete
            while :; do
                candidate=$((20000 + RANDOM % 12000))
                [ ! -e "$PORT_RESERVATIONS/$candidate" ] && ! port_in_use $candidate && break
            done
            touch "$PORT_RESERVATIONS/$candidate"
            echo $candidate >"$file"
        ) 7>"$PORT_RESERVATIONS.lock"
    fi
    cat "$file"
}
