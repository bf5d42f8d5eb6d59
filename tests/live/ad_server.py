"""tests/support/ad_server from Python: a domain controller that does what Samba leaves out.

    with AdServer(folder, people(1200), "--range-size", 30) as server:
        ... server.uri, server.reader, server.reader_password ...
        server.ldap().modify_s(...)

The account READER is in each, and for each number of REFUSALS an account that is refused with it,
"refused-NUMBER@example.edu", whose password is right. The server's options are told in
tests/support/ad_server.c.
"""

import base64
import subprocess

import ldap
from conftest import BUILD

BASE = "DC=example,DC=edu"
PEOPLE = f"OU=People,{BASE}"
GROUPS = f"OU=Groups,{BASE}"
READER = f"CN=reader,CN=Users,{BASE}"
READER_UPN = "reader@example.edu"
READER_PASSWORD = "dc-reader-secret"
REFUSALS = ("52e", "525", "530", "531", "532", "533", "701", "773", "775", "80090346")
PERSON = f"CN=Person,CN=Schema,CN=Configuration,{BASE}"


def record(dn, *lines):
    """One record; a line is "name: text", or a name and bytes."""
    def written(name, value):
        value = value.encode() if isinstance(value, str) else value
        return f"{name}:: {base64.b64encode(value).decode()}"
    pairs = [line if isinstance(line, tuple) else line.split(": ", 1) for line in lines]
    return "\n".join([written("dn", dn), *(written(*pair) for pair in pairs)]) + "\n\n"


def account(name, *lines):
    return record(f"CN={name},CN=Users,{BASE}", "objectClass: user", f"cn: {name}",
                  f"sAMAccountName: {name}", f"userPrincipalName: {name}@example.edu",
                  f"userPassword: {READER_PASSWORD}", *lines)


def tree():
    return (record(BASE, "objectClass: domainDNS", "dc: example")
            + record(f"CN=Users,{BASE}", "objectClass: container")
            + record(PEOPLE, "objectClass: organizationalUnit", "ou: People")
            + record(GROUPS, "objectClass: organizationalUnit", "ou: Groups")
            + account("reader")
            + "".join(account(f"refused-{number}", f"testRefusal: {number}")
                      for number in REFUSALS))


def person_dn(number):
    return f"CN=Person {number},{PEOPLE}"


def person(number, *lines):
    return record(person_dn(number), "objectClass: top", "objectClass: person",
                  "objectClass: organizationalPerson", "objectClass: user",
                  f"objectCategory: {PERSON}", f"cn: Person {number}", f"sn: Number {number}",
                  f"sAMAccountName: u{number:06d}", "userAccountControl: 512",
                  "sAMAccountType: 805306368", f"mail: u{number:06d}@example.edu", *lines)


def people(count, start=1):
    return "".join(person(number) for number in range(start, start + count))


def group(name, members, *lines):
    return record(f"CN={name},{GROUPS}", "objectClass: group", f"cn: {name}",
                  f"sAMAccountName: {name}", *(f"member: {dn}" for dn in members), *lines)


class AdServer:
    reader = READER_UPN
    reader_password = READER_PASSWORD
    base = BASE

    def __init__(self, folder, entries, *options):
        self.folder = folder
        self.ldif = folder / "domain.ldif"
        self.ldif.write_text(tree() + entries)
        self.options = options
        self.process = None
        self.port = 0

    @property
    def uri(self):
        return f"ldap://127.0.0.1:{self.port}"

    def start(self):
        """On the port that it had before, if it had one."""
        with open(self.folder / "requests", "wb") as log:
            self.process = subprocess.Popen(
                [BUILD / "tests/support/ad_server", "--ldif", self.ldif, "--port", str(self.port),
                 *map(str, self.options)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=log)
        word, port = self.process.stdout.readline().split()
        assert word == b"port"
        self.port = int(port)
        return self

    def stop(self):
        self.process.terminate()
        self.process.stdout.close()
        self.process.wait()

    def requests(self):
        """A line each: "bind NAME", "search BASE"."""
        return (self.folder / "requests").read_text().splitlines()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()

    def ldap(self):
        """A connection of python-ldap, logged in."""
        connection = ldap.initialize(self.uri)
        connection.set_option(ldap.OPT_REFERRALS, 0)
        connection.simple_bind_s(READER_UPN, READER_PASSWORD)
        return connection
