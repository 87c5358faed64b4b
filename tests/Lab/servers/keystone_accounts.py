"""keystone_accounts.py KEYSTONE_URL SWIFT_URL ETC TOKEN_LIFE: the users and credentials that tests log in with.

Prints the credentials as JSON, and writes ETC/clouds.yaml and ETC/secure.yaml with the
clouds `lab` (password) and `lab-app` (application credential).
"""
import json
import os
import sys
import urllib.error
import urllib.request

KEYSTONE, SWIFT, ETC, TOKEN_LIFE = sys.argv[1:]


def call(method, path, body=None, token=None, expect=(200, 201, 204)):
    request = urllib.request.Request(KEYSTONE + path, method=method, headers={'Content-Type': 'application/json'},
                                     data=json.dumps(body).encode() if body is not None else None)
    if token:
        request.add_header('X-Auth-Token', token)
    try:
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
            return answer.headers, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        sys.exit(f'{method} {path}: {error.code} {error.read().decode()}')


def login(user, password, project):
    domain = {'id': 'default'}
    headers, body = call('POST', '/auth/tokens', {'auth': {
        'identity': {'methods': ['password'], 'password': {'user': {'name': user, 'domain': domain, 'password': password}}},
        'scope': {'project': {'name': project, 'domain': domain}}}})
    return headers['X-Subject-Token'], body['token']['user']['id']


def ensure(collection, kind, name, attributes):
    found = call('GET', f'/{collection}?name={name}', token=admin)[1][collection]
    return found[0]['id'] if found else call('POST', f'/{collection}', {kind: {'name': name, **attributes}}, admin)[1][kind]['id']


def give_role(project, user, role):
    call('PUT', f'/projects/{projects[project]}/users/{users[user]}/roles/{roles[role]}', token=admin)


admin, _ = login('admin', 'adminpass', 'admin')
projects = {name: ensure('projects', 'project', name, {'domain_id': 'default'}) for name in ('service', 'lab', 'second')}
users = {name: ensure('users', 'user', name, {'domain_id': 'default', 'password': password}) for name, password in
         (('swift', 'swiftpass'), ('labuser', 'labpass'), ('labreader', 'readpass'), ('seconduser', 'secondpass'))}
roles = {role['name']: role['id'] for role in call('GET', '/roles', token=admin)[1]['roles']}
give_role('service', 'swift', 'admin')
give_role('lab', 'labuser', 'member')
give_role('lab', 'labreader', 'reader')
give_role('second', 'seconduser', 'member')

service = ensure('services', 'service', 'swift', {'type': 'object-store'})
if not call('GET', f'/endpoints?service_id={service}', token=admin)[1]['endpoints']:
    for interface in ('public', 'internal', 'admin'):
        call('POST', '/endpoints', {'endpoint': {'interface': interface, 'region': 'RegionOne', 'service_id': service,
                                                 'url': SWIFT + '/v1/AUTH_$(project_id)s'}}, admin)

token, user_id = login('labuser', 'labpass', 'lab')
applications = f'/users/{user_id}/application_credentials'
for old in call('GET', applications, token=token)[1]['application_credentials']:
    call('DELETE', f'{applications}/{old["id"]}', token=token)
application = call('POST', applications, {'application_credential': {
    'name': 'lab', 'secret': 'labappsecret', 'roles': [{'name': 'member'}]}}, token)[1]['application_credential']
ec2_keys = f'/users/{user_id}/credentials/OS-EC2'
ec2 = call('GET', ec2_keys, token=token)[1]['credentials'] or [
    call('POST', ec2_keys, {'tenant_id': projects['lab']}, token)[1]['credential']]


def write(name, content):                      # JSON is YAML
    with open(os.path.join(ETC, name), 'w', encoding='utf-8') as file:
        json.dump(content, file, indent=2)


write('clouds.yaml', {'clouds': {
    'lab': {'auth': {'auth_url': KEYSTONE, 'username': 'labuser', 'project_name': 'lab', 'user_domain_id': 'default',
                     'project_domain_id': 'default'},
            'region_name': 'RegionOne', 'identity_api_version': 3},
    'lab-app': {'auth_type': 'v3applicationcredential',
                'auth': {'auth_url': KEYSTONE, 'application_credential_id': application['id']},
                'region_name': 'RegionOne', 'identity_api_version': 3}}})
write('secure.yaml', {'clouds': {
    'lab': {'auth': {'password': 'labpass'}},
    'lab-app': {'auth': {'application_credential_secret': 'labappsecret'}}}})

json.dump({
    'authUrl': KEYSTONE, 'region': 'RegionOne', 'domainId': 'default', 'tokenLifeSeconds': int(TOKEN_LIFE),
    'user': 'labuser', 'userId': user_id, 'password': 'labpass', 'project': 'lab', 'projectId': projects['lab'],
    'storageUrl': f'{SWIFT}/v1/AUTH_{projects["lab"]}', 's3Endpoint': SWIFT,
    'applicationCredentialId': application['id'], 'applicationCredentialSecret': 'labappsecret',
    'ec2AccessKey': ec2[0]['access'], 'ec2SecretKey': ec2[0]['secret'],
    'reader': {'user': 'labreader', 'password': 'readpass', 'project': 'lab'},
    'second': {'user': 'seconduser', 'password': 'secondpass', 'project': 'second'},
    'cloudsFile': os.path.join(ETC, 'clouds.yaml'), 'secureFile': os.path.join(ETC, 'secure.yaml'),
}, sys.stdout)
