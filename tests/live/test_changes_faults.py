"""Asking for changes where a server says what real ones seldom or never say."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import ad_server
import fake_ldap
import ldap
import pytest
from ad_server import AdServer
from changing import Follower
from fake_ldap import (DONE, ENTRY, SEARCH, FakeServer, Hangup, accept_login, ber, elements, entry,
                       integer, message, octets, result)

SYNC = b"1.3.6.1.4.1.4203.1.9.1."
INTERMEDIATE = 0x79
DIRSYNC = b"1.2.840.113556.1.4.841"
BASE = "ou=people,dc=example,dc=edu"
PRESENT, ADD, MODIFY, DELETE = range(4)


# ---- a server of syncrepl


def identifier(number):
    return bytes(15) + bytes([number])


def entry_uuid(number):
    text = identifier(number).hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def control(oid, value):
    return ber(0x30, octets(oid), octets(value))


def state(kind, number, cookie=b""):
    value = ber(0x30, integer(kind, 0x0A), octets(identifier(number)), cookie)
    return control(SYNC + b"2", value)


def done(cookie=b"next", deletes=True):
    flag = ber(0x01, b"\xff") if deletes else b""
    return control(SYNC + b"3", ber(0x30, octets(cookie) if cookie else b"", flag))


def said(value, oid=SYNC + b"4"):
    return ber(INTERMEDIATE, ber(0x80, oid), ber(0x81, value))


def id_set(numbers, deletes):
    flag = ber(0x01, b"\xff") if deletes else b""
    return said(ber(0xA3, flag, ber(0x31, *(octets(identifier(one)) for one in numbers))))


class Provider:
    """Everybody has the numbers 1 to 9. `script` says what comes after a cookie: pairs of a body and
    its controls."""

    def __init__(self, script=None):
        self.script = script or []
        self.groups = [(result(DONE), done())]  # the same for groups, which are asked about elsewhere
        self.cookies = []
        self.asked = []  # whom each search for somebody was for
        self.root = {"objectClass": ["OpenLDAProotDSE"], "namingContexts": ["dc=example,dc=edu"],
                     "supportedControl": [SYNC + b"1"]}

    def answer(self, request, say):
        if accept_login(request, say) or request.kind != SEARCH:
            return
        ok = message(request.number, result(DONE))
        if request.searched_base() == "":
            say(message(request.number, entry("", self.root)) + ok)
        elif SYNC in request.controls:
            self.refresh(request, say)
        elif "entryUUID" in request.searched_attributes():
            asked = [number for number in range(1, 10)
                     if self.wants(request, number)]
            if b"entryUUID" in list(elements(request.body))[6][1]:
                self.asked.append(asked)
            for number in asked:
                say(message(request.number, entry(f"uid=u{number},{BASE}", {
                    "entryUUID": [entry_uuid(number)], "mail": [f"u{number}@example.edu"]})))
            say(ok)
        else:
            say(ok)

    @staticmethod
    def wants(request, number):
        return b"entryUUID" not in list(elements(request.body))[6][1] or \
            entry_uuid(number).encode() in request.body

    def refresh(self, request, say):
        value = list(elements(list(elements(request.controls))[0][1]))[-1][1]
        parts = list(elements(list(elements(value))[0][1]))
        cookie = parts[1][1] if len(parts) > 1 else b""
        self.cookies.append(cookie)
        if not cookie:
            say(message(request.number, result(DONE), done(b"first")))
            return
        asked_by_groups = request.searched_base() == self.root["namingContexts"][0]
        for body, controls in self.groups if asked_by_groups else self.script:
            if body is Hangup:
                raise Hangup
            say(message(request.number, body, controls))


@pytest.fixture
def follow(tmp_path):
    """follow(script): a follower that has a mark, its server, and what the server will say next."""
    running = []

    def start(*script, **options):
        provider = Provider(script)
        server = FakeServer(provider.answer).__enter__()
        running.append(server)
        follower = Follower(
            ["--uri", server.uri, "--tls", "none", "--bind", "anonymous", "--answer-timeout", "5"],
            "syncrepl", [f"subtree,(uid=*),{BASE}"], tmp_path / "mark", **options)
        assert follower.run().outcome == "read_all"
        assert len(follower.known) == 9
        return follower, provider

    yield start
    for server in running:
        server.__exit__()


def found(number, kind=ADD, cookie=b""):
    return entry(f"uid=u{number},{BASE}", {}), state(kind, number, cookie)


END = (result(DONE), done())


def test_a_delete_phase(follow):
    follower, provider = follow(found(1), found(2, MODIFY), found(33, DELETE), END)
    answer = follower.run()
    assert answer.named == {identifier(number).hex() for number in (1, 2, 33)}
    assert answer.present == set() and not answer.fact("exhaustive")
    assert len(answer.entries) == 2
    follower.run()
    assert provider.cookies == [b"", b"first", b"next"]


def test_a_present_phase(follow):
    follower, _ = follow(found(1), found(2, PRESENT), (id_set([3, 4], deletes=False), b""),
                         (result(DONE), done(deletes=False)))
    answer = follower.run()
    assert answer.named == {identifier(1).hex()}
    assert answer.present == {identifier(number).hex() for number in (2, 3, 4)}
    assert answer.fact("exhaustive")
    assert sorted(follower.known) == [identifier(number).hex() for number in (1, 2, 3, 4)]


def test_a_present_phase_before_a_delete_phase(follow):
    """refreshPresent ends the first one within the refresh."""
    follower, _ = follow((id_set([1, 2, 3], deletes=False), b""), (said(ber(0xA2)), b""),
                         (id_set([3], deletes=True), b""), found(2), END)
    answer = follower.run()
    assert answer.fact("exhaustive")
    assert sorted(follower.known) == [identifier(1).hex(), identifier(2).hex(), identifier(3).hex()]
    assert answer.named == {identifier(2).hex(), identifier(3).hex()}


@pytest.mark.parametrize("carrier", [
    lambda cookie: (said(ber(0x80, cookie)), b""),
    lambda cookie: (said(ber(0xA1, octets(cookie))), b""),
    lambda cookie: found(1, ADD, octets(cookie)),
])
def test_cookies_come_anywhere(follow, carrier):
    follower, provider = follow(carrier(b"between"), (result(DONE), done(cookie=b"")))
    follower.run()
    follower.run()
    assert provider.cookies == [b"", b"first", b"between"]


def test_no_new_cookie_means_that_the_old_one_is_good(follow):
    follower, provider = follow((result(DONE), done(cookie=b"")))
    assert follower.run().outcome == "named"
    follower.run()
    assert provider.cookies == [b"", b"first", b"first"]


def test_words_that_nobody_knows_are_ignored(follow):
    follower, _ = follow((said(b"\xff\xff", oid=b"1.2.3.4"), b""),
                         (ber(fake_ldap.REFERENCE, octets("ldap://elsewhere/")), b""), END)
    assert follower.run().outcome == "named"


# ---- entries that come with their names


def whole(number, mail=""):
    """The entry as a search finds it, or with another address."""
    return entry(f"uid=u{number},{BASE}", {
        "entryUUID": [entry_uuid(number)], "mail": [mail or f"u{number}@example.edu"]}), state(ADD, number)


EVERYBODY = range(1, 10)
SAMPLE = [1, 2, 3, 4, 5, 6, 7, 8]


def mails(follower):
    return sorted(entry["mail"][0].decode() for entry in follower.known.values())


@pytest.mark.parametrize("script, asked", [
    ([*map(whole, EVERYBODY), END], [SAMPLE]),
    # 9 is not in the sample, and what came of it is not what it is now.
    ([*map(whole, EVERYBODY), (id_set([9], deletes=True), b""), END], [SAMPLE, [9]]),
    ([*map(whole, EVERYBODY), whole(9, "older"), END], [SAMPLE, [9]]),
    ([*map(whole, SAMPLE), found(9, DELETE), END], [SAMPLE, [9]]),
    # Nothing of it is used where the search finds something else.
    ([whole(1, "other"), *map(whole, EVERYBODY[1:]), END], [SAMPLE, [9]]),
    ([*(whole(number, "other") for number in EVERYBODY), END], [SAMPLE, [9]]),
    ([found(5), *(whole(number) for number in EVERYBODY if number != 5), END], [SAMPLE, [9]]),
], ids=["all", "gone", "twice", "named", "one-other", "all-other", "empty"])
def test_entries_come_with_their_names(follow, script, asked):
    follower, provider = follow(*script)
    provider.asked.clear()
    follower.run()
    assert [sorted(one) for one in provider.asked] == asked
    assert mails(follower) == [f"u{number}@example.edu" for number in EVERYBODY]


def test_entries_of_several_searches_are_read_by_these(follow):
    follower, provider = follow(*map(whole, EVERYBODY), END)
    follower.searches.append(f"subtree,(uid=*),ou=more,{BASE}")
    follower.run()
    provider.asked.clear()
    assert follower.run().outcome == "named"
    assert [sorted(one) for one in provider.asked] == [[*EVERYBODY]] * 2


def test_more_than_there_is_room_for_is_read_by_search(follow):
    """Some megabytes are kept, and nothing of what is more."""
    follower, provider = follow(*(whole(number, "m" * 2000000) for number in EVERYBODY), END)
    provider.asked.clear()
    follower.run()
    assert [sorted(one) for one in provider.asked] == [[*EVERYBODY]]
    assert mails(follower) == [f"u{number}@example.edu" for number in EVERYBODY]


@pytest.mark.parametrize("changes, asked", [([], SAMPLE), ([found(3, MODIFY)], [*EVERYBODY]),
                                            ([found(3, DELETE)], [*EVERYBODY])])
def test_entries_are_read_by_search_where_a_group_has_changed(follow, changes, asked):
    """It may have changed after the entries were sent. What is told of groups comes first here."""
    follower, provider = follow(*map(whole, EVERYBODY), END, attributes=("mail", "memberOf"))
    provider.groups = [*changes, END]
    provider.asked.clear()
    answer, waiting = provider.refresh, []

    def refresh(request, say):
        if request.searched_base() == BASE and len(provider.cookies) == 2:
            waiting.append(request)
            return
        answer(request, say)
        while waiting:
            answer(waiting.pop(), say)

    provider.refresh = refresh
    answer = follower.run()
    assert (answer.outcome, answer.fact("memberships")) == ("named", bool(changes)), answer.output
    assert [sorted(one) for one in provider.asked] == [asked]
    assert mails(follower) == [f"u{number}@example.edu" for number in EVERYBODY]


def test_what_is_asked_at_once_is_given_up_at_once(follow):
    """Where everybody has to be read, what is told of groups is not waited for."""
    follower, provider = follow((result(DONE, 4096), b""), attributes=("mail", "memberOf"))
    provider.groups = []
    answer = follower.run()
    assert (answer.outcome, answer.error) == ("read_all", "")
    assert "no longer knows what has changed" in answer.reason


NONE_OF_RFC_4533 = "'ldap://HERE' answers a question for changes in a way that RFC 4533 does not have"


@pytest.mark.parametrize("script, reason", [
    ([(result(DONE, 4096), b"")],
     "'ldap://HERE' no longer knows what has changed since the last run"),
    ([(result(DONE, 80, "the log is broken"), b"")],
     f"the question for changes below '{BASE}' on 'ldap://HERE' failed: other "
     "(e.g., implementation specific) error (80), 'the log is broken'"),
    ([(result(DONE), b"")], NONE_OF_RFC_4533),
    ([(result(DONE), control(SYNC + b"3", b"\x30\x05"))], NONE_OF_RFC_4533),
    ([(entry(f"uid=u1,{BASE}", {}), b""), END], NONE_OF_RFC_4533),
    ([(entry(f"uid=u1,{BASE}", {}), control(SYNC + b"2", ber(0x30, integer(9, 0x0A)))), END],
     NONE_OF_RFC_4533),
    ([(said(ber(0xA3, ber(0x31, octets(b"short")))), b""), END], NONE_OF_RFC_4533),
    ([found(1), (Hangup, b"")], "cannot ask for changes at 'ldap://HERE': can't contact "
     "LDAP server: the server closed the connection"),
], ids=["refresh-required", "error", "no-done", "bad-done", "no-state", "bad-state", "bad-id-set",
        "hang-up"])
def test_everybody_is_read_instead(follow, script, reason):
    follower, provider = follow(*script)
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason.replace(follower.login[1], "ldap://HERE") == reason
    assert len(follower.known) == 9
    # The next run goes on from a new mark.
    provider.script = [END]
    assert follower.run().outcome == "named"


def test_a_server_that_gives_no_cookie(follow):
    follower, provider = follow(END)
    provider.refresh = lambda request, say: say(message(request.number, result(DONE), done(b"")))
    follower.mark.unlink()
    answer = follower.run()
    assert (answer.outcome, answer.facts["way"], answer.fact("mark")) == ("read_all", "full", 0)
    assert answer.reason == (f"'{follower.login[1]}' does not say up to when it has told of changes")


def test_syncrepl_that_is_offered_and_refused(follow):
    """OpenLDAP offers the control for all of its data bases, whichever has the overlay."""
    follower, provider = follow(END)
    provider.refresh = lambda request, say: say(message(request.number, result(
        DONE, 12, "critical control unavailable in context")))
    follower.way = "auto"
    follower.mark.unlink()
    answer = follower.run()
    assert (answer.outcome, answer.facts["way"], answer.fact("mark")) == ("read_all", "full", 0)
    assert "critical" in answer.reason


# ---- Active Directory


@pytest.fixture
def domain(tmp_path):
    """domain(option, ...): a follower of a domain of twenty people, and its server."""
    running = []
    secret = tmp_path / "password"
    secret.write_text(ad_server.READER_PASSWORD + "\n")
    secret.chmod(0o600)

    def start(way, *options, **more):
        deleted = ad_server.record(f"CN=Deleted Objects,{ad_server.BASE}", "objectClass: container",
                                   "name: Deleted Objects")
        server = AdServer(tmp_path, deleted + ad_server.people(20), *options).start()
        running.append(server)
        follower = Follower(["--uri", server.uri, "--tls", "none", "--dn", server.reader,
                             "--password", secret], way,
                            [f"subtree,(objectClass=user),{ad_server.PEOPLE}"], tmp_path / "mark",
                            id_attribute="objectGUID", **more)
        answer = follower.run()
        assert answer.outcome == "read_all" and answer.fact("mark") > 0, answer.reason
        assert len(follower.known) == 20
        return follower, server

    yield start
    for server in running:
        server.stop()


def change_some(server):
    connection = server.ldap()
    for number in range(1, 8):
        connection.modify_s(ad_server.person_dn(number),
                            [(ldap.MOD_REPLACE, "mail", f"new{number}@example.edu".encode()),
                             (ldap.MOD_REPLACE, "sn", b"New")])
    connection.delete_s(ad_server.person_dn(9))


@pytest.mark.parametrize("options", [[], ["--dirsync-objects", 2],
                                     ["--dirsync-objects", 1, "--dirsync-attributes", 1]],
                         ids=["one-round", "rounds", "pieces"])
def test_dirsync_in_rounds(domain, options):
    follower, server = domain("dirsync", *options, attributes=("mail", "sn"))
    change_some(server)
    rounds = len(server.requests())
    answer = follower.run()
    assert answer.outcome == "named"
    assert len(answer.entries) == 7
    assert follower.known == follower.everybody() and len(follower.known) == 19
    if options:
        assert len(server.requests()) - rounds > 8
    assert follower.run().named == set()


def test_usn_of_a_domain(domain):
    follower, server = domain("usn")
    change_some(server)
    answer = follower.run()
    assert answer.outcome == "named" and len(answer.entries) == 7, answer.reason
    assert len(follower.known) == 19


def test_auto_without_the_right(domain):
    follower, server = domain("auto", "--no-replication-right")
    change_some(server)
    answer = follower.run()
    assert answer.outcome == "named" and len(answer.entries) == 7, answer.reason
    assert answer.facts["way"] in ("dirsync", "usn")


def test_a_domain_controller_that_was_set_up_anew(domain, tmp_path):
    follower, server = domain("usn", "--invocation", "00112233445566778899aabbccddeeff")
    server.stop()
    server.options = ("--invocation", "10112233445566778899aabbccddeeff")
    server.start()
    answer = follower.run()
    assert answer.outcome == "read_all"
    assert answer.reason == ("the server is not the same as in the last run: it was restored or "
                             "set up anew")


class Circling:
    """A domain controller that says there is more, and tells the same for ever."""

    def __init__(self):
        self.more = 0
        self.root = {"supportedCapabilities": ["1.2.840.113556.1.4.800"],
                     "supportedControl": [DIRSYNC.decode()], "namingContexts": [ad_server.BASE],
                     "defaultNamingContext": [ad_server.BASE]}

    def answer(self, request, say):
        if accept_login(request, say) or request.kind != SEARCH:
            return
        ok = message(request.number, result(DONE))
        if request.searched_base() == "":
            say(message(request.number, entry("", self.root)) + ok)
        elif DIRSYNC in request.controls:
            say(message(request.number, entry(ad_server.person_dn(1), {
                "objectGUID": ["0123456789abcdef"]})))
            value = ber(0x30, integer(self.more), integer(0), octets(b"there"))
            say(message(request.number, result(DONE), control(DIRSYNC, value)))
        else:
            say(ok)


def test_dirsync_that_never_ends(tmp_path):
    controller = Circling()
    with FakeServer(controller.answer) as server:
        follower = Follower(
            ["--uri", server.uri, "--tls", "none", "--bind", "anonymous", "--answer-timeout", "5"],
            "dirsync", [f"subtree,(objectClass=user),{ad_server.PEOPLE}"], tmp_path / "mark",
            id_attribute="objectGUID")
        assert follower.run().outcome == "read_all"
        assert follower.run().outcome == "named"
        controller.more = 1
        answer = follower.run()
        assert answer.outcome == "read_all"
        assert answer.reason == f"'{server.uri}' gets no further and always says there are more changes"
