# Ceph's gateway: the S3 and the Swift API on HTTP and HTTPS, over one monitor and one OSD. No manager (I/O needs none), no cephx.
# Settings: CEPH_STORE (bluestore or memstore), RGW_MAX_PUT_SIZE (bytes; makes the 5 GiB limit cheap to test), RGW_ADMIN_SOCKET (a
# path of at most 107 bytes; there the gateway tells its counters: `ceph --admin-daemon PATH perf dump rgw`).

CEPH_FSID=22222222-2222-3333-4444-555555555555
CEPH_OSD=33333333-2222-3333-4444-555555555555

start_ceph() {
    local dir=$STATE/data/ceph conf=$STATE/etc/ceph.conf http tls monitor
    http=$(port ceph-rgw) tls=$(port ceph-rgw-tls) monitor=$(port ceph-mon)
    if [ ! -e "$dir/made" ]; then
        mkdir -p "$dir"/{mon,osd,rgw,mgr}
        ceph_configuration >"$conf"
        monmaptool --create --clobber --fsid $CEPH_FSID --addv a "[v2:127.0.0.1:$monitor]" "$dir/monmap"
        ceph-mon -c "$conf" --mkfs -i a --monmap "$dir/monmap"
        touch "$dir/made"
    fi >>"$STATE/log/ceph-setup.log" 2>&1
    start_process 4 ceph-mon ceph-mon -c "$conf" -i a -f
    if [ ! -e "$dir/osd/whoami" ]; then
        timeout 120 ceph -c "$conf" osd new $CEPH_OSD 0
        ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid $CEPH_OSD
    fi >>"$STATE/log/ceph-setup.log" 2>&1
    start_process 3 ceph-osd ceph-osd -c "$conf" -i 0 -f
    start_process 2 ceph-rgw radosgw -c "$conf" -n client.rgw ${RGW_ADMIN_SOCKET:+--admin-socket="$RGW_ADMIN_SOCKET"} -f  # waits for the OSD by itself
    wait_http ceph-rgw "http://127.0.0.1:$http/"
    if [ ! -e "$dir/users" ]; then
        ceph_users "$conf"
        touch "$dir/users"
    fi >>"$STATE/log/ceph-setup.log" 2>&1
    jq -n --arg http "$http" --arg tls "$tls" --arg ca "$STATE/etc/tls/ca.pem" '{
        endpoint: "http://127.0.0.1:\($http)", tlsEndpoint: "https://127.0.0.1:\($tls)", caFile: $ca, region: "us-east-1",
        accessKey: "labaccess", secretKey: "labsecretkey",
        second: {accessKey: "secondaccess", secretKey: "secondsecretkey"}, roleArn: "arn:aws:iam:::role/mover",
        swift: {authUrl: "http://127.0.0.1:\($http)/auth/v1.0", tlsAuthUrl: "https://127.0.0.1:\($tls)/auth/v1.0",
                user: "lab:swift", key: "labswiftkey"}
    }' | publish ceph
}

# Two users, the first with Swift credentials as well, and a role that the second may take on and that may do everything. Each call takes most
# of a second, so all are made at once.
ceph_users() {
    local admin="radosgw-admin -c $1 -n client.rgw" second role
    {
        $admin role create --role-name=mover --assume-role-policy-doc='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/second"]},"Action":["sts:AssumeRole"]}]}'
        $admin role-policy put --role-name=mover --policy-name=everything --policy-doc='{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"}]}'
    } &
    role=$!
    $admin user create --uid=second --display-name=second --access-key=secondaccess --secret-key=secondsecretkey --max-buckets=0 &
    second=$!
    $admin user create --uid=lab --display-name=lab --access-key=labaccess --secret-key=labsecretkey --max-buckets=0
    $admin subuser create --uid=lab --subuser=lab:swift --access=full --key-type=swift --secret=labswiftkey
    wait $second
    wait $role
}

# The OSD binds ports of a range by itself; admin sockets are off because their paths would be too long
# for deep state directories; the gateway alone gets one where it is asked for.
ceph_configuration() {
    local quiet
    cat <<CONF
[global]
fsid = $CEPH_FSID
mon_host = v2:127.0.0.1:$monitor
mon_initial_members = a
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_msgr1 = false
ms_bind_ipv6 = false
run_dir = $dir
admin_socket =
pid_file =
log_file = $STATE/log/\$name.ceph.log
crash_dir = $dir
paxos_propose_interval = 0.05
mon_clock_drift_allowed = 1
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
mon_warn_on_pool_no_redundancy = false
auth_allow_insecure_global_id_reclaim = false
CONF
    for quiet in rgw osd ms mon paxos bluestore rocksdb objecter rgw_access; do echo "debug_$quiet = 0/0"; done
    cat <<CONF
[mon]
mon_data = $dir/mon
mon_data_avail_crit = 1
[mgr]
mgr_data = $dir/mgr
[osd]
osd_data = $dir/osd
osd_objectstore = ${CEPH_STORE:-bluestore}
memstore_device_bytes = 8589934592
bluestore_block_create = true
bluestore_block_size = 21474836480
bluestore_block_db_create = false
osd_memory_target = 1073741824
osd_op_queue = wpq
[client.rgw]
rgw_frontends = beast endpoint=127.0.0.1:$http ssl_endpoint=127.0.0.1:$tls ssl_certificate=$STATE/etc/tls/good.pem ssl_private_key=$STATE/etc/tls/good.key tcp_nodelay=1
# the gateway brings defaults of its own for these two, which insist on keys
auth_client_required = none
ms_mon_client_mode = crc
rgw_dns_name = localhost
rgw_data = $dir/rgw
rgw_enable_usage_log = false
# temporary credentials: the key of 16 bytes encrypts their tokens, and the order keeps what is said to wrong keys (external ones would answer last)
rgw_s3_auth_use_sts = true
rgw_s3_auth_order = sts, local, external
rgw_sts_key = labs-key-of-sts!
rgw_thread_pool_size = 64
# how soon it looks again for an OSD that was not up at first
objecter_tick_interval = 0.1
rgw_swift_account_in_url = false
${RGW_MAX_PUT_SIZE:+rgw_max_put_size = $RGW_MAX_PUT_SIZE}
CONF
}
