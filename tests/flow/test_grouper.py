"""contrib/grouper: the scripts for Grouper's daemon, run by Groovy with stand-ins for Grouper's classes
(tests/support/grouper)."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from conftest import TOP

from test_connid import ODD, Plugged

FOLDER = TOP / "contrib/grouper"
SUPPORT = TOP / "tests/support/grouper"
STAFF, STUDENTS = "app:alma:staff", "app:alma:students"


@pytest.fixture(scope="module", name="stand_ins")
def make_stand_ins(tmp_path_factory):
    if not shutil.which("groovy") or not shutil.which("javac"):
        pytest.skip("Groovy or a JDK is not installed")
    classes = tmp_path_factory.mktemp("grouper")
    subprocess.run(["javac", "-d", classes, *SUPPORT.glob("*.java")], check=True)
    return classes


class Grouper(Plugged):
    """A feed and the scripts that push to it; subjects by their ids, groups and their members."""

    def __init__(self, folder, stand_ins):
        super().__init__(folder, None)
        self.stand_ins = stand_ins
        self.subjects, self.groups = {}, {STAFF: [], STUDENTS: []}
        self.feed.write("mapping.yaml", (FOLDER / "mapping.yaml").read_text())
        for path in [*FOLDER.glob("*.gsh"), FOLDER / "alma.groovy"]:
            text = path.read_text().replace("/etc/ldap2alma/grouper", str(folder))
            words = json.dumps(self.command.split())
            text = text.replace("['/usr/local/bin/ldap2alma', '-c', '/etc/ldap2alma/people.yaml']", words)
            self.feed.write(path.name, text)

    def subject(self, number, *groups, **attributes):
        self.subjects[str(number)] = {"uid": [f"u{number}"], "sn": ["Ruiz"], "givenName": ["Ana"], **attributes}
        for group in groups:
            self.groups[group].append(str(number))

    def daemon(self, script, *events):
        self.feed.write("data.json", json.dumps({"subjects": self.subjects, "groups": self.groups, "events": events}))
        java = pathlib.Path(shutil.which("java")).resolve().parent.parent
        result = subprocess.run(["groovy", "-cp", self.stand_ins, SUPPORT / "daemon.groovy", self.folder / script,
                                 self.folder / "data.json"], capture_output=True, text=True, check=False,
                                env={**os.environ, "JAVA_HOME": str(java), "LC_ALL": "C.UTF-8"})
        assert result.returncode == 0, result.stderr
        return result.stdout

    def kept(self):
        """Who is kept: `uid`, and the groups."""
        result = self.run("--attribute", "uid", "--attribute", "isMemberOf", command="list")
        assert result.returncode == 0
        kept = {}
        for record in filter(None, result.stdout.split("\n\n")):
            uid, = re.findall("^uid: (.*)", record, re.M)
            kept[uid] = set(re.findall("^isMemberOf: (.*)", record, re.M))
        return kept

    def delivered(self):
        return {user.findtext("primary_id"): user.findtext("user_group") for user in self.feed.users()}


@pytest.fixture(name="grouper")
def make_grouper(tmp_path, stand_ins):
    return Grouper(tmp_path, stand_ins)


def test_everybody(grouper):
    grouper.subject(1, STAFF)
    grouper.subject(2, STAFF, STUDENTS)
    grouper.subject(3, STUDENTS, mail=["a@example.edu", "b@example.edu"])
    grouper.subject("4" * 80, STAFF, uid=["u4"])  # its line is folded
    grouper.groups[STAFF].append("app:other")  # a group in a group
    told = grouper.daemon("people.gsh")
    assert "SUCCESS 4 0 0" in told, told
    assert grouper.delivered() == {"u1": "STAFF", "u2": "STAFF", "u3": "STUDENT", "u4": "STAFF"}
    # Who is in no group any more leaves; whom the source cannot tell of stays as he is.
    grouper.groups = {STAFF: ["1"], STUDENTS: ["3"]}
    del grouper.subjects["3"]
    told = grouper.daemon("people.gsh")
    assert "WARNING 1 0 2" in told and "cannot look up 3" in told
    assert set(grouper.kept()) == {"u1", "u3"}


def test_nobody(grouper):
    grouper.subject(1, STAFF)
    grouper.daemon("people.gsh")
    grouper.groups = {STAFF: [], STUDENTS: []}
    told = grouper.daemon("people.gsh")
    assert "threw nobody is in the groups" in told and "ERROR" in told
    assert set(grouper.kept()) == {"u1"}


def test_odd_values_and_a_refused_person(grouper):
    for i, value in enumerate(ODD):
        grouper.subject(f"k{i}, {value}", STAFF, uid=[f"u{i}"], sn=[value])
    grouper.subject("refused", STAFF, sn=[])
    told = grouper.daemon("people.gsh")
    assert f"WARNING {len(ODD) + 1} 0 0" in told and "refused" in told, told
    assert set(grouper.delivered()) == {f"u{i}" for i in range(len(ODD))}
    assert "WARNING" in grouper.daemon("people.gsh") and len(grouper.kept()) == len(ODD)


def test_a_program_that_fails(grouper):
    grouper.subject(1, STAFF)
    grouper.feed.write("ldap2alma.yaml", "nothing: 1\n")
    for script in ("people.gsh", "changes.gsh"):
        told = grouper.daemon(script, (STAFF, "1"))
        assert "threw put ended with 78" in told and "returned" not in told


def test_changes(grouper):
    grouper.subject(1, STAFF)
    grouper.subject(2)
    assert "returned 102" in grouper.daemon("changes.gsh", ("other", "2"), (STAFF, "1"), (STAFF, "app:other"))
    assert set(grouper.kept()) == {"u1"}
    # The event is of a membership that is no more, and the other way round.
    grouper.groups = {STAFF: [], STUDENTS: ["2"]}
    told = grouper.daemon("changes.gsh", (STAFF, "2"), (STAFF, "1"), (STUDENTS, "gone"))
    assert "returned 102" in told and "STARTED 0 2 1" in told, told
    assert grouper.kept() == {"u2": {STUDENTS}}
    assert "returned -1" in grouper.daemon("changes.gsh")
