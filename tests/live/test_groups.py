"""Groups of OpenLDAP: `groups` and `groups.nested`, whatever kind they are of."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import json

import pytest
import slapd
import yaml_text
from feed import Feed
from probed import probed
from reading import CONFIGURATION, EVERYONE, PERMISSION, login, password, read, unencrypted
from relay import Relay
from slapd import PEOPLE, READER, READER_PASSWORD, SUFFIX, certificates, ldif, make_slapd, person
from slapd import tree

GROUPS = f"ou=groups,{SUFFIX}"
NIS = "include /etc/ldap/schema/nis.schema\n"


def uid(number):
    return f"uid=u{number:06d},{PEOPLE}"


def cn(name, base=GROUPS):
    return f"cn={name},{base}"


def group(name, *members, base=GROUPS):
    return ldif(cn(name, base), "objectClass: groupOfNames", f"cn: {name}",
                *(f"member: {member}" for member in members))


def unique_group(name, *members):
    return ldif(cn(name), "objectClass: groupOfUniqueNames", f"cn: {name}",
                *(f"uniqueMember: {member}" for member in members))


def posix_group(name, number, *logins):
    return ldif(cn(name), "objectClass: posixGroup", f"cn: {name}", f"gidNumber: {number}",
                *(f"memberUid: {login}" for login in logins))


def account(number, gid, *logins):
    return ldif(uid(number), "objectClass: inetOrgPerson", "objectClass: posixAccount",
                f"uid: u{number:06d}", *(f"uid: {login}" for login in logins), "cn: Account",
                "sn: Account", f"uidNumber: {number}", f"gidNumber: {gid}", "homeDirectory: /")


def ou(name, base=SUFFIX):
    return ldif(f"ou={name},{base}", "objectClass: organizationalUnit", f"ou: {name}")


@pytest.fixture(scope="module")
def server(tmp_path_factory, certificates):
    server = make_server(tmp_path_factory, certificates)
    yield server
    server.stop()


@pytest.fixture
def make_university(tmp_path_factory, certificates):
    """One to be changed."""
    servers = []

    def make():
        servers.append(make_server(tmp_path_factory, certificates))
        return servers[-1]
    yield make
    for server in servers:
        server.stop()


def make_server(tmp_path_factory, certificates):
    """1 in a, a in b, b in c, c in a: a circle; c in d. 2 in b as well as in a. 3 by posixGroup, 4
    by its primary one, 5 by groupOfUniqueNames, 6 in none. A group stands far from the others."""
    server = slapd.Slapd(tmp_path_factory.mktemp("groups"), certificates, options=NIS)
    server.load(
        tree() + ou("groups") + ou("far", f"ou=services,{SUFFIX}")
        + "".join(person(number) for number in (1, 2, 5, 6))
        + account(3, 200) + account(4, 100, "Fourth")
        + group("a", uid(1).upper(), uid(2), cn("c"))
        + group("b", cn("a"), uid(2))
        + group("c", cn("b").replace(",", ", "))
        + group("d", cn("c"))
        + posix_group("staff", 100, "u000003", "nobody-known")
        + posix_group("library", 300, "FOURTH")
        + unique_group("unique", uid(5), f"{uid(1)}#'0101'B")
        + group("far", cn("unique"), base=f"ou=far,ou=services,{SUFFIX}"))
    return server.start()


def groups_of(server, login, *more, attributes=("groups", "groups.nested")):
    wanted = [word for name in attributes for word in ("--attribute", name)]
    answer = read(*unencrypted(server), *login, "--search", EVERYONE, *wanted, "--page", 2, *more)
    assert answer.status == 0, answer.error
    return answer


def names(values):
    return sorted(value.decode().split(",")[0].removeprefix("cn=") for value in values)


@pytest.mark.parametrize("number, direct, nested", [
    (1, ["a", "unique"], ["a", "b", "c", "d", "far", "unique"]),
    (2, ["a", "b"], ["a", "b", "c", "d"]),
    (3, ["staff"], ["staff"]),
    (4, ["library", "staff"], ["library", "staff"]),
    (5, ["unique"], ["far", "unique"]),
    (6, [], []),
])
def test_everybody_is_in_his_groups(server, login, number, direct, nested):
    entry = groups_of(server, login).entries[uid(number)]
    assert names(entry.get("groups", [])) == direct
    assert names(entry.get("groups.nested", [])) == nested


def test_nothing_else_is_shown_than_asked_for(server, login):
    entry = groups_of(server, login, attributes=("sn", "groups.nested")).entries[uid(4)]
    assert sorted(entry) == ["groups.nested", "sn"]
    assert cn("staff").encode() in entry["groups.nested"]
    entry = groups_of(server, login, attributes=("userid", "gidNumber", "groups")).entries[uid(4)]
    assert sorted(entry["userid"]) == [b"Fourth", b"u000004"]
    assert names(entry["groups"]) == ["library", "staff"]


def test_groups_are_read_once(server, login):
    answer = groups_of(server, login, "--search", EVERYONE)
    assert answer.said("info").count(f"8 groups below '{SUFFIX}' list 13 members") == 1
    assert answer.count("entries") == 6
    assert not [text for text in groups_of(server, login, attributes=("uid",)).said("info")
                if "groups" in text]


# ---- what becomes another one when somebody's groups do


def test_names_tell_of_groups(server, login):
    """By their names alone people are in the same groups; but for who has several logins, of whom
    that is never held for certain."""
    memberships = groups_of(server, login, "--memberships").memberships
    assert {dn for dn, (own, by_names) in memberships.items() if own != by_names} == {uid(4)}
    assert memberships[uid(6)] == ("0", "0")
    assert len({own for own, _ in memberships.values()}) == 6


def test_a_further_login_that_is_in_no_group_yet(make_slapd, login):
    """Its names do not tell when it gets into one: so its sum is never what they make."""
    server = make_slapd(tree() + ou("groups") + account(1, 100, "Second")
                        + posix_group("staff", 100, "u000001"), options=NIS)
    own, by_names = groups_of(server, login, "--memberships").memberships[uid(1)]
    assert own != by_names


def test_memberships_are_known_only_where_they_were_asked_for(server, login):
    memberships = groups_of(server, login, "--memberships", attributes=("sn", "memberOf")).memberships
    assert set(memberships.values()) == {("0", "0")}


@pytest.mark.parametrize("change, moved", [
    (f"dn: {cn('b')}\nchangetype: modify\nadd: member\nmember: {uid(6)}\n", {6}),
    (f"dn: {cn('b')}\nchangetype: modify\ndelete: member\nmember: {uid(2)}\n", {2}),
    (f"dn: {cn('d')}\nchangetype: modify\nadd: member\nmember: {cn('unique')}\n", {5}),
    (f"dn: {cn('d')}\nchangetype: delete\n", {1, 2}),
    (f"dn: {cn('staff')}\nchangetype: modrdn\nnewrdn: cn=Staff\ndeleteoldrdn: 1\n", {3, 4}),
    (f"dn: {cn('staff')}\nchangetype: modify\nreplace: gidNumber\ngidNumber: 7\n", {4}),
    (f"dn: {cn('staff')}\nchangetype: modify\ndelete: memberUid\nmemberUid: u000003\n", {3}),
])
def test_each_change_of_a_group_moves_its_members(make_university, login, change, moved):
    server = make_university()
    before = groups_of(server, login, "--memberships").memberships
    server.modify(change)
    after = groups_of(server, login, "--memberships").memberships
    assert {dn for dn in before if before[dn][1] != after[dn][1]} | {uid(4)} == {
        uid(number) for number in moved | {4}}


# ---- which entries are groups


@pytest.mark.parametrize("options, direct", [
    (["--groups-base", f"ou=services,{SUFFIX}"], []),
    (["--groups-filter", "(cn=uni*)"], ["unique"]),
    (["--groups-member", "member"], ["a"]),
    (["--groups-member", "uniqueMember", "--groups-base", GROUPS], ["unique"]),
])
def test_the_settings_say_which(server, login, options, direct):
    entry = groups_of(server, login, *options).entries[uid(1)]
    assert names(entry.get("groups", [])) == direct


def test_groups_of_searches_in_one_context_are_read_once(server, login):
    answer = groups_of(server, login, "--search", f"base,(uid=*),{uid(5)}")
    assert [text for text in answer.said("debug") if "groups" in text] == [
        f"searching for groups below '{SUFFIX}' for (|(objectClass=group)(objectClass=groupOfNames)"
        "(objectClass=groupOfUniqueNames)(objectClass=posixGroup)(objectClass=groupOfMembers)"
        "(objectClass=groupOfEntries))"]


def test_the_copies_of_freeipa_are_no_groups(make_slapd, login):
    """People below cn=accounts have their groups there; those of cn=compat are shown besides."""
    accounts, compat = f"cn=accounts,{SUFFIX}", f"cn=compat,{SUFFIX}"
    folders = "".join(ldif(dn, "objectClass: organizationalRole", f"cn: {dn[3:11].split(',')[0]}")
                      for dn in (accounts, compat))
    server = make_slapd(tree() + folders + ldif(
        f"uid=ana,{accounts}", "objectClass: inetOrgPerson", "uid: ana", "cn: Ana", "sn: Ruiz")
        + group("staff", f"uid=ana,{accounts}", base=accounts)
        + group("staff", f"uid=ana,{accounts}", base=compat))
    answer = read(*unencrypted(server), *login, "--search", f"subtree,(uid=*),{accounts}",
                  "--attribute", "groups")
    assert answer.entries[f"uid=ana,{accounts}"] == {"groups": [cn("staff", accounts).encode()]}


# ---- what must not be taken for the truth


def refused(server, login, *more):
    answer = read(*unencrypted(server), *login, "--search", EVERYONE, "--attribute",
                  "groups.nested", *more)
    assert not answer.entries
    return answer


def test_no_group_at_all(server, login):
    answer = refused(server, login, "--groups-filter", "(cn=none)")
    assert answer.status == CONFIGURATION
    assert answer.error == f"no group is found on '{server.ldap_uri}' below '{SUFFIX}'"
    assert "directory.groups" in answer.hint


def test_groups_that_show_no_members(make_slapd, login):
    server = make_slapd(
        tree() + person(1) + group("staff", uid(1), base=PEOPLE),
        access='access to attrs=member by * none\n'
               f'access to * by dn.subtree="ou=services,{SUFFIX}" read by * none')
    answer = refused(server, login)
    assert answer.status == PERMISSION
    assert answer.error == (f"none of the 1 groups on '{server.ldap_uri}' below '{SUFFIX}' lists a "
                            "member")
    assert answer.hint == ("Give the account the right to read the members of groups, or name their "
                           "attribute in directory.groups.member.")


def test_primary_groups_alone_are_told(make_slapd, login):
    """Nothing tells groups that are empty from those whose members are hidden."""
    server = make_slapd(
        tree() + ou("groups") + account(1, 100) + posix_group("staff", 100)
        + posix_group("library", 300, "u000001"), options=NIS,
        access='access to attrs=memberUid by * none\n'
               f'access to * by dn.subtree="ou=services,{SUFFIX}" read by * none')
    answer = groups_of(server, login)
    assert names(answer.entries[uid(1)]["groups"]) == ["staff"]
    assert (f"none of the 2 groups below '{SUFFIX}' lists a member, so that primary groups alone "
            "are known: the account may not see the others") in answer.said("warning")


def test_a_base_that_is_not_there(server, login):
    answer = refused(server, login, "--groups-base", f"ou=none,{SUFFIX}")
    assert answer.status == CONFIGURATION
    assert answer.error.startswith(
        f"the groups cannot be read: the search below 'ou=none,{SUFFIX}' on '{server.ldap_uri}' "
        "failed after 0 entries: ")


def test_groups_that_are_cut_short(make_slapd, login):
    """All of them, or none: a limit on answers would take people out of the last ones."""
    server = make_slapd(tree() + person(1) + "".join(
        group(f"g{number}", uid(1), base=PEOPLE) for number in range(8)), limits="sizelimit 5\n")
    answer = refused(server, login, "--page", 0)
    assert answer.status == 69
    assert answer.error.startswith("the groups cannot be read: ")


def test_a_connection_that_breaks_reads_groups_again(make_slapd, login):
    server = make_slapd(tree() + slapd.people(400) + group("staff", uid(7), base=PEOPLE))
    with Relay(server.port, "--cut-after", "30000", "--faulty", "1") as relay:
        answer = read("--uri", f"ldap://127.0.0.1:{relay.port}", "--tls", "none", *login, "--search",
                      EVERYONE, "--attribute", "mail", "--attribute", "groups", "--page", 100)
    assert (answer.status, answer.count("restarts"), len(answer.entries)) == (0, 1, 400)
    assert len([text for text in answer.said("info") if "groups below" in text]) == 2
    assert [dn for dn, entry in answer.entries.items() if "groups" in entry] == [uid(7)]


# ---- through the program

MAPPING = f"""\
mapping: 1
match_id: primary_id
tables:
  kinds: {{ a: ABLE, staff: STAFF }}
user:
  primary_id: ${{uid | matching '^u'}}
  last_name: ${{sn}}
  user_group:
    - when: (groups.nested=CN=D, ou=Groups,{SUFFIX})
      value: NESTED
    - ${{groups | rdn | lookup kinds}}
    - NONE
"""


@pytest.fixture
def feed(tmp_path, server, certificates):
    def make(directory=None, mapping=MAPPING):
        made = Feed(tmp_path, mapping=mapping)
        made.write("secret", READER_PASSWORD)
        (tmp_path / "secret").chmod(0o600)
        made.write("ldap2alma.yaml", yaml_text.dump({
            "name": "test",
            "directory": {"uri": server.ldaps_uri, "tls": {"ca_file": certificates.path("ca.pem")},
                          "bind": {"dn": READER, "password": {"file": "secret"}},
                          "searches": [{"base": PEOPLE, "filter": "(uid=*)"}], **(directory or {})},
            "mapping": "mapping.yaml", "delivery": {"folder": "out"}, "spool": "spool"}))
        return made
    return make


def test_a_run(feed):
    made = feed()
    assert made.run().returncode == 0
    assert {user.findtext("primary_id"): user.findtext("user_group") for user in made.users()} == {
        "u000001": "NESTED", "u000002": "NESTED", "u000003": "STAFF", "u000004": "STAFF",
        "u000005": "NONE", "u000006": "NONE"}


def test_preview_shows_where_a_group_came_from(feed):
    result = feed().run("--format", "json", "u000004", command="preview")
    assert result.returncode == 0, result.stderr
    found, = json.loads(result.stdout)["people"]
    assert sorted(found["attributes"]["groups"]) == [cn("library"), cn("staff")]
    assert sorted(found["attributes"]["groups.nested"]) == [cn("library"), cn("staff")]
    assert not {"gidNumber", "memberOf"} & set(found["attributes"])
    text = feed().run("u000001", command="preview").stdout
    assert f"does not hold: (groups.nested=CN=D, ou=Groups,{SUFFIX})" not in text
    assert "NESTED" in text
    text = feed().run("u000003", command="preview").stdout
    assert f"does not hold: (groups.nested=CN=D, ou=Groups,{SUFFIX})" in text
    assert f"                   groups        {cn('staff')}\n" in text


def test_check(feed, server):
    found = probed(feed())
    assert found.status == 0
    assert found.lines["directory.groups"] == [
        f"the 8 groups on '{server.ldaps_uri}' below '{SUFFIX}' list 13 members"]
    assert found.lines["directory.attributes"] == [
        f"'{server.ldaps_uri}' shows 2 of 2 attributes of the mapping"]
    assert not [doubt for doubt in found.json["findings"] if "attribute" in doubt["text"]]


def test_check_without_groups(feed, server):
    found = probed(feed({"groups": {"base": PEOPLE}}))
    assert found.failures == ["directory.groups"]
    text, hint = found.failed["directory.groups"]
    assert text == f"no group is found on '{server.ldaps_uri}' below '{PEOPLE}'"
    assert hint == ("The mapping needs groups: look at directory.groups, and at what the account may "
                    "read; many directories hide entries rather than refuse.")
