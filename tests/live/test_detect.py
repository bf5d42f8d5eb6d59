"""Runs that read only whom the directory names, beside runs that read everybody: after each of many
random changes both have told Alma the same, and judge the same."""

import json
import os
import random
import shutil
import time
import xml.etree.ElementTree as ElementTree

import pytest
import yaml_text
from drifting import GROUPED, MAPPING, ActiveDirectoryPlace, Changing, SlapdPlace, old_records
from conftest import BUILD
from feed import Feed
from killing import Killable
from ds389 import make_ds389  # noqa: F401
from samba import make_samba  # noqa: F401
from slapd import certificates, make_slapd, tree  # noqa: F401
from alma import read_documents
from witness import State

SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))
SETS = int(os.environ.get("SETS") or 100)
DAY = 86400
OLD = 450  # changed long ago, as timestamps overlap

# Measured, but never pulled.
BRAKES = dict.fromkeys(["missing", "rejected", "held", "changed", "new", "field_loss",
                        "group_shift"], "100%") | {"min_users": 1, "empty_search": "off"}


class Side:
    """One feed with its Alma."""

    def __init__(self, folder, server, place, detect, grace, account, grouped, whole_search=False):
        folder.mkdir()
        self.grace = grace
        self.feed = Feed(folder, mapping=MAPPING + GROUPED * grouped)
        account = account or (server.reader, server.reader_password)
        self.feed.write("secret", account[1] + "\n")
        (folder / "secret").chmod(0o600)
        self.settings = {
            "name": "test", "mapping": "mapping.yaml", "spool": "spool",
            "delivery": {"folder": "out"}, "brakes": BRAKES,
            "changes": {"mode": "changed", "detect": detect, "resend_after": "off",
                        "read_all_every": "off"},
            "leavers": {"policy": "expire", "grace": grace},
            "directory": {
                "uri": [server.ldap_uri if server.base.startswith("dc=") else server.ldaps_uri],
                "tls": ({"mode": "none"} if server.base.startswith("dc=")
                        else {"ca_file": str(server.ca)}),
                "bind": {"method": "simple", "dn": account[0],
                         "password": {"file": "secret"}},
                "searches": [{"base": base, "filter": place.filter} for base in (
                    [place.base] if whole_search else
                    [f"ou={house},{place.base}" for house in ("staff", "students")])]}}
        self.feed.write("ldap2alma.yaml", yaml_text.dump(self.settings))
        self.out = folder / "out"
        (folder / "beside").mkdir()
        self.program = Killable(folder, folder / "beside")
        self.records = {}  # the last one that was delivered, by primary identifier
        self.report = None

    def run(self, clock, **how):
        return self.program.run("--report", "report.json", clock=clock, **how)

    def live(self, clock):
        result = self.run(clock)
        assert result.returncode == 0, result.stderr
        self.report = json.loads((self.feed.folder / "report.json").read_text())
        self.take()

    def take(self):
        """Who gets whose identifiers in which order is Alma's affair: what counts is what it is
        given last."""
        for path in sorted(self.out.glob("*.zip")):
            for document in read_documents(path):
                for user in document.iter("user"):
                    self.records[user.findtext("primary_id")] = ElementTree.tostring(user)
            path.unlink()

    def lose_target(self, clock):
        self.out.rename(self.out.with_name("away"))
        result = self.run(clock)
        self.out.with_name("away").rename(self.out)
        return result.returncode

    def accept(self, dn):
        """Somebody accepts that these are the same people."""
        assert self.feed.run("accept", dn, command="identity").returncode == 0

    def judged(self):
        """What the run decided on the whole, whoever was read."""
        report = self.report
        return {
            "counts": {name: report["counts"][name] for name in
                       ("rejected", "held", "sent", "new", "changed", "resent", "leavers",
                        "expired")},
            "changed_fields": report["changed_fields"],
            "brakes": [(brake["name"], brake.get("field"), brake["value"], brake["of"],
                        brake["limit"]) for brake in report["brakes"]],
            "leavers": [(leaver["match_id"], leaver["expired"],
                         leaver["absent"] if self.grace > 1 else None)
                        for leaver in report["leavers"]],
            "findings": sorted((finding["code"], finding["dn"], finding["text"])
                               for finding in report["findings"]),
            "solved": sorted((solved["code"], solved["dn"], solved["how"])
                             for solved in report["solved"])}

    def state(self):
        path = self.feed.folder / "spool/test/state.db"
        return State(path)


def alike(one, other, happened):
    assert one.records == other.records
    # A run behind one that was killed has less to do.
    for what, expected in other.judged().items() if happened != "kill" else ():
        assert (what, one.judged()[what]) == (what, expected)
    assert len(one.state().people) == len(other.state().people)
    assert [person[:-1] for person in one.state().people] == [
        person[:-1] for person in other.state().people]
    if one.grace > 1:
        assert one.state().people == other.state().people


def befall(chance, detected, whole, server, people, clock, killed):
    """What can befall a run that detects, before it goes well."""
    what = chance.random()
    if what < 0.15 and killed:
        detected.run(clock, kill_at=1 + int(chance.random() * 100))
        detected.take()
        return "kill"
    if what < 0.25:
        assert detected.lose_target(clock) == whole.lose_target(clock)
        return "lose target"
    if what < 0.3:
        server.restart()
        people.reconnect()
        return "restart"
    if what < 0.35:
        server.stop()
        assert detected.run(clock).returncode == 69
        server.start()
        people.reconnect()
        return "server away"
    return ""


def compare_ways(tmp_path, server, place, way, seed, killed, sets, without=(), account=None,
                 old=0, grouped=False, least=0.5, many=False):
    """`many` are changed at once, of whom one search finds all, so that entries come with their
    names. `least` is the share of runs that ask the directory alone. Who is absent counts runs, of which
    one that is killed may be half a one: then leavers do not wait, and nobody counts."""
    print(f"SEED={seed}")
    chance = random.Random(seed)
    people = Changing(server, place, chance)
    people.ways = [one for one in people.ways if one.__name__ not in without]
    if old:
        people.know(old)
    else:
        people.found(240 if many else 120)
    if grouped:
        people.found_groups()
    grace = 1 if killed else 2
    detected = Side(tmp_path / "detected", server, people.place, way, grace, account, grouped, many)
    whole = Side(tmp_path / "whole", server, people.place, "full", grace, account, grouped, many)
    counts = (0, 2, 12, 20, 30) if many else (0, 1, 2, 3, 5, 8)
    clock = int(time.time())
    read = []
    for number in range(sets):
        changes = [people.change() for _ in range(chance.choice(counts))] if number else []
        happened = befall(chance, detected, whole, server, people, clock, killed) if number else ""
        print(number, happened, changes, flush=True)
        whole.live(clock + 180)
        detected.live(clock + 180)
        read.append(detected.report["detect"])
        alike(detected, whole, happened)
        held = sorted({finding["dn"] for finding in whole.report["findings"]
                       if finding["code"] in ("moved", "reused")})
        for dn in chance.sample(held, min(len(held), 2)):
            detected.accept(dn)
            whole.accept(dn)
        clock += DAY // 4
    changed = [detect for detect in read if detect["read"] == "changed"]
    assert sets < 20 or len(changed) > sets * least, read  # of a few sets all may be unlucky
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("extra, killed, sets", [
    ("sessionlog", False, SETS), ("sessionlog", True, SETS // 3), ("syncprov", False, SETS // 3)])
def test_syncrepl_decides_as_a_full_read_does(tmp_path, make_slapd, extra, killed, sets):  # noqa: F811
    server = make_slapd(tree(), extras=[extra])
    compare_ways(tmp_path, server, SlapdPlace, "syncrepl", SEED, killed, sets)


@pytest.mark.parametrize("extra", ["sessionlog", "syncprov"])
def test_entries_that_come_with_their_names_decide_so(tmp_path, make_slapd, extra):  # noqa: F811
    server = make_slapd(tree(), extras=[extra])
    compare_ways(tmp_path, server, SlapdPlace, "syncrepl", SEED, False, max(SETS // 16, 5), many=True)


def test_timestamps_decide_so_but_for_who_has_left(tmp_path, make_slapd):  # noqa: F811
    """A server that tells of no deletions: whoever leaves waits for a read of everybody."""
    server = make_slapd(tree())
    place = SlapdPlace(server)
    server.stop()
    server.load(old_records(place, OLD))
    server.start()
    compare_ways(tmp_path, server, SlapdPlace, "timestamp", SEED, False, SETS, old=OLD,
                 without=("leave", "take_over", "go", "move", "hide", "inherit"),
                 least=0.2)  # whoever changed in five minutes is named each time: often too many


def test_389_is_asked_by_syncrepl(tmp_path, make_ds389):  # noqa: F811
    server = make_ds389(tree())
    compare_ways(tmp_path, server, SlapdPlace, "syncrepl", SEED, False, SETS)


@pytest.mark.parametrize("way", ["dirsync", "usn"])
def test_active_directory_is_asked(tmp_path, make_samba, way):  # noqa: F811
    """By an account that sees what is deleted: without that right leavers wait, see below."""
    server = make_samba()
    compare_ways(tmp_path, server, ActiveDirectoryPlace, way, SEED, False, SETS,
                 account=(server.admin, server.admin_password))


def test_groups_that_change_nobodys_entry(tmp_path, make_slapd):  # noqa: F811
    server = make_slapd(tree(), extras=["sessionlog"])
    compare_ways(tmp_path, server, SlapdPlace, "syncrepl", SEED, False, SETS // 3, grouped=True)


@pytest.mark.parametrize("way", ["dirsync", "usn"])
def test_groups_of_active_directory(tmp_path, make_samba, way):  # noqa: F811
    server = make_samba()
    compare_ways(tmp_path, server, ActiveDirectoryPlace, way, SEED, False, SETS // 5,
                 account=(server.admin, server.admin_password), grouped=True)
