# A small file system of its own, for tests of a full disk.

lab_disk() {
    open_state "$1"
    local disk=$STATE/disks/$2 image=$STATE/data/$2.img
    mkdir -p "$disk"
    if ! mountpoint -q "$disk"; then
        if ! mount -t tmpfs -o "size=$3m,mode=755" lab "$disk" 2>/dev/null; then
            # A sandbox may forbid tmpfs and permit a loop device.
            truncate -s "$3M" "$image"
            if ! mkfs.ext4 -q -m 0 "$image" 2>/dev/null || ! mount -o loop "$image" "$disk" 2>/dev/null; then
                rm -f "$image"
                rmdir "$disk"
                say "this machine permits neither a tmpfs nor a loop mount: no small disk"
                exit 4
            fi
        fi
    fi
    echo "$disk"
}

unmount_disks() {
    local disk
    for disk in "$STATE"/disks/*; do
        mountpoint -q "$disk" 2>/dev/null || continue
        umount "$disk" 2>/dev/null || umount --lazy "$disk"
    done
}
