"""keystone_setup.py CONF DATABASE URL: schema, keys and the first administrator.

What four runs of keystone-manage would do. Loading Keystone takes most of each run's time, so it is loaded once and each step runs
in a fork of that process.
"""
import os
import pwd
import sqlite3
import sys

from keystone.cmd import cli

conf, database, url = sys.argv[1:]
user = pwd.getpwuid(os.getuid()).pw_name
owner = ['--keystone-user', user, '--keystone-group', user]


def step(*arguments):
    child = os.fork()
    if child == 0:
        sys.argv = ['keystone-manage', '--config-file', conf, *arguments]
        cli.main(argv=sys.argv)
        os._exit(0)
    return child


def finish(*children):
    for child in children:
        if os.waitpid(child, 0)[1] != 0:
            sys.exit('keystone-manage failed')


finish(step('db_sync'), step('fernet_setup', *owner), step('credential_setup', *owner))
# Without WAL every write fails after five seconds with "database is locked".
sqlite3.connect(database).execute('pragma journal_mode=wal')
finish(step('bootstrap', '--bootstrap-password', 'adminpass', '--bootstrap-region-id', 'RegionOne',
            '--bootstrap-admin-url', url, '--bootstrap-internal-url', url, '--bootstrap-public-url', url))
