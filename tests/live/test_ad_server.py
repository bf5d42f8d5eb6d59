"""The tests' own domain controller behaves as Microsoft documents: else it would prove nothing."""

# pylint: disable=no-member (python-ldap's exceptions are made at run time)

import ldap
import pytest
from ad_server import (BASE, GROUPS, PEOPLE, REFUSALS, AdServer, group, people,
                       person_dn)
from fake_ldap import ber, elements, integer, octets
from ldap.controls import LDAPControl, SimplePagedResultsControl

DIRSYNC = "1.2.840.113556.1.4.841"
EVERYBODY = "(objectCategory=person)"


def dirsync(connection, flags=0, state=b"", attributes=None, rule="(objectClass=*)", base=BASE):
    """One round: entries, whether there are more, the next cookie."""
    value = ber(0x30, integer(flags), integer(1 << 20), octets(state))
    control = ldap.controls.RequestControl(DIRSYNC, True, value)
    number = connection.search_ext(base, ldap.SCOPE_SUBTREE, rule, attributes,
                                   serverctrls=[control])
    answer = connection._l.result4(number, 1, -1, 0, 0, 0)  # pylint: disable=protected-access
    (_, _, encoded), = answer[3]
    (_, content), = elements(encoded)
    more, _, cookie = [part for _, part in elements(content)]
    return answer[1], int.from_bytes(more, "big"), cookie


def rounds(connection, **how):
    """All rounds of one answer, as lists of entries, and the cookie behind them."""
    how.setdefault("state", b"")
    answers = []
    more = True
    while more:
        entries, more, how["state"] = dirsync(connection, **how)
        answers.append(entries)
    return answers, how["state"]


@pytest.fixture
def controller(tmp_path):
    servers = []

    def make(entries, *options):
        servers.append(AdServer(tmp_path, entries, *options).start())
        return servers[-1]
    yield make
    for server in servers:
        server.stop()


def page(connection, size, cookie=b""):
    control = SimplePagedResultsControl(True, size, cookie)
    number = connection.search_ext(PEOPLE, ldap.SCOPE_SUBTREE, EVERYBODY, ["cn"],
                                   serverctrls=[control])
    _, entries, _, (answer,) = connection.result3(number)
    return entries, answer.cookie


def test_pages_have_1000_entries_and_belong_to_a_connection(controller):
    server = controller(people(2100))
    one, other = server.ldap(), server.ldap()
    with pytest.raises(ldap.SIZELIMIT_EXCEEDED):
        one.search_s(PEOPLE, ldap.SCOPE_SUBTREE, EVERYBODY, ["cn"])
    entries, cookie = page(one, 5000)
    assert len(entries) == 1000
    with pytest.raises(ldap.UNAVAILABLE_CRITICAL_EXTENSION) as refusal:
        page(other, 5000, cookie)
    assert refusal.value.args[0]["info"].startswith("00000057: LdapErr: ")
    assert len(page(one, 5000, cookie)[0]) == 1000
    entries, cookie = page(one, 5000, cookie)
    assert (len(entries), cookie) == (100, b"")


def test_lists_of_values_come_in_ranges_of_1500(controller):
    members = [person_dn(number) for number in range(1, 3003)]
    connection = controller(group("all", members)).ldap()

    def ask(*names):
        (_, values), = connection.search_s(f"CN=all,{GROUPS}", ldap.SCOPE_BASE, attrlist=names)
        return {name: len(found) for name, found in values.items()}
    assert ask("member") == {"member": 0, "member;range=0-1499": 1500}
    assert ask("member;range=1500-*") == {"member;range=1500-2999": 1500}
    assert ask("member;range=3000-*") == {"member;range=3000-*": 2}
    assert ask("member;range=5-7") == {"member;range=5-7": 3}


def test_dirsync_tells_all_in_rounds_then_what_changed(controller):
    server = controller(people(10) + group("some", [person_dn(1)]), "--dirsync-objects", 4)
    connection = server.ldap()
    answers, cookie = rounds(connection, rule="(sAMAccountType=805306368)")
    assert [len(entries) for entries in answers] == [4, 4, 2]
    assert rounds(connection, state=cookie) == ([[]], cookie)
    connection.modify_s(person_dn(3), [(ldap.MOD_REPLACE, "sn", [b"New"]),
                                       (ldap.MOD_DELETE, "mail", None)])
    connection.modify_s(f"CN=some,{GROUPS}", [(ldap.MOD_ADD, "member", [person_dn(2).encode()])])
    connection.delete_s(person_dn(4))
    connection.rename_s(person_dn(5), "CN=Renamed")
    (entries,), later = rounds(connection, state=cookie)
    assert later != cookie
    changed, some, deleted, renamed = entries
    assert (changed[0], changed[1]["sn"], changed[1]["mail"]) == (person_dn(3), [b"New"], [])
    assert "givenName" not in changed[1] and "cn" not in changed[1]
    assert len(some[1]["member"]) == 2
    # The person's own entry says nothing of a membership.
    assert person_dn(2) not in [dn for dn, _ in entries]
    assert deleted[0].startswith("CN=Person 4\\0ADEL:") or "DEL:" in deleted[0]
    assert deleted[1]["isDeleted"] == [b"TRUE"]
    assert renamed[0] == f"CN=Renamed,{PEOPLE}"
    # A list of attributes is a filter: who changed elsewhere is not named.
    assert [dn for dn, _ in rounds(connection, state=cookie, attributes=["sn"])[0][0]] == [
        person_dn(3)]


def test_dirsync_may_tell_an_object_in_pieces(controller):
    connection = controller(people(2), "--dirsync-attributes", 3).ldap()
    answers, _ = rounds(connection, rule="(cn=Person 1)")
    assert len(answers) > 3
    assert {dn for entries in answers for dn, _ in entries} == {person_dn(1)}
    whole = {}
    for entries in answers:
        whole.update(entries[0][1])
    assert {"cn", "sn", "mail", "sAMAccountName", "objectSid"} <= set(whole)


@pytest.mark.parametrize("options, how, refusal, number", [
    ([], {"state": b"MSDSnothing"}, "PROTOCOL_ERROR", "0000203D"),
    ([], {"state": b"MSDSffffffffffffffffffffffffffffffff 1 1 0"}, "PROTOCOL_ERROR", "0000203D"),
    ([], {"base": PEOPLE}, "UNWILLING_TO_PERFORM", "00002035"),
    (["--no-replication-right"], {}, "INSUFFICIENT_ACCESS", "00002105"),
])
def test_dirsync_refused(controller, options, how, refusal, number):
    connection = controller(people(2), *options).ldap()
    with pytest.raises(getattr(ldap, refusal)) as refused:
        dirsync(connection, **how)
    assert refused.value.args[0]["info"].startswith(number)


def test_dirsync_without_the_right_shows_what_one_may_read(controller):
    connection = controller(people(2), "--no-replication-right").ldap()
    assert rounds(connection, flags=1)[0][0]


def test_usn_and_tombstones(controller):
    connection = controller(people(3)).ldap()

    def usn():
        (_, root), = connection.search_s("", ldap.SCOPE_BASE, attrlist=["highestCommittedUSN"])
        return int(root["highestCommittedUSN"][0])
    before = usn()
    connection.delete_s(person_dn(2))
    assert usn() == before + 1
    rule = f"(uSNChanged>={before + 1})"
    show = LDAPControl("1.2.840.113556.1.4.417", True, None)
    assert not [dn for dn, _ in connection.search_s(BASE, ldap.SCOPE_SUBTREE, rule) if dn]
    number = connection.search_ext(BASE, ldap.SCOPE_SUBTREE, rule, serverctrls=[show])
    (tombstone,) = [values for dn, values in connection.result(number)[1] if dn]
    assert tombstone["isDeleted"] == [b"TRUE"]
    assert tombstone["lastKnownParent"] == [PEOPLE.encode()]
    assert {"mail", "sn", "objectCategory"}.isdisjoint(tombstone)


def test_what_is_below_moves_along_unchanged(controller):
    connection = controller(people(2) + group("some", [person_dn(1)])).ldap()
    _, cookie = rounds(connection)
    connection.rename_s(PEOPLE, "OU=Folk")
    moved = person_dn(1).replace("OU=People", "OU=Folk")
    (_, person), = connection.search_s(moved, ldap.SCOPE_BASE)
    assert person["memberOf"] == [f"CN=some,{GROUPS}".encode()]
    (_, some), = connection.search_s(f"CN=some,{GROUPS}", ldap.SCOPE_BASE)
    assert some["member"] == [moved.encode()]
    assert [dn for dn, _ in rounds(connection, state=cookie)[0][0]] == [f"OU=Folk,{BASE}"]
    connection.rename_s(f"CN=some,{GROUPS}", "CN=Other")
    (_, person), = connection.search_s(moved, ldap.SCOPE_BASE)
    assert person["memberOf"] == [f"CN=Other,{GROUPS}".encode()]


def test_references_at_the_root_of_the_domain(controller):
    connection = controller(people(1)).ldap()

    def references(base, *controls):
        number = connection.search_ext(base, ldap.SCOPE_SUBTREE, EVERYBODY,
                                       serverctrls=list(controls))
        return [where for dn, where in connection.result(number)[1] if dn is None]
    assert references(BASE) == [[f"ldap://dc1.example.edu/{part},{BASE}"] for part in
                                ("DC=ForestDnsZones", "DC=DomainDnsZones", "CN=Configuration")]
    assert references(PEOPLE) == []
    assert references(BASE, LDAPControl("1.2.840.113556.1.4.1339", False, None)) == []


@pytest.mark.parametrize("number", REFUSALS)
def test_logins_refused_by_number(controller, number):
    connection = ldap.initialize(controller("").uri)
    with pytest.raises(ldap.INVALID_CREDENTIALS) as refused:
        connection.simple_bind_s(f"refused-{number}@example.edu", "dc-reader-secret")
    assert f"AcceptSecurityContext error, data {number}, v" in refused.value.args[0]["info"]
