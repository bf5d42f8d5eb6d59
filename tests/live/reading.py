"""tests/support/read_directory from Python: what a read handed over, told apart.

    answer = read("--uri", server.ldaps_uri, ...)
    answer.status, answer.entries[dn][attribute], answer.error, answer.restarts ...
"""

import subprocess

from conftest import BUILD

PROGRAM = str(BUILD / "tests/support/read_directory")
LIMIT_SECONDS = 120


class Answer:
    def __init__(self, output, status):
        self.output = output
        self.status = status
        self.entries = {}  # by DN as text: {attribute: [bytes, ...]}; those since the last restart
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
                values = self.entries[dn] = {}
            elif word == "value":
                name, _, value = rest.partition(" ")
                values.setdefault(name, []).append(bytes.fromhex(value))
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


def read(*arguments, **options):
    done = subprocess.run([PROGRAM, *map(str, arguments)], stdout=subprocess.PIPE,
                          timeout=LIMIT_SECONDS, **options)
    assert done.returncode >= 0, f"killed by signal {-done.returncode}"
    return Answer(done.stdout.decode(), done.returncode)
