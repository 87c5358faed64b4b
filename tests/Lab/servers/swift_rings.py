"""swift_rings.py SWIFT_DIR NAME:PORT...: one partition map per storage server, with one device: this one.

What three runs of swift-ring-builder each would do; most of such a run is loading Swift, so it is loaded once for all.
"""
import os
import sys

from swift.common.ring import RingBuilder

directory, *services = sys.argv[1:]
for service in services:
    name, port = service.split(':')
    ring = RingBuilder(part_power=6, replicas=1, min_part_hours=0)
    ring.add_dev({'id': 0, 'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': int(port), 'device': 'sda1', 'weight': 1.0, 'meta': '',
                  'replication_ip': '127.0.0.1', 'replication_port': int(port)})
    ring.rebalance()
    ring.get_ring().save(os.path.join(directory, name + '.ring.gz'))
