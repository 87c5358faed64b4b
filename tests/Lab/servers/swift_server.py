"""swift_server.py SWIFT_DIR PROGRAM ARGUMENT...: runs one of Swift's servers on the swift.conf of SWIFT_DIR.

Swift reads its hash secret, policies and limits (max_file_size) from /etc/swift/swift.conf; two labs on one machine each need
their own. The path must be set before the modules that read it are imported. A configuration file that is named without a
folder lies in SWIFT_DIR.
"""
import os
import runpy
import sys

from swift.common import utils

directory, program = sys.argv[1:3]
utils.set_swift_dir(directory)
sys.argv = [program, os.path.join(directory, sys.argv[3]), *sys.argv[4:]]
runpy.run_path('/usr/bin/swift-' + program, run_name='__main__')
