"""Runs that read only whom the directory names, where the directory, the state or the machine is not as
it should be: what they decide is what a read of everybody does."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import json
import random
import re

import ldap
import yaml_text
from drifting import ActiveDirectoryPlace, Changing, SlapdPlace
from fake_ldap import DONE, SEARCH, FakeServer, Hangup, elements, entry, message, result
from samba import make_samba
from slapd import certificates, ldif, make_slapd, tree
from test_changes_faults import BASE, END, Provider, entry_uuid, found
from test_detect import DAY, Side

CLOCK = 1800000000
FOREIGN = """
attributetype ( 1.2.840.113556.1.4.2 NAME 'objectGUID' EQUALITY octetStringMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.99999.1 NAME 'synchronized' SUP top AUXILIARY MAY objectGUID )
"""


def founded(server, count):
    """The tree, and people u1 to uN in the staff's house."""
    base = SlapdPlace(server).base
    server.modify(ldif(base, "objectClass: organizationalUnit", "ou: detect") + "".join(
        ldif(f"ou={house},{base}", "objectClass: organizationalUnit", f"ou: {house}")
        for house in ("staff", "students")) + "".join(somebody(server, number)
                                                      for number in range(1, count + 1)))


def dn(server, number):
    return f"uid=u{number},ou=staff,{SlapdPlace(server).base}"


def somebody(server, number, *more):
    return ldif(dn(server, number), "objectClass: inetOrgPerson", f"uid: u{number}",
                f"cn: Person {number}", f"sn: Number {number}", f"mail: u{number}@example.edu",
                "employeeType: STAFF", *more)


def side(tmp_path, server, detect="syncrepl", grace=1, name="side"):
    return Side(tmp_path / name, server, SlapdPlace(server), detect, grace, None, False)


def sent(feed):
    """Who went out in the last run."""
    return feed.report["counts"]["sent"], feed.report["counts"]["expired"]


def test_people_who_have_another_id_than_the_server_names(tmp_path, make_slapd):
    """As those have who were brought over from Active Directory: nobody would miss them."""
    server = make_slapd(tree(), extras=["sessionlog"], options=FOREIGN)
    founded(server, 20)
    server.ldap().modify_s(dn(server, 1), [(ldap.MOD_ADD, "objectClass", b"synchronized"),
                                           (ldap.MOD_ADD, "objectGUID", b"0123456789abcdef")])
    feed = side(tmp_path, server)
    feed.live(CLOCK)
    server.ldap().delete_s(dn(server, 1))
    feed.live(CLOCK + DAY)
    assert sent(feed) == (0, 1)
    feed.live(CLOCK + 2 * DAY)
    feed.live(CLOCK + 3 * DAY)
    assert feed.report["detect"]["read"] == "changed"

    # Somebody comes to have such an id when only those are read who have changed.
    server.ldap().modify_s(dn(server, 2), [(ldap.MOD_ADD, "objectClass", b"synchronized"),
                                           (ldap.MOD_ADD, "objectGUID", b"0123456789abcdef")])
    feed.live(CLOCK + 4 * DAY)
    server.ldap().delete_s(dn(server, 2))
    feed.live(CLOCK + 5 * DAY)
    assert sent(feed) == (0, 1)


def test_a_clock_that_was_ahead(tmp_path, make_slapd):
    """What was read then was not read in the future."""
    server = make_slapd(tree(), extras=["sessionlog"])
    founded(server, 5)
    feed = side(tmp_path, server)
    feed.settings["changes"].update(read_all_every="7d", full_every="off")
    feed.feed.write("ldap2alma.yaml", yaml_text.dump(feed.settings))
    for days, read in ((0, "all"), (1, "changed"), (400, "all"), (2, "all"), (3, "changed"),
                       (9, "all")):
        feed.live(CLOCK + days * DAY)
        assert (days, feed.report["detect"]["read"]) == (days, read)


class Faculty(Provider):
    """People whom a feed takes; a question by ids may end the connection, once."""
    base = "dc=example,dc=edu"
    reader, reader_password = f"cn=reader,{base}", "secret"
    breaks = False

    def answer(self, request, say):
        if request.kind != SEARCH or "sn" not in request.searched_attributes():
            super().answer(request, say)
            return
        if self.breaks and b"entryUUID" in list(elements(request.body))[6][1]:
            self.breaks = False
            raise Hangup
        for number in range(1, 10):
            if self.wants(request, number) and "staff" in request.searched_base():
                say(message(request.number, entry(f"uid=u{number},{BASE}", {
                    "entryUUID": [entry_uuid(number)], "uid": [f"u{number}"], "sn": ["Someone"],
                    "mail": [f"u{number}@example.edu"], "employeeType": ["STAFF"]})))
        say(message(request.number, result(DONE)))


def test_a_connection_that_breaks_when_people_are_read_again(tmp_path):
    """Behind one name there may be several servers: the mark of one is none for what another gave."""
    provider = Faculty([found(1), END])
    with FakeServer(provider.answer) as server:
        provider.ldap_uri = server.uri
        feed = side(tmp_path, provider)
        reads = []
        for days, provider.breaks in enumerate((False, False, True, False, False)):
            feed.live(CLOCK + days * DAY)
            reads.append(feed.report["detect"]["read"])
    assert reads == ["all", "changed", "all", "all", "changed"]


def test_records_that_are_due_go_out_though_nobody_names_them(tmp_path, make_slapd):
    server = make_slapd(tree(), extras=["sessionlog"])
    founded(server, 40)
    feed = side(tmp_path, server)
    feed.settings["changes"]["resend_after"] = "2d"
    feed.feed.write("ldap2alma.yaml", yaml_text.dump(feed.settings))
    feed.live(CLOCK)
    resent, reads = 0, []
    for hours in range(24, 49, 2):  # spread over the second day
        feed.live(CLOCK + hours * 3600)
        resent += feed.report["counts"]["resent"]
        reads.append(feed.report["detect"]["read"])
    assert resent == 40
    assert reads.count("changed") > len(reads) / 2


def test_a_search_that_is_emptied_is_seen_by_its_brake(tmp_path, make_slapd):
    server = make_slapd(tree(), extras=["sessionlog"])
    founded(server, 40)
    student = f"uid=s1,ou=students,{SlapdPlace(server).base}"
    server.modify(ldif(student, "objectClass: inetOrgPerson", "uid: s1", "cn: Student", "sn: One",
                       "mail: s1@example.edu", "employeeType: STUDENT"))
    feed = side(tmp_path, server)
    feed.settings["brakes"] = {**feed.settings["brakes"], "empty_search": "on"}
    feed.feed.write("ldap2alma.yaml", yaml_text.dump(feed.settings))
    feed.live(CLOCK)
    feed.live(CLOCK + DAY)
    assert feed.report["detect"]["read"] == "changed"
    server.ldap().delete_s(student)
    for days in (2, 3):  # nor does the run that stopped keep the next one from seeing it
        stopped = feed.run(CLOCK + days * DAY)
        report = json.loads((feed.feed.folder / "report.json").read_text())
        assert (stopped.returncode, report["outcome"]) == (2, "stopped"), stopped.stderr
        assert report["detect"] == {"way": "syncrepl", "read": "all", "named": 1,
                                    "reason": "a search finds nobody any more"}
        assert [brake["name"] for brake in report["brakes"] if brake["pulled"]] == ["empty_search"]


def test_whoever_reads_everybody_reads_groups_as_well(tmp_path, make_samba):
    """What was kept of them serves for a few people only."""
    server = make_samba(host="detectgroups")
    people = Changing(server, ActiveDirectoryPlace, random.Random(1))
    people.found(12)
    people.found_groups()
    feed = Side(tmp_path / "side", server, people.place, "dirsync", 1,
                (server.admin, server.admin_password), True)
    assert feed.feed.run().returncode == 0
    for changed, read_again in ((1, False), (0, True), (1, False), (6, True)):
        for person in people.people[:changed]:
            person.mail = f"new.{person.mail}"
            people.put(person)
        if changed == 0:
            people.connection.modify_s(people.groups[1], [
                (ldap.MOD_ADD, "member", people.groups[0].encode())])
        result = feed.feed.run(shared=["-v"])
        assert result.returncode == 0, result.stderr
        assert ("groups are as in the last run" in result.stderr) == (changed > 0)
        assert ("more than a quarter" in result.stderr) == (changed == 6)
        assert bool(re.search(r"groups below .* list \d+ members", result.stderr)) == read_again


def test_what_was_half_delivered_is_not_remembered(tmp_path, make_slapd):
    """That others changed then, for whose packages there was no room, nobody tells again."""
    server = make_slapd(tree(), extras=["sessionlog"])
    founded(server, 16)
    feed = side(tmp_path, server)
    feed.settings["package"] = {"records_per_file": 1, "files_per_package": 1, "max_packages": 18}
    feed.feed.write("ldap2alma.yaml", yaml_text.dump(feed.settings))
    assert feed.run(CLOCK).returncode == 0
    for number in (1, 2, 3):
        server.ldap().modify_s(dn(server, number), [(ldap.MOD_REPLACE, "sn", b"Changed")])
    result = feed.run(CLOCK + DAY)
    assert (result.returncode, len(list(feed.out.glob("*.zip")))) == (69, 18), result.stderr
    report = json.loads((feed.feed.folder / "report.json").read_text())
    assert (report["detect"]["read"], report["detect"]["named"]) == ("changed", 3)
    feed.take()
    feed.live(CLOCK + 2 * DAY)
    assert (feed.report["detect"]["read"], feed.report["detect"]["reason"]) == (
        "all", "a run that did not come to its end has delivered packages")
    assert sum(b">Changed<" in record for record in feed.records.values()) == 3
