"""tests/support/read_directory from Python: what a read handed over, told apart.

    answer = read("--uri", server.ldaps_uri, ...)
    answer.status, answer.entries[dn][attribute], answer.error, answer.count("restarts") ...

And what the tests of directory/ share: fixtures with the options of a login, the search they run,
what a whole answer is.
"""

import subprocess

import pytest
from conftest import BUILD
from slapd import PEOPLE, READER, READER_PASSWORD

PROGRAM = str(BUILD / "tests/support/read_directory")
LIMIT_SECONDS = 120


class Answer:
    def __init__(self, output, status):
        self.output = output
        self.status = status
        self.entries = {}  # by DN as text: {attribute: [bytes, ...]}; those since the last restart
        self.memberships = {}  # with --memberships, by DN: the entry's sum, and what its names make
        self.doubled = 0   # entries whose DN had come before
        self.findings = []
        self.messages = []
        self.error = self.hint = ""
        self.transient = False
        self.counts = {}
        values = None
        for line in output.splitlines():
            word, _, rest = line.partition(" ")
            if word == "entry":
                dn = bytes.fromhex(rest).decode()
                self.doubled += dn in self.entries
                self.dn = dn
                values = self.entries[dn] = {}
            elif word == "value":
                name, _, value = rest.partition(" ")
                values.setdefault(name, []).append(bytes.fromhex(value))
            elif word == "membership":
                self.memberships[self.dn] = tuple(rest.split())
            elif word == "restart":
                self.entries = {}
            elif word == "finding":
                self.findings.append(rest)
            elif word == "message":
                self.messages.append(tuple(rest.split(" ", 1)))
            elif word == "error":
                self.code, transient, self.error = rest.split(" ", 2)
                self.transient = transient == "transient"
            elif word == "hint":
                self.hint = rest
            elif word == "result":
                self.counts = dict(part.split("=", 1) for part in rest.split(" ", 4))

    def count(self, name):
        return int(self.counts[name])

    def said(self, level):
        return [text for said, text in self.messages if said == level]


def start(*arguments):
    return subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE,
                            stdin=subprocess.DEVNULL, text=True)


def read(*arguments, wrapper=(), **options):
    """`wrapper` are words of a command that runs the words behind it."""
    done = subprocess.run([*wrapper, PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE,
                          timeout=LIMIT_SECONDS, **options)
    assert done.returncode >= 0, f"killed by signal {-done.returncode}"
    return Answer(done.stdout.decode(), done.returncode)


# Exit statuses: not reachable or cut short; no permission; settings; what the callback is told.
UNAVAILABLE, PERMISSION, CONFIGURATION, CALLBACK = 69, 77, 78, 73
EVERYONE = f"subtree,(uid=*),{PEOPLE}"
COUNT = 1200


@pytest.fixture(scope="session")
def password(tmp_path_factory):
    path = tmp_path_factory.mktemp("secrets") / "password"
    path.write_text(READER_PASSWORD + "\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def login(password):
    return ["--dn", READER, "--password", password]


@pytest.fixture
def trusted(certificates):
    return ["--ca", certificates.path("ca.pem")]


def unencrypted(server, *more):
    return ["--uri", server.ldap_uri, "--tls", "none", *more]


def dn_of(number):
    return f"uid=u{number:06d},{PEOPLE}"


def is_whole(answer):
    assert answer.error == ""
    assert answer.status == 0
    assert len(answer.entries) == COUNT
    assert answer.doubled == 0
    assert answer.count("entries") == COUNT
    assert answer.entries[dn_of(7)] == {"uid": [b"u000007"], "mail": [b"u000007@example.edu"]}
    return True


WANTED = ["--search", EVERYONE, "--attribute", "uid", "--attribute", "mail", "--page", "100"]
