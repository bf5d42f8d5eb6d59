"""What a run that is at work at a server still holds of its secrets."""

import os
import re
import subprocess

import pytest

from conftest import PROGRAM
from fake_ldap import BIND, BIND_RESPONSE, DONE, SEARCH, FakeServer, message, result
from feed import MAPPING, Feed, is_sanitized

PASSWORD = b"Zq7-unmistakable-9x"


def places(pid):
    """Where in the memory that the process has written to the password lies."""
    found = []
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            part = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if not part:
                continue
            begin, end = (int(bound, 16) for bound in part.groups())
            memory.seek(begin)
            found += [line.split()[-1] for _ in re.finditer(re.escape(PASSWORD), memory.read(end - begin))]
    return found


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look into a process that is not dumpable")
def test_a_password_is_gone_after_the_login(tmp_path):
    if is_sanitized():
        pytest.skip("this build keeps freed memory as it was")
    feed = Feed(tmp_path, mapping=MAPPING)
    (tmp_path / "password").write_bytes(PASSWORD + b"\n")
    (tmp_path / "password").chmod(0o600)
    process, seen = None, {}

    def answer(request, say):
        if request.kind in (BIND, SEARCH):
            seen.setdefault(request.kind, places(process.pid))
            say(message(request.number, result(BIND_RESPONSE if request.kind == BIND else DONE)))

    with FakeServer(answer) as server:
        feed.write("ldap2alma.yaml", f"""\
name: test
directory: {{ uri: "{server.uri}", tls: {{ mode: none }}, bind: {{ dn: cn=reader, password: {{ file: password }} }},
  searches: [{{ base: dc=example }}], timeout: 20s }}
mapping: mapping.yaml
delivery: {{ folder: out }}
spool: spool
""")
        process = subprocess.Popen([PROGRAM, "run"], cwd=tmp_path, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        assert process.wait(60) == 2, "nobody was found"
    assert seen[BIND] != []
    assert seen[SEARCH] == []
