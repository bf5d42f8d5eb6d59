"""What a directory server says has changed, and who is read for it: each way, on real servers.

Each test follows a directory by what it tells of its changes and holds the result against a read of
everybody.
"""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import dataclasses
import re

import ad_server
import ldap
import pytest
from changing import Follower
from ds389 import make_ds389
from reading import login, password
from samba import make_samba
from slapd import (ADMIN, PEOPLE, READER, SUFFIX, Slapd, certificates, ldif, make_slapd, people,
                   person, tree)

AD, NETSCAPE = "samba", "ds389"
INCOMPLETE = "ds389-incomplete"  # its changelog does not tell of whom
WAYS = [("syncprov", "syncrepl"), ("sessionlog", "syncrepl"), ("syncprov", "timestamp"),
        ("accesslog", "timestamp"), (NETSCAPE, "syncrepl"), (NETSCAPE, "timestamp"),
        (AD, "dirsync"), (AD, "usn"), (AD, "timestamp")]


@dataclasses.dataclass
class Site:
    """A server, and where the tests' people are in it. Names of entries are relative."""
    server: object
    login: list
    id_attribute: str
    naming: str = "uid"

    def __post_init__(self):
        self.connection = self.server.ldap()
        self.base = f"ou=faculty,{self.server.base}"
        self.elsewhere = f"ou=elsewhere,{self.server.base}"
        self.filter = f"(&({self.naming}=*)(!(title=former))(sn=*))"
        for unit in (self.base, self.elsewhere):
            self.add(unit, "organizationalUnit", {})

    def add(self, dn, kind, attributes):
        self.connection.add_s(dn, [("objectClass", [kind.encode()])] + [
            (name, [value.encode()]) for name, value in attributes.items()])

    def dn(self, name, base=None):
        return f"{self.naming}={name},{base or self.base}"

    def person(self, name, base=None):
        account = {"sAMAccountName": name} if self.naming == "cn" else {"cn": name}
        self.add(self.dn(name, base), "user" if self.naming == "cn" else "inetOrgPerson",
                 {"sn": "Someone", "mail": f"{name}@example.edu", **account})

    def set(self, name, attribute, value, base=None):
        self.connection.modify_s(self.dn(name, base), [
            (ldap.MOD_REPLACE, attribute, value and value.encode())])

    def move(self, name, new_name, to, base=None):
        self.connection.rename_s(self.dn(name, base), f"{self.naming}={new_name}", to)

    def delete(self, dn):
        self.connection.delete_s(dn)

    def group(self, name, *members):
        kind = "group" if self.naming == "cn" else "groupOfNames"
        more = {"sAMAccountName": name} if self.naming == "cn" else {}
        self.connection.add_s(f"cn={name},{self.elsewhere}", [
            ("objectClass", [kind.encode()]),
            ("member", [self.dn(member).encode() for member in members])] + [
            (key, [value.encode()]) for key, value in more.items()])

    def join(self, group, member, how=ldap.MOD_ADD):
        self.connection.modify_s(f"cn={group},{self.elsewhere}",
                                 [(how, "member", self.dn(member).encode())])

    def clear(self):
        """What of it is left in a server that others use, too."""
        for unit in (self.base, self.elsewhere):
            found = self.connection.search_s(unit, ldap.SCOPE_SUBTREE, "(objectClass=*)", ["1.1"])
            for dn, _ in sorted((one for one in found if one[0]), key=lambda one: -len(one[0])):
                self.connection.delete_s(dn)


@pytest.fixture(scope="module")
def servers(tmp_path_factory, certificates, make_samba, make_ds389):
    """servers(kind): one that is shared by the tests of this file."""
    running = {}

    def start(kind):
        if kind == AD:
            return make_samba()
        if kind in (NETSCAPE, INCOMPLETE):
            return make_ds389(tree(), complete=kind == NETSCAPE)
        server = Slapd(tmp_path_factory.mktemp(kind), certificates, extras=[kind],
                       options="moduleload memberof", limits="overlay memberof")
        server.load(tree())
        return server.start()

    def get(kind):
        if kind not in running:
            running[kind] = start(kind)
        return running[kind]

    yield get
    for server in running.values():
        if isinstance(server, Slapd):
            server.stop()


@pytest.fixture
def site(servers, tmp_path):
    """site(kind): faculty and elsewhere are empty."""
    made = []

    def make(kind):
        server = servers(kind)
        secret = tmp_path / "password"
        # In Samba only administrators are told of deletions.
        user, password = ((server.admin, server.admin_password) if kind == AD else
                          (server.reader, server.reader_password))
        secret.write_text(password + "\n")
        secret.chmod(0o600)
        encryption = ["--ca", server.ca] if kind == AD else ["--tls", "none"]
        made.append(Site(server, ["--uri", server.ldaps_uri if kind == AD else server.ldap_uri,
                                  *encryption, "--dn", user, "--password", secret],
                         {AD: "objectGUID", NETSCAPE: "nsUniqueId", INCOMPLETE: "nsUniqueId"}.get(kind, "entryUUID"),
                         "cn" if kind == AD else "uid"))
        return made[-1]

    yield make
    for each in made:
        each.clear()


def follow(site, way, tmp_path, *searches, **options):
    searches = searches or [f"subtree,{site.filter},{site.base}"]
    follower = Follower(site.login, way, searches, tmp_path / "mark",
                        id_attribute=site.id_attribute, **options)
    assert follower.run().outcome == "read_all"
    return follower


def agrees(follower, told=True):
    """What was followed is what there is. Where deletions are not told there may be more."""
    everybody = follower.everybody()
    if told:
        assert follower.known == everybody
    else:
        assert {key: follower.known.get(key) for key in everybody} == everybody
    return True


@pytest.mark.parametrize("kind, way", WAYS)
def test_changes_one_by_one(site, tmp_path, kind, way):
    here = site(kind)
    for number in range(6):
        here.person(f"p{number}")
    here.person("stranger", here.elsewhere)
    told = way != "timestamp"
    follower = follow(here, way, tmp_path)
    assert len(follower.known) == 6

    answer = follower.run()
    assert answer.outcome == "named" and answer.reason == ""
    assert answer.fact("deletions") == told
    if told:
        assert answer.named == set() and answer.entries == {}

    changes = [
        lambda: here.set("p0", "mail", "new@example.edu"),
        lambda: here.set("p0", "mail", None),
        lambda: here.person("p6"),
        lambda: here.move("p1", "p1renamed", here.base),
        lambda: here.move("stranger", "stranger", here.base, here.elsewhere),
        lambda: here.move("p2", "p2", here.elsewhere),
        lambda: here.set("p3", "title", "former"),
        lambda: here.set("p3", "title", "professor"),
        lambda: here.delete(here.dn("p4")),
    ]
    for change in changes:
        change()
        answer = follower.run()
        assert answer.outcome == "named"
        # Not more than what was changed, and for deletions nobody.
        assert not told or len(answer.entries) <= 1
        assert agrees(follower, told)

    for change in (lambda: here.set("p0", "mail", "once@example.edu"),
                   lambda: here.delete(here.dn("p5")), lambda: here.person("p7"),
                   lambda: here.person("p4"), lambda: here.set("p0", "mail", "twice@example.edu")):
        change()
    follower.run()
    assert agrees(follower, told)


@pytest.mark.parametrize("kind, way", [(kind, way) for kind, way in WAYS if kind != "accesslog"])
def test_a_parent_that_moves_takes_along_all_below_it(site, tmp_path, kind, way):
    here = site(kind)
    inner = f"ou=inner,{here.base}"
    here.add(inner, "organizationalUnit", {})
    here.person("deep", inner)
    follower = follow(here, way, tmp_path)
    assert follower.run().outcome == "named"

    here.connection.rename_s(inner, "ou=inner", here.elsewhere)
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason == ("an entry below which people may be was added, deleted, renamed or "
                             "moved")
    assert agrees(follower) and follower.known == {}
    assert follower.run().outcome == "named"


@pytest.mark.parametrize("kind, way", [("sessionlog", "syncrepl"), (NETSCAPE, "syncrepl"),
                                       (AD, "dirsync"), (AD, "usn")])
def test_parents_that_swap_their_names(site, tmp_path, kind, way):
    """Afterwards there are the same names as before, but others are below them."""
    here = site(kind)
    now, former = (f"ou={name},{here.base}" for name in ("now", "former"))
    for unit, name in ((now, "anna"), (former, "bert")):
        here.add(unit, "organizationalUnit", {})
        here.person(name, unit)
    follower = follow(here, way, tmp_path, f"subtree,{here.filter},{now}")
    for old, new in ((now, "between"), (former, "now"), (f"ou=between,{here.base}", "former")):
        here.connection.rename_s(old, f"ou={new}")
    assert follower.run().outcome == "read_all"
    assert agrees(follower) and len(follower.known) == 1


@pytest.mark.parametrize("kind, way", [(kind, way) for kind, way in WAYS if kind != "accesslog"])
def test_a_group_that_changes_is_told(site, tmp_path, kind, way):
    here = site(kind)
    for name in ("anna", "bert"):
        here.person(name)
    here.group("staff", "anna")
    follower = follow(here, way, tmp_path, attributes=("memberOf",))
    quiet = way != "timestamp"  # which is told of no deletion
    assert follower.run().fact("memberships") == (not quiet)

    here.join("staff", "bert")
    assert follower.run().fact("memberships") == 1
    assert follower.run().fact("memberships") == (not quiet)
    here.join("staff", "bert", ldap.MOD_DELETE)
    assert follower.run().fact("memberships") == 1
    if quiet:
        here.delete(f"cn=staff,{here.elsewhere}")
        assert follower.run().fact("memberships") == 1


@pytest.mark.parametrize("kind, way", [("sessionlog", "syncrepl"), ("syncprov", "syncrepl"),
                                       (NETSCAPE, "syncrepl"), (AD, "dirsync"), (AD, "usn")])
def test_a_filter_that_asks_for_groups(site, tmp_path, kind, way):
    """Who comes in by a membership alone is named by nobody."""
    here = site(kind)
    for name in ("anna", "bert"):
        here.person(name)
    here.group("staff", "anna")
    group = f"cn=staff,{here.elsewhere}"
    escaped = group.replace(",", r"\2c")
    follower = follow(here, way, tmp_path, f"subtree,(memberOf={escaped}),{here.base}")
    assert len(follower.known) == 1
    here.join("staff", "bert")
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason == "groups have changed, and the filter of a search names 'memberOf'"
    assert agrees(follower) and len(follower.known) == 2
    assert follower.run().outcome == "named"


@pytest.mark.parametrize("kind, way", [("sessionlog", "syncrepl"), ("syncprov", "syncrepl"),
                                       (NETSCAPE, "syncrepl"), (AD, "dirsync"), (AD, "usn")])
def test_several_searches(site, tmp_path, kind, way):
    here = site(kind)
    for name in ("anna", "bert"):
        here.person(name)
        here.person(f"{name}2", here.elsewhere)
    follower = follow(here, way, tmp_path, f"subtree,{here.filter},{here.base}",
                      f"one,{here.filter},{here.elsewhere}",
                      f"subtree,(&{here.filter}(mail=anna*)),{here.base}")
    assert len(follower.known) == 4
    here.set("anna", "mail", "anna.x@example.edu")
    here.set("anna2", "mail", "anna.y@example.edu", here.elsewhere)
    here.delete(here.dn("bert2", here.elsewhere))
    assert follower.run().outcome == "named"
    assert agrees(follower)


@pytest.mark.parametrize("kind, best", [("sessionlog", "syncrepl"), ("accesslog", "full"),
                                        (NETSCAPE, "syncrepl"), (AD, "dirsync")])
def test_auto(site, tmp_path, kind, best):
    here = site(kind)
    here.person("anna")
    follower = follow(here, "auto", tmp_path)
    here.set("anna", "mail", "new@example.edu")
    answer = follower.run()
    assert answer.facts["way"] == best
    assert answer.outcome == ("read_all" if best == "full" else "named")
    assert agrees(follower)


def test_the_server_is_restarted(site, servers, tmp_path):
    """A session log is lost with the process; the cookie is still good."""
    here = site("sessionlog")
    for name in ("anna", "bert", "carl"):
        here.person(name)
    follower = follow(here, "syncrepl", tmp_path)
    here.set("anna", "mail", "new@example.edu")
    here.delete(here.dn("bert"))
    servers("sessionlog").restart()
    here.connection = here.server.ldap()
    answer = follower.run()
    assert answer.outcome == "named" and answer.fact("exhaustive")
    assert agrees(follower)
    here.delete(here.dn("carl"))
    answer = follower.run()
    assert answer.outcome == "named" and not answer.fact("exhaustive")
    assert agrees(follower)


@pytest.mark.parametrize("kind", ["sessionlog", "syncprov"])
def test_the_server_crashes(make_slapd, login, tmp_path, kind):
    """Then it knows of less than it has, and says that nothing has changed."""
    server = make_slapd(tree() + people(9), extras=[kind])
    follower = Follower(["--uri", server.ldap_uri, "--tls", "none", *login], "syncrepl",
                        [f"subtree,(&(uid=*)(!(title=former))),{PEOPLE}"], tmp_path / "mark")
    assert follower.run().outcome == "read_all"
    connection = server.ldap()
    connection.delete_s(f"uid=u000001,{PEOPLE}")
    for number, title in ((2, b"former"), (3, b"dean")):
        connection.modify_s(f"uid=u{number:06d},{PEOPLE}", [(ldap.MOD_REPLACE, "title", title)])
    server.kill()
    server.start()
    for _ in range(2):
        answer = follower.run()
        assert answer.outcome == "read_all"
        assert answer.reason == (f"'{server.ldap_uri}' has entries that are newer than what it "
                                 "tells of, as after a crash")
        assert follower.known == follower.everybody()
    server.ldap().modify_s(f"uid=u000004,{PEOPLE}", [(ldap.MOD_REPLACE, "mail", b"new@x.edu")])
    answer = follower.run()
    assert answer.outcome == "named"
    assert follower.known == follower.everybody()
    assert follower.run().named == set()


def test_a_crash_that_leaves_no_trace(make_slapd, login, tmp_path):
    """The session log begins anew, and as if nothing were missing. Only the start tells."""
    server = make_slapd(tree() + people(9), extras=["sessionlog"],
                        options=f'database monitor\naccess to * by dn.exact="{READER}" read')
    follower = Follower(["--uri", server.ldap_uri, "--tls", "none", *login], "syncrepl",
                        [f"subtree,(uid=*),{PEOPLE}"], tmp_path / "mark")
    assert follower.run().outcome == "read_all"
    assert follower.run().outcome == "named"
    server.ldap().delete_s(f"uid=u000001,{PEOPLE}")

    def start():
        return server.ldap(READER, server.reader_password).search_s(
            "cn=Start,cn=Time,cn=Monitor", ldap.SCOPE_BASE, attrlist=["monitorTimestamp"])

    before = start()
    while start() == before:  # it tells whole seconds
        server.kill()
        server.start()
    server.ldap().modify_s(f"uid=u000004,{PEOPLE}", [(ldap.MOD_REPLACE, "mail", b"new@x.edu")])
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason == ("the server was started since the last run: it may have forgotten "
                             "something")
    assert follower.known == follower.everybody()
    assert follower.run().outcome == "named"


# ---- when everybody has to be read


@pytest.fixture
def two_sites(site):
    return site("sessionlog"), site("syncprov")


def test_another_server(two_sites, tmp_path):
    here, there = two_sites
    here.person("anna")
    follower = follow(here, "syncrepl", tmp_path)
    follower.login = there.login
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason == "the last run was answered by another server"
    assert agrees(follower) and follower.known == {}


def test_the_server_of_the_mark_is_tried_first(two_sites, tmp_path):
    here, there = two_sites
    here.person("anna")
    follower = follow(here, "syncrepl", tmp_path)
    follower.login = ["--uri", there.server.ldap_uri, *follower.login]
    answer = follower.run()
    assert answer.outcome == "named"
    assert answer.facts["server"] == here.server.ldap_uri


@pytest.mark.parametrize("change, reason", [
    ({"attributes": ["entryUUID", "mail", "sn"]},
     "the last run asked for other searches or attributes"),
    ({"searches": [f"subtree,(uid=*),ou=faculty,{SUFFIX}"]},
     "the last run asked for other searches or attributes"),
    ({"way": "timestamp"}, "the last run asked for changes in another way"),
    ({"attributes": ["entryUUID", "PWDAccountLockedTime"]},
     "no server tells of changes of 'pwdAccountLockedTime'"),
    ({"way": "full"}, "changes.detect is full"),
    ({"way": "usn"}, "'ldap://HERE' (OpenLDAP) does not tell of changes by usn"),
])
def test_something_else_is_asked(site, tmp_path, change, reason):
    here = site("sessionlog")
    follower = follow(here, "syncrepl", tmp_path)
    for name, value in change.items():
        setattr(follower, name, value)
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert re.sub("ldap://[0-9.:]+", "ldap://HERE", answer.reason) == reason


@pytest.mark.parametrize("damage", [lambda mark: mark[:-1], lambda mark: mark + b"\0",
                                    lambda mark: b"\x62" + mark[1:], lambda mark: b"",
                                    lambda mark: mark[:1] + b"\x63" + mark[2:]])
def test_a_mark_that_is_none(site, tmp_path, damage):
    here = site("sessionlog")
    follower = follow(here, "syncrepl", tmp_path)
    follower.mark.write_bytes(damage(follower.mark.read_bytes()))
    answer = follower.run()
    assert (answer.outcome, answer.reason) == ("read_all", "there is no mark of an earlier run")


def test_a_cookie_of_the_future(site, tmp_path):
    """As after a server was set back to an old copy."""
    here = site("sessionlog")
    here.person("anna")
    follower = follow(here, "syncrepl", tmp_path)
    mark = follower.mark.read_bytes()
    follower.mark.write_bytes(re.sub(rb"csn=20(\d\d)", rb"csn=21\1", mark))
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason.startswith(f"the question for changes below '{here.base}' on")
    assert agrees(follower)
    assert follower.run().outcome == "named"


def test_a_changelog_that_hides_changes(site, tmp_path):
    here = site(INCOMPLETE)
    here.person("anna")
    follower = follow(here, "auto", tmp_path)
    here.set("anna", "mail", "new@example.edu")
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason == (
        f"'{here.server.ldap_uri}' counts changes and names nobody; where that goes on, its "
        "'cn=Retro Changelog Plugin,cn=plugins,cn=config' lacks "
        "'nsslapd-attribute: nsuniqueid:targetUniqueId'")
    assert agrees(follower)
    assert follower.run().outcome == "named"


def test_usn_that_counts_anew(site, tmp_path):
    here = site(AD)
    follower = follow(here, "usn", tmp_path)
    mark = follower.mark.read_bytes()
    follower.mark.write_bytes(re.sub(rb"\d{4}$", b"9999", mark))
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason == f"'{here.server.ldaps_uri}' counts its changes from anew"
    assert follower.run().outcome == "named"


def test_a_domain_controller_that_was_restored(site, tmp_path):
    here = site(AD)
    follower = follow(here, "dirsync", tmp_path)
    mark = bytearray(follower.mark.read_bytes())
    at = mark.index(here.server.ldaps_uri.encode()) + len(here.server.ldaps_uri) + 4
    mark[at] ^= 1  # of the invocationId
    follower.mark.write_bytes(mark)
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason == ("the server is not the same as in the last run: it was restored or "
                             "set up anew")


def test_a_cookie_that_dirsync_refuses(site, tmp_path):
    here = site(AD)
    here.person("anna")
    follower = follow(here, "dirsync", tmp_path)
    mark = follower.mark.read_bytes()
    cookie = mark[mark.index(b"MSDS"):]
    assert mark.endswith(len(cookie).to_bytes(4, "little") + cookie)
    follower.mark.write_bytes(mark[:-len(cookie) - 4] + b"\4\0\0\0MSDS")
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason.startswith("the question for changes below 'DC=ad,DC=example,DC=edu' on")
    assert agrees(follower)
    assert follower.run().outcome == "named"


@pytest.mark.parametrize("way", ["auto", "usn"])
def test_without_the_right_to_replicate(site, tmp_path, way):
    """Less is told, and that it is less: deletions are for administrators."""
    here = site(AD)
    for name in ("anna", "bert"):
        here.person(name)
    follower = follow(here, way, tmp_path)
    assert follower.run().fact("deletions") == 1
    here.login[here.login.index("--dn") + 1] = here.server.reader
    follower = Follower(here.login, way, follower.searches, tmp_path / "readers",
                        id_attribute="objectGUID")
    assert follower.run().fact("deletions") == 0  # which `check` tells
    here.set("anna", "mail", "new@example.edu")
    here.delete(here.dn("bert"))
    answer = follower.run()
    assert (answer.facts["way"], answer.fact("deletions")) == (
        "dirsync" if way == "auto" else way, 0)
    assert agrees(follower, told=False)


def test_groups_whose_deletion_is_not_told(site, tmp_path):
    """Whoever was in them has lost them all the same."""
    here = site(AD)
    here.person("anna")
    here.group("staff", "anna")
    here.login[here.login.index("--dn") + 1] = here.server.reader
    follower = follow(here, "dirsync", tmp_path, attributes=("memberOf",))
    here.delete(f"cn=staff,{here.elsewhere}")
    answer = follower.run()
    assert (answer.outcome, answer.fact("deletions")) == ("named", 0)
    assert answer.fact("memberships") == 1

    group = f"cn=staff,{here.elsewhere}"
    here.group("staff", "anna")
    escaped = group.replace(",", r"\2c")
    follower = follow(here, "dirsync", tmp_path, f"subtree,(memberOf={escaped}),{here.base}")
    assert len(follower.known) == 1
    here.delete(group)
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason == ("a group may have gone, and the filter of a search names "
                             "'memberOf'")
    assert agrees(follower) and follower.known == {}


REMEMBERED = "groups are as in the last run"


@pytest.mark.parametrize("told", [True, False], ids=["deletions", "untold"])
@pytest.mark.parametrize("way", ["dirsync", "usn"])
def test_groups_are_read_again_when_they_may_be_others(site, tmp_path, way, told):
    here = site(AD)
    for name in ("anna", "bert", "carl"):
        here.person(name)
    here.group("staff", "anna", "bert")
    here.group("outer", "carl")
    here.connection.modify_s(f"cn=outer,{here.elsewhere}",
                             [(ldap.MOD_ADD, "member", f"cn=staff,{here.elsewhere}".encode())])
    if not told:
        here.login[here.login.index("--dn") + 1] = here.server.reader
    follower = follow(here, way, tmp_path, attributes=("mail", "groups", "groups.nested"))

    def run(remembered, memberships=0):
        answer = follower.run()
        assert (answer.outcome, answer.fact("deletions")) == ("named", told)
        assert any(REMEMBERED in text for text in answer.said("info")) == remembered
        assert answer.fact("memberships") == memberships
        everybody = follower.everybody()
        for id in answer.by_id("objectGUID"):
            assert follower.known[id] == everybody[id]
        return answer

    run(remembered=True)
    here.set("anna", "mail", "new@example.edu")
    answer = run(remembered=way == "dirsync")  # uSNChanged does not tell what has changed
    (anna,) = answer.entries.values()
    assert len(anna["groups.nested"]) == 4  # with the primary one and what that is in
    here.move("bert", "robert", here.base)
    (robert,) = run(remembered=False).entries.values()
    assert len(robert["groups.nested"]) == 4
    here.set("robert", "mail", "robert@example.edu")
    assert len(run(remembered=way == "dirsync").entries) == 1
    here.person("dora")
    assert len(run(remembered=False).entries) == 1
    here.join("staff", "carl")
    here.set("carl", "mail", "first@example.edu")
    (carl,) = run(remembered=False, memberships=1).entries.values()
    assert len(carl["groups"]) == 3
    here.delete(f"cn=outer,{here.elsewhere}")
    here.set("carl", "mail", "second@example.edu")
    (carl,) = run(remembered=False, memberships=1).entries.values()
    assert len(carl["groups.nested"]) == 3
    run(remembered=True)


@pytest.mark.parametrize("way", ["dirsync", "usn"])
def test_groups_that_a_filter_no_longer_finds(site, tmp_path, way):
    here = site(AD)
    here.person("anna")
    here.group("staff", "anna")
    group = f"cn=staff,{here.elsewhere}"
    here.connection.modify_s(group, [(ldap.MOD_ADD, "description", b"for the library")])
    here.login += ["--groups-filter", "(&(objectClass=group)(description=*))"]
    follower = follow(here, way, tmp_path, attributes=("mail", "groups"))
    assert (follower.run().fact("memberships"), len(follower.known)) == (0, 1)
    here.set("anna", "mail", "new@example.edu")
    here.connection.modify_s(group, [(ldap.MOD_DELETE, "description", None)])
    here.group("other", "anna")
    here.connection.modify_s(f"cn=other,{here.elsewhere}",
                             [(ldap.MOD_ADD, "description", b"the only one now")])
    answer = follower.run()
    assert (answer.outcome, answer.fact("deletions"), answer.fact("memberships")) == ("named", 1, 1)
    assert agrees(follower)
    here.connection.modify_s(group, [(ldap.MOD_ADD, "description", b"again")])
    assert follower.run().fact("memberships") == 1
    here.connection.modify_s(group, [(ldap.MOD_DELETE, "description", None)])
    assert follower.run().fact("memberships") == 1
    assert follower.run().fact("memberships") == 0


@pytest.mark.parametrize("way", ["dirsync", "usn"])
def test_groups_whose_members_are_logins(site, tmp_path, way):
    here = site(AD)
    for name in ("anna", "bert"):
        here.person(name)
    here.set("anna", "uid", "anna")
    here.group("staff", "bert")
    follower = follow(here, way, tmp_path, attributes=("mail", "groups"))
    assert follower.run().fact("memberships") == 0
    here.connection.modify_s(f"cn=staff,{here.elsewhere}",
                             [(ldap.MOD_ADD, "memberUid", b"anna")])
    here.set("anna", "mail", "new@example.edu")
    answer = follower.run()
    assert (answer.outcome, answer.fact("memberships")) == ("named", 1)
    assert agrees(follower)
    here.set("anna", "uid", "anna.b")  # which nobody reads but for groups
    assert len(follower.run().entries) == 1
    assert agrees(follower)


@pytest.mark.parametrize("kind, way, options", [
    ("sessionlog", "syncrepl", []), (AD, "dirsync", ["--groups-member", "memberUid"])])
def test_members_that_may_be_worked_out_are_not_remembered(site, tmp_path, kind, way, options):
    here = site(kind)
    here.person("anna")
    here.group("staff", "anna")
    if kind == AD:
        here.set("anna", "uid", "anna")
        here.connection.modify_s(f"cn=staff,{here.elsewhere}", [(ldap.MOD_ADD, "memberUid", b"anna")])
    here.login += options
    follower = follow(here, way, tmp_path, attributes=("mail", "groups"))
    here.set("anna", "mail", "new@example.edu")
    answer = follower.run()
    assert (answer.outcome, len(answer.entries)) == ("named", 1)
    assert not any(REMEMBERED in text for text in answer.said("info"))
    assert agrees(follower)


FEATURE = ("CN=Privileged Access Management Feature,CN=Optional Features,CN=Directory Service,"
           f"CN=Windows NT,CN=Services,CN=Configuration,{ad_server.BASE}")


@pytest.mark.parametrize("feature, may_end", [
    ((f"msDS-EnabledFeatureBL: CN=Partitions,CN=Configuration,{ad_server.BASE}",), True),
    ((), False),
    (None, True)], ids=["enabled", "disabled", "hidden"])
def test_memberships_that_end_by_themselves(tmp_path, feature, may_end):
    """In a forest where they may have a time to live nobody tells of their end."""
    entries = ad_server.people(3) + ad_server.group("staff", [ad_server.person_dn(1)])
    if feature is not None:
        entries += ad_server.record(FEATURE, "objectClass: msDS-OptionalFeature", *feature)
    secret = tmp_path / "password"
    secret.touch(0o600)
    with ad_server.AdServer(tmp_path, entries) as server:
        secret.write_text(server.reader_password)
        login = ["--uri", server.uri, "--tls", "none", "--dn", server.reader, "--password", secret]
        follower = Follower(login, "dirsync", [f"subtree,(sn=*),{ad_server.PEOPLE}"],
                            tmp_path / "mark", "objectGUID", ("sn", "groups"))
        assert follower.run().outcome == "read_all"
        for _ in range(2):
            answer = follower.run()
            assert (answer.outcome, answer.fact("memberships")) == ("named", may_end)
            assert any(REMEMBERED in text for text in answer.said("info")) == (not may_end)


def test_changes_of_groups_are_asked_for_where_groups_are_read(site, tmp_path):
    here = site("sessionlog")
    for name in ("anna", "bert"):
        here.person(name)
    inner = f"ou=groups,{here.elsewhere}"
    here.add(inner, "organizationalUnit", {})
    here.group("outside", "anna")
    here.connection.add_s(f"cn=inside,{inner}", [("objectClass", [b"groupOfNames"]),
                                                 ("member", [here.dn("anna").encode()])])
    here.login += ["--groups-base", inner]
    follower = follow(here, "syncrepl", tmp_path, attributes=("mail", "groups"))
    here.join("outside", "bert")
    assert follower.run().fact("memberships") == 0
    here.connection.modify_s(f"cn=inside,{inner}",
                             [(ldap.MOD_ADD, "member", here.dn("bert").encode())])
    here.set("bert", "mail", "new@example.edu")
    answer = follower.run()
    assert (answer.outcome, answer.fact("memberships")) == ("named", 1)
    (bert,) = answer.entries.values()
    assert bert["groups"] == [f"cn=inside,{inner}".encode()]


@pytest.mark.parametrize("kind", ["sessionlog", AD])
def test_groups_that_time_stamps_do_not_tell_of(site, tmp_path, kind):
    here = site(kind)
    here.person("anna")
    here.group("staff", "anna")
    follower = follow(here, "timestamp", tmp_path, attributes=("memberOf",))
    here.delete(f"cn=staff,{here.elsewhere}")
    assert follower.run().fact("memberships") == 1


def test_more_changes_than_the_account_may_read(make_slapd, login, tmp_path):
    """A limit that paging lifts does not lift for a question of changes."""
    server = make_slapd(tree() + people(30), extras=["sessionlog"],
                        limits="limits * size=20 size.pr=unlimited size.prtotal=unlimited")
    follower = Follower(["--uri", server.ldap_uri, "--tls", "none", *login], "syncrepl",
                        [f"subtree,(uid=*),{PEOPLE}"], tmp_path / "mark")
    assert follower.run().outcome == "read_all"
    connection = server.ldap()
    for number in range(1, 26):
        connection.modify_s(f"uid=u{number:06d},{PEOPLE}", [(ldap.MOD_REPLACE, "title", b"x")])
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert "size limit exceeded (4)" in answer.reason
    assert follower.known == follower.everybody()
    assert follower.run().outcome == "named"
