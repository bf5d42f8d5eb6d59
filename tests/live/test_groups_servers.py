"""Groups as Active Directory and 389 Directory Server have them, beside what these say themselves."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import ad_server
import ldap
import pytest
from ds389 import ds389, make_ds389
from reading import read
from samba import BASE, make_samba, samba
from slapd import PEOPLE, SUFFIX, certificates

GROUP_DN = f"OU=Groups,{BASE}"


@pytest.fixture(scope="module")
def read_groups(tmp_path_factory):
    """The entries below a base, with their groups."""
    def read_so(server, base, filter, *more):
        password = tmp_path_factory.mktemp("secret") / "password"
        password.write_text(server.reader_password)
        password.chmod(0o600)
        where = ["--uri", server.ldaps_uri, "--ca", server.ca] if hasattr(server, "ca") else \
            ["--uri", server.uri, "--tls", "none"]
        answer = read(*where, "--dn", server.reader, "--password", password, "--search", f"subtree,{filter},{base}",
                      "--attribute", "groups", "--attribute", "groups.nested", "--page", 1000,
                      *more)
        assert answer.status == 0, answer.error
        return answer
    return read_so


def texts(values):
    return sorted(value.decode().lower() for value in values)


def closure(direct, parents):
    found, waiting = set(), list(direct)
    while waiting:
        group = waiting.pop()
        if group not in found:
            found.add(group)
            waiting += parents.get(group, [])
    return found


def memberships(connection, base, attribute="member"):
    """By member: the groups that list him, in small letters."""
    found = {}
    for dn, entry in connection.search_s(base, ldap.SCOPE_SUBTREE, f"({attribute}=*)", [attribute]):
        for member in entry[attribute] if dn else []:
            found.setdefault(member.decode().lower(), []).append(dn.lower())
    return found


def test_active_directory(samba, read_groups):
    """Its own tokenGroups is what a person is in, by way of whatever, the primary group included."""
    answer = read_groups(samba, BASE, "(&(objectCategory=person)(objectClass=user))")
    connection = samba.ldap()
    sids = {entry["objectSid"][0]: dn.lower() for dn, entry in connection.search_s(
        BASE, ldap.SCOPE_SUBTREE, "(objectClass=group)", ["objectSid"]) if dn}
    people = connection.search_s(f"OU=People,{BASE}", ldap.SCOPE_SUBTREE, "(objectClass=user)",
                                 ["memberOf", "primaryGroupID", "objectSid"])
    assert len(people) > 2900
    for dn, entry in people:
        rid = int(entry["primaryGroupID"][0]).to_bytes(4, "little")
        primary = sids[entry["objectSid"][0][:-4] + rid]
        assert texts(answer.entries[dn]["groups"]) == sorted([primary, *texts(entry.get("memberOf", []))])
    deepest = 0
    for dn, _ in people[::100]:
        (_, entry), = connection.search_s(dn, ldap.SCOPE_BASE, "(objectClass=*)", ["tokenGroups"])
        assert texts(answer.entries[dn]["groups.nested"]) == sorted(
            sids[sid] for sid in entry["tokenGroups"])
        deepest = max(deepest, len(entry["tokenGroups"]))
    assert deepest > 8


def test_389(ds389, read_groups):
    connection = ds389.ldap()
    answer = read_groups(ds389, PEOPLE, "(uid=*)")
    parents = memberships(connection, SUFFIX)
    assert len(answer.entries) == 3000
    for dn, entry in answer.entries.items():
        direct = parents.get(dn.lower(), [])
        assert texts(entry.get("groups", [])) == sorted(direct)
        assert texts(entry.get("groups.nested", [])) == sorted(closure(direct, parents))


def test_ranges_of_members(tmp_path, read_groups):
    """Large groups come in parts, in the middle of other groups of the same page."""
    members = [ad_server.person_dn(number) for number in range(1, 101)]
    entries = ad_server.people(100) + "".join(
        ad_server.group(f"g{size}", members[:size]) for size in (0, 1, 29, 30, 31, 60, 61, 100)) + \
        ad_server.group("above", [f"CN=g100,{ad_server.GROUPS}"])
    with ad_server.AdServer(tmp_path, entries, "--range-size", 30) as server:
        answer = read_groups(server, ad_server.PEOPLE, "(objectClass=user)", "--page", 3)
    assert len(answer.entries) == 100
    for number, dn in enumerate(members, 1):
        direct = sorted(f"cn=g{size},{ad_server.GROUPS}".lower()
                        for size in (1, 29, 30, 31, 60, 61, 100) if number <= size)
        assert texts(answer.entries[dn]["groups"]) == direct
        assert texts(answer.entries[dn]["groups.nested"]) == sorted(
            [*direct, f"cn=above,{ad_server.GROUPS}".lower()])


def test_a_primary_group_that_is_within_others(samba, read_groups):
    """Nothing of the person changes when his primary group joins another one."""
    person = f"CN=reader,CN=Users,{BASE}"
    before = read_groups(samba, BASE, "(objectClass=user)", "--memberships")
    samba.modify(f"dn: CN=Guests,CN=Builtin,{BASE}\nchangetype: modify\nadd: member\n"
                  f"member: CN=Domain Users,CN=Users,{BASE}\n")
    after = read_groups(samba, BASE, "(objectClass=user)", "--memberships")
    assert before.entries[person]["groups"] == after.entries[person]["groups"]
    assert len(after.entries[person]["groups.nested"]) == \
        len(before.entries[person]["groups.nested"]) + 1
    for answer in (before, after):
        assert all(own == by_names for own, by_names in answer.memberships.values())
    assert before.memberships[person] != after.memberships[person]
