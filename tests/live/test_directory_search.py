"""directory/: searches to their end, pages, limits, and connections that break."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import signal
import time

import fake_ldap
import pytest
from fake_ldap import FakeServer, accept_login, message, result
from reading import (CALLBACK, CONFIGURATION, COUNT, EVERYONE, PERMISSION,
                     UNAVAILABLE, WANTED, dn_of, is_whole, login, password, read, start, trusted,
                     unencrypted)
from relay import Relay
from slapd import (PEOPLE, SUFFIX, certificates, ldif, make_slapd, people, person,
                   tree, university)


# ---- pages and limits


def test_without_pages_the_size_limit_strikes(university, login):
    answer = read(*unencrypted(university), *login, *WANTED, "--page", 0)
    assert answer.status == UNAVAILABLE
    assert "size limit exceeded (4)" in answer.error
    assert "not the whole" in answer.hint


def test_a_page_that_is_too_large_is_halved(make_slapd, login):
    server = make_slapd(tree() + people(COUNT),
                        limits="limits * size=500 size.pr=200 size.prtotal=unlimited")
    answer = read(*unencrypted(server), *login, *WANTED, "--page", 1000, "--search", EVERYONE)
    assert len(answer.entries) == COUNT
    smaller = [text for text in answer.said("info") if "does not take pages" in text]
    assert [text.split()[-1] for text in smaller] == ["500", "250", "125"]


def test_a_limit_on_all_pages_fails(make_slapd, login):
    server = make_slapd(tree() + people(COUNT),
                        limits="limits * size=500 size.pr=unlimited size.prtotal=500")
    answer = read(*unencrypted(server), *login, *WANTED)
    assert answer.status == UNAVAILABLE
    assert "limit exceeded" in answer.error


def test_the_time_limit_strikes(make_slapd, login):
    """The server waits for a slow reader when all buffers are full, and its time runs on."""
    large = "x" * 100000
    server = make_slapd(tree() + "".join(person(i, f"description: {large}") for i in range(300)),
                        limits="limits * size=unlimited time=1")
    answer = read(*unencrypted(server), *login, *WANTED, "--attribute", "description", "--page", 0,
                  "--count", "--work", 15000)
    assert answer.status == UNAVAILABLE
    assert "time limit exceeded (3)" in answer.error


def test_a_server_without_paging_is_whole_too(login):
    def answer_at_once(request, say):
        if accept_login(request, say):
            return
        for number in range(3):
            say(message(request.number, fake_ldap.entry(f"uid={number}", {"uid": [str(number)]})))
        say(message(request.number, result(fake_ldap.DONE)))
    with FakeServer(answer_at_once) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *WANTED)
    assert (answer.status, len(answer.entries)) == (0, 3)


@pytest.mark.parametrize("code, status, restarts", [
    (1, UNAVAILABLE, 0), (3, UNAVAILABLE, 0), (4, UNAVAILABLE, 0), (11, UNAVAILABLE, 0),
    (12, UNAVAILABLE, 0), (50, PERMISSION, 0), (51, UNAVAILABLE, 1), (52, UNAVAILABLE, 1),
    (53, UNAVAILABLE, 0), (80, UNAVAILABLE, 0)])
def test_each_bad_end_of_a_search_fails_the_read(login, code, status, restarts):
    def end_badly(request, say):
        if accept_login(request, say):
            return
        say(message(request.number, fake_ldap.entry("uid=1", {"uid": ["1"]})))
        say(message(request.number, result(fake_ldap.DONE, code, "own words")))
    with FakeServer(end_badly) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *WANTED)
    assert answer.status == status
    assert f"({code})" in answer.error and "'own words'" in answer.error
    assert answer.count("restarts") == restarts
    assert answer.transient == (restarts > 0)


def test_a_page_without_a_cookie_fails(login):
    def forget_paging(request, say):
        if accept_login(request, say):
            return
        first = b"cookie" not in request.controls
        say(message(request.number, fake_ldap.entry("uid=1", {"uid": ["1"]})))
        say(message(request.number, result(fake_ldap.DONE),
                    fake_ldap.page_control("cookie") if first else b""))
    with FakeServer(forget_paging) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *WANTED)
    assert answer.status == UNAVAILABLE
    assert "answered page 2 of a search without saying whether more follow" in answer.error


def test_empty_pages_come_to_an_end(login):
    def never_end(request, say):
        if accept_login(request, say):
            return
        say(message(request.number, result(fake_ldap.DONE), fake_ldap.page_control("more")))
    with FakeServer(never_end) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *WANTED)
    assert answer.status == UNAVAILABLE
    assert "nothing but empty pages" in answer.error


def test_the_next_page_is_asked_for_before_this_one_is_used(login):
    """The callback fails at the first entry; by then the server has got the second request."""
    def answer_pages(request, say):
        if accept_login(request, say):
            return
        say(message(request.number, fake_ldap.entry("uid=1", {"uid": ["1"]})))
        say(message(request.number, result(fake_ldap.DONE), fake_ldap.page_control("more")))
    with FakeServer(answer_pages) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *WANTED, "--fail-after", 0)
        deadline = time.monotonic() + 5  # the server may read it only after the client is gone
        while [request.kind for request in server.requests].count(fake_ldap.SEARCH) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert answer.status == CALLBACK


def test_a_page_of_large_and_small_entries_keeps_its_order(login):
    """Large entries are worked on as they come, small ones are held back to the page's end."""
    numbers = list(range(3000))
    large = {number: ["x" * 900000] for number in (0, 1, 2, 3, 4, 5, 6, 20, 21, 22, 23, 24, 2000)}

    def answer_mixed(request, say):
        if accept_login(request, say):
            return
        for number in numbers:
            say(message(request.number, fake_ldap.entry(f"uid={number}",
                                                        {"uid": large.get(number, ["x"])})))
        say(message(request.number, result(fake_ldap.DONE)))
    with FakeServer(answer_mixed) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *WANTED)
    assert answer.status == 0
    assert list(answer.entries) == [f"uid={number}" for number in numbers]
    assert [len(entry["uid"][0]) for entry in answer.entries.values()] == [
        len(large.get(number, "x")[0]) for number in numbers]


# ---- connections that break


@pytest.mark.parametrize("fault", [["--cut-after", "60000"], ["--cut-after", "60000", "--reset"],
                                   ["--stall-after", "60000"]])
@pytest.mark.parametrize("encrypted", [False, True])
def test_a_broken_connection_starts_again(university, login, trusted, fault,
                                          encrypted):
    port = university.tls_port if encrypted else university.port
    with Relay(port, *fault, "--faulty", "1") as relay:
        where = ["--uri", f"ldaps://127.0.0.1:{relay.port}", *trusted] if encrypted else \
            ["--uri", f"ldap://127.0.0.1:{relay.port}", "--tls", "none"]
        answer = read(*where, *login, *WANTED, "--answer-timeout", 1)
    assert is_whole(answer)
    assert answer.count("restarts") == 1
    assert any("from the start" in text for text in answer.said("warning"))


def test_a_server_that_breaks_twice_is_left_for_the_next(university, login):
    with Relay(university.port, "--cut-after", "60000") as relay:
        answer = read("--uri", f"ldap://127.0.0.1:{relay.port}", *unencrypted(university), *login,
                      *WANTED)
    assert is_whole(answer)
    assert answer.count("restarts") == 2
    assert answer.counts["server"] == university.ldap_uri


@pytest.mark.parametrize("fault, words", [
    ("--cut-after", "the server closed the connection"), ("--stall-after", "timed out")])
def test_when_all_break_the_read_fails(university, login, fault, words):
    with Relay(university.port, fault, "60000") as relay:
        answer = read("--uri", f"ldap://127.0.0.1:{relay.port}", "--tls", "none", *login, *WANTED,
                      "--answer-timeout", 1)
    assert answer.status == UNAVAILABLE
    assert answer.transient
    assert answer.count("restarts") == 1
    assert words in answer.error


def test_a_lost_connection_restarts_all_searches(university, login):
    """The second search breaks: what the first one found is void too."""
    halves = ["--search", f"subtree,(uid=u0000*),{PEOPLE}", "--search",
              f"subtree,(!(uid=u0000*)),{PEOPLE}"]
    with Relay(university.port, "--cut-after", "60000", "--faulty", "1") as relay:
        answer = read("--uri", f"ldap://127.0.0.1:{relay.port}", "--tls", "none", *login, *halves,
                      "--attribute", "uid", "--attribute", "mail", "--page", 50)
    assert answer.count("restarts") == 1
    assert len(answer.entries) == COUNT + 1  # and ou=people
    assert answer.count("entries") == COUNT + 1
    assert answer.count("repeated") == 0


def test_a_killed_server_that_comes_back(make_slapd, login):
    server = make_slapd(tree() + people(COUNT), limits="limits * size.prtotal=unlimited")
    reader = start(*unencrypted(server), *login, *WANTED, "--page", 50, "--work", 2000)
    lines = []
    while not lines or not lines[-1].startswith("entry"):
        lines.append(reader.stdout.readline())
    server.kill()
    server.start()
    rest = reader.stdout.read()
    assert reader.wait() == 0, rest[-500:]
    assert "restart\n" in rest
    assert f"entries={COUNT} repeated=0 referrals=0 restarts=1" in rest


def test_signals_do_not_end_a_read(university, login):
    with Relay(university.port, "--delay-ms", "20") as relay:
        reader = start("--uri", f"ldap://127.0.0.1:{relay.port}", "--tls", "none", *login, *WANTED)
        reader.stdout.readline()
        for number in (signal.SIGSTOP, signal.SIGCONT) * 5:
            reader.send_signal(number)
        output = reader.stdout.read()
        assert reader.wait() == 0
    assert f"entries={COUNT} repeated=0 referrals=0 restarts=0" in output


# ---- searches


def test_a_missing_base_names_what_exists(make_slapd, login):
    server = make_slapd(tree(), access="access to * by * read")
    answer = read(*unencrypted(server), *login, "--search",
                  f"subtree,(uid=*),ou=none,{PEOPLE}", "--attribute", "uid")
    assert answer.status == CONFIGURATION
    assert f"below 'ou=none,{PEOPLE}'" in answer.error
    assert f"Only '{PEOPLE}' exists" in answer.hint


@pytest.mark.parametrize("search, words", [
    (f"subtree,((uid=*),{PEOPLE}", "the filter '((uid=*)'"),
    ("subtree,(uid=*),people of example", "invalid DN syntax (34)")])
def test_bad_searches_are_faults_of_the_settings(university, login, search, words):
    answer = read(*unencrypted(university), *login, "--search", search, "--attribute", "uid")
    assert answer.status == CONFIGURATION
    assert words in answer.error


def test_scopes(make_slapd, login):
    server = make_slapd(tree() + people(2) + ldif(f"ou=staff,{PEOPLE}",
                                                  "objectClass: organizationalUnit", "ou: staff")
                        + person(3, unit="staff,ou=people"))
    for scope, count in (("subtree", 3), ("one", 2), ("base", 0)):
        answer = read(*unencrypted(server), *login, "--search", f"{scope},(uid=*),{PEOPLE}",
                      "--attribute", "uid")
        assert (answer.status, answer.count("entries")) == (0, count)


def test_two_searches_hand_each_person_over_once(university, login):
    answer = read(*unencrypted(university), *login, *WANTED, "--search",
                  f"subtree,(uid=u00100*),{SUFFIX}", "--search", f"base,(ou=*),{PEOPLE}")
    assert answer.status == 0
    assert answer.doubled == 0
    assert answer.count("entries") == COUNT + 1
    assert answer.count("repeated") == 10
    assert "10 more were found by an earlier search already" in answer.said("info")


def test_one_of_several_searches_that_fails_fails_all(university, login):
    answer = read(*unencrypted(university), *login, *WANTED, "--search",
                  f"subtree,(uid=*),ou=none,{SUFFIX}")
    assert answer.status == CONFIGURATION
    assert answer.count("entries") == COUNT


def test_references_are_counted_and_not_followed(make_slapd, login):
    with FakeServer(accept_login) as other:
        server = make_slapd(tree() + people(5) + ldif(
            f"ou=remote,{PEOPLE}", "objectClass: referral", "objectClass: extensibleObject",
            "ou: remote", f"ref: {other.uri}/ou=remote,{PEOPLE}"))
        answer = read(*unencrypted(server), *login, *WANTED)
        assert (answer.status, answer.count("entries"), answer.count("referrals")) == (0, 5, 1)
        answer = read(*unencrypted(server), *login, "--attribute", "uid", "--search",
                      f"subtree,(uid=*),ou=remote,{PEOPLE}")
        assert answer.status == CONFIGURATION
        assert "referral (10)" in answer.error
        assert other.uri in answer.hint
        assert other.connections == 0


def test_aliases_in_the_tree_are_not_followed(make_slapd, login):
    server = make_slapd(tree() + people(2) + ldif(
        f"uid=double,{PEOPLE}", "objectClass: alias", "objectClass: extensibleObject",
        "uid: double", f"aliasedObjectName: {dn_of(1)}"))
    answer = read(*unencrypted(server), *login, *WANTED)
    assert answer.status == 0
    assert sorted(answer.entries) == sorted([dn_of(1), dn_of(2), f"uid=double,{PEOPLE}"])
