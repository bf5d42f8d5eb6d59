"""directory/ against real servers: slapd, with what real networks and bad servers do to it.

What is read is what tests/support/read_directory prints (reading.py). Exit statuses: 69 not
reachable or cut short, 77 no permission, 78 settings.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time

import fake_ldap
import pytest
import slapd
from fake_ldap import FakeServer, accept_login, message, result
from reading import read, start
from relay import Relay
from slapd import (PEOPLE, READER, READER_PASSWORD, SUFFIX, certificates,  # noqa: F401
                   ldif, make_slapd, people, person, tree, university)

UNAVAILABLE, PERMISSION, CONFIGURATION, CALLBACK = 69, 77, 78, 73
EVERYONE = f"subtree,(uid=*),{PEOPLE}"
COUNT = 1200


@pytest.fixture(scope="session")
def password(tmp_path_factory):
    path = tmp_path_factory.mktemp("secrets") / "password"
    path.write_text(READER_PASSWORD + "\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def login(password):
    return ["--dn", READER, "--password", password]


@pytest.fixture
def trusted(certificates):  # noqa: F811
    return ["--ca", certificates.path("ca.pem")]


def unencrypted(server, *more):
    return ["--uri", server.ldap_uri, "--tls", "none", *more]


def dn_of(number):
    return f"uid=u{number:06d},{PEOPLE}"


def is_whole(answer):
    assert answer.error == ""
    assert answer.status == 0
    assert len(answer.entries) == COUNT
    assert answer.doubled == 0
    assert answer.count("entries") == COUNT
    assert answer.entries[dn_of(7)] == {"uid": [b"u000007"], "mail": [b"u000007@example.edu"]}
    return True


WANTED = ["--search", EVERYONE, "--attribute", "uid", "--attribute", "mail", "--page", "100"]


# ---- logging in


def test_ldaps(university, login, trusted):  # noqa: F811
    answer = read("--uri", university.ldaps_uri, *trusted, *login, *WANTED)
    assert is_whole(answer)
    assert answer.counts["server"] == university.ldaps_uri
    assert any(text.startswith(f"connected to {university.ldaps_uri} (TLS1.3, bound as '{READER}'")
               for text in answer.said("info"))
    assert f"search 1 of 1 below '{PEOPLE}': {COUNT} entries" in answer.said("info")


def test_starttls(university, login, trusted):  # noqa: F811
    assert is_whole(read("--uri", university.ldap_uri, *trusted, *login, *WANTED))


def test_plain_where_written_out(university, login):  # noqa: F811
    answer = read(*unencrypted(university), *login, *WANTED)
    assert is_whole(answer)
    assert "not encrypted" in "".join(answer.said("info"))


def test_client_certificate(university, certificates, trusted):  # noqa: F811
    ours = ["--cert", certificates.path("client.pem"), "--key", certificates.path("client.key")]
    for uri in (university.ldaps_uri, university.ldap_uri):
        assert is_whole(read("--uri", uri, *trusted, *ours, "--bind", "external", *WANTED))


def test_external_by_socket_file(university):  # noqa: F811
    assert is_whole(read("--uri", university.ldapi_uri, "--bind", "external", *WANTED))


def test_simple_by_socket_file(university, login):  # noqa: F811
    assert is_whole(read("--uri", university.ldapi_uri, *login, *WANTED))


def test_anonymous_sees_nothing_and_that_is_no_error(make_slapd):  # noqa: F811
    server = make_slapd(tree() + people(3), access=(
        f'access to dn.exact="{PEOPLE}" attrs=entry,children by * read\n'
        f'access to * by dn.exact="{READER}" read by * none'))
    answer = read(*unencrypted(server), "--bind", "anonymous", *WANTED)
    assert (answer.status, answer.count("entries")) == (0, 0)


def test_refused_login_is_tried_once(university, tmp_path):  # noqa: F811
    wrong = tmp_path / "password"
    wrong.write_text("wrong")
    wrong.chmod(0o600)
    with FakeServer(accept_login) as other:
        answer = read(*unencrypted(university), "--uri", other.uri, "--dn", READER, "--password",
                      wrong, *WANTED)
        assert other.connections == 0
    assert answer.status == PERMISSION
    assert "invalid credentials (49)" in answer.error
    assert not answer.transient
    assert "not tried again" in answer.hint


def test_external_needs_a_certificate(university):  # noqa: F811
    answer = read(*unencrypted(university), "--bind", "external", *WANTED)
    assert answer.status == CONFIGURATION
    assert "no client certificate" in answer.error


def test_active_directorys_reason_is_told(login):
    def refuse(request, say):
        say(message(request.number, result(fake_ldap.BIND_RESPONSE, 49, "80090308: LdapErr: "
            "DSID-0C090447, comment: AcceptSecurityContext error, data 775, v4563")))
    with FakeServer(refuse) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *WANTED)
        assert server.connections == 1
    assert answer.status == PERMISSION
    assert "the account is locked" in answer.error


@pytest.mark.parametrize("content, mode, words", [
    ("", 0o600, "is empty"), ("secret", 0o644, "others may read"), (None, 0, "No such file")])
def test_bad_password_files(university, tmp_path, content, mode, words):  # noqa: F811
    path = tmp_path / "password"
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    answer = read(*unencrypted(university), "--dn", READER, "--password", path, *WANTED)
    assert answer.status in (PERMISSION, CONFIGURATION)
    assert words in answer.error
    assert answer.messages == []


def test_a_server_that_wants_encryption(make_slapd, login):  # noqa: F811
    server = make_slapd(tree(), options="security simple_bind=128")
    answer = read(*unencrypted(server), *login, *WANTED)
    assert answer.status == PERMISSION
    assert "confidentiality required (13)" in answer.error
    assert "ldaps://" in answer.hint


# ---- encryption


@pytest.mark.parametrize("tls, ca, words", [
    ("server", "other_ca", "its issuer 'CN=Test Authority,O=Example University' is not trusted"),
    ("wronghost", "ca", "it is for 'CN=other.example.edu', and not for the host '127.0.0.1'"),
    ("expired", "ca", "it expired on 20"),
    ("selfsigned", "ca", "it is signed by itself ('CN=127.0.0.1')"),
])
def test_certificates_that_are_not_accepted(make_slapd, certificates, login, tls, ca,  # noqa: F811
                                            words):
    server = make_slapd(tree() + people(1), tls=tls)
    for uri in (server.ldaps_uri, server.ldap_uri):
        answer = read("--uri", uri, "--ca", certificates.path(f"{ca}.pem"), *login, *WANTED)
        assert answer.status == UNAVAILABLE
        assert f"the certificate of '{uri}' is not accepted: {words}" in answer.error
        assert not answer.transient
        assert answer.hint


def test_a_certificate_for_the_name(make_slapd, certificates, login, trusted):  # noqa: F811
    """A self-signed certificate is fine when it is the trusted one."""
    server = make_slapd(tree() + people(3), tls="selfsigned")
    answer = read("--uri", server.ldaps_uri, "--ca", certificates.path("selfsigned.pem"), *login,
                  *WANTED)
    assert (answer.status, answer.count("entries")) == (0, 3)


def test_the_environment_cannot_soften_it(university, certificates, login):  # noqa: F811
    careless = {**os.environ, "LDAPTLS_REQCERT": "never", "LDAPSIZELIMIT": "3",
                "LDAPTLS_CACERT": certificates.path("ca.pem")}
    answer = read("--uri", university.ldaps_uri, "--ca", certificates.path("other_ca.pem"), *login,
                  *WANTED, env=careless)
    assert answer.status == UNAVAILABLE
    assert is_whole(read("--uri", university.ldaps_uri, *login, *WANTED, env=careless))


def test_tls_1_1_is_refused(certificates, login, trusted):  # noqa: F811
    port = slapd.free_port()
    old = subprocess.Popen(
        ["openssl", "s_server", "-accept", str(port), "-cert", certificates.path("server.pem"),
         "-key", certificates.path("server.key"), "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0",
         "-quiet"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        slapd.wait_for_port(port)
        answer = read("--uri", f"ldaps://127.0.0.1:{port}", *trusted, *login, *WANTED)
    finally:
        old.kill()
        old.wait()
    assert answer.status == UNAVAILABLE
    assert f"cannot begin TLS with 'ldaps://127.0.0.1:{port}'" in answer.error


def test_refused_starttls_never_goes_on_in_the_clear(make_slapd, login, trusted):  # noqa: F811
    server = make_slapd(tree() + people(1), tls=None)
    with Relay(server.port) as relay:
        answer = read("--uri", f"ldap://127.0.0.1:{relay.port}", *trusted, *login, *WANTED)
    assert answer.status == UNAVAILABLE
    assert "cannot begin StartTLS" in answer.error
    assert "ldaps://" in answer.hint


def test_bytes_behind_the_starttls_answer_are_not_believed(login, trusted):
    """An attacker who puts answers before the handshake must not be heard."""
    def inject(request, say):
        assert request.kind == fake_ldap.EXTENDED
        say(message(request.number, result(fake_ldap.EXTENDED_RESPONSE))
            + message(request.number + 1, result(fake_ldap.BIND_RESPONSE))
            + message(request.number + 2, result(fake_ldap.DONE)))
    with FakeServer(inject) as server:
        answer = read("--uri", server.uri, *trusted, *login, *WANTED, "--connect-timeout", 2)
    assert answer.status == UNAVAILABLE
    assert "TLS" in answer.error


@pytest.mark.parametrize("mode, scheme", [("ldaps", "ldap"), ("starttls", "ldaps"),
                                          ("none", "ldaps"), ("starttls", "ldapi")])
def test_contradictions_are_told_before_any_connection(login, mode, scheme):
    answer = read("--uri", f"{scheme}://nowhere.example.edu", "--tls", mode, *login, *WANTED)
    assert answer.status == CONFIGURATION
    assert f"directory.tls.mode is {mode}" in answer.error
    assert answer.messages == []


@pytest.mark.parametrize("uri", ["ldap://", "http://example.edu", "ldap.example.edu", "ldaps:///",
                                 "ldap://example.edu/dc=example", "cldap://example.edu"])
def test_uris_that_are_none(login, uri):
    answer = read("--uri", uri, *login, *WANTED)
    assert answer.status == CONFIGURATION
    assert f"'{uri}' is not the URI of a directory server" in answer.error


def test_certificate_files(university, certificates, login, tmp_path):  # noqa: F811
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing\n")
    ca, key = certificates.path("ca.pem"), certificates.path("client.key")
    cases = [(["--ca", "/nonexistent.pem"], "directory.tls.ca_file: cannot read"),
             (["--ca", empty], "holds no '-----BEGIN CERTIFICATE'"),
             (["--ca", ca, "--cert", ca], "go together"),
             (["--ca", ca, "--cert", ca, "--key", empty], "holds no 'PRIVATE KEY-----'"),
             (["--ca", ca, "--cert", ca, "--key", key], "cannot set up TLS")]
    for files, words in cases:
        answer = read("--uri", university.ldaps_uri, *files, *login, *WANTED)
        assert answer.status == CONFIGURATION
        assert words in answer.error


# ---- pages and limits


def test_without_pages_the_size_limit_strikes(university, login):  # noqa: F811
    answer = read(*unencrypted(university), *login, *WANTED, "--page", 0)
    assert answer.status == UNAVAILABLE
    assert "size limit exceeded (4)" in answer.error
    assert "not the whole" in answer.hint


def test_a_page_that_is_too_large_is_halved(make_slapd, login):  # noqa: F811
    server = make_slapd(tree() + people(COUNT),
                        limits="limits * size=500 size.pr=200 size.prtotal=unlimited")
    answer = read(*unencrypted(server), *login, *WANTED, "--page", 1000, "--search", EVERYONE)
    assert len(answer.entries) == COUNT
    smaller = [text for text in answer.said("info") if "does not take pages" in text]
    assert [text.split()[-1] for text in smaller] == ["500", "250", "125"]


def test_a_limit_on_all_pages_fails(make_slapd, login):  # noqa: F811
    server = make_slapd(tree() + people(COUNT),
                        limits="limits * size=500 size.pr=unlimited size.prtotal=500")
    answer = read(*unencrypted(server), *login, *WANTED)
    assert answer.status == UNAVAILABLE
    assert "limit exceeded" in answer.error


def test_the_time_limit_strikes(make_slapd, login):  # noqa: F811
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


# ---- connections that break


@pytest.mark.parametrize("fault", [["--cut-after", "60000"], ["--cut-after", "60000", "--reset"],
                                   ["--stall-after", "60000"]])
@pytest.mark.parametrize("encrypted", [False, True])
def test_a_broken_connection_starts_again(university, login, trusted, fault,  # noqa: F811
                                          encrypted):
    port = university.tls_port if encrypted else university.port
    with Relay(port, *fault, "--faulty", "1") as relay:
        where = ["--uri", f"ldaps://127.0.0.1:{relay.port}", *trusted] if encrypted else \
            ["--uri", f"ldap://127.0.0.1:{relay.port}", "--tls", "none"]
        answer = read(*where, *login, *WANTED, "--answer-timeout", 1)
    assert is_whole(answer)
    assert answer.count("restarts") == 1
    assert any("from the start" in text for text in answer.said("warning"))


def test_a_server_that_breaks_twice_is_left_for_the_next(university, login):  # noqa: F811
    with Relay(university.port, "--cut-after", "60000") as relay:
        answer = read("--uri", f"ldap://127.0.0.1:{relay.port}", *unencrypted(university), *login,
                      *WANTED)
    assert is_whole(answer)
    assert answer.count("restarts") == 2
    assert answer.counts["server"] == university.ldap_uri


@pytest.mark.parametrize("fault, words", [
    ("--cut-after", "the server closed the connection"), ("--stall-after", "timed out")])
def test_when_all_break_the_read_fails(university, login, fault, words):  # noqa: F811
    with Relay(university.port, fault, "60000") as relay:
        answer = read("--uri", f"ldap://127.0.0.1:{relay.port}", "--tls", "none", *login, *WANTED,
                      "--answer-timeout", 1)
    assert answer.status == UNAVAILABLE
    assert answer.transient
    assert answer.count("restarts") == 1
    assert words in answer.error


def test_a_lost_connection_restarts_all_searches(university, login):  # noqa: F811
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


def test_a_killed_server_that_comes_back(make_slapd, login):  # noqa: F811
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


def test_signals_do_not_end_a_read(university, login):  # noqa: F811
    with Relay(university.port, "--delay-ms", "20") as relay:
        reader = start("--uri", f"ldap://127.0.0.1:{relay.port}", "--tls", "none", *login, *WANTED)
        reader.stdout.readline()
        for number in (signal.SIGSTOP, signal.SIGCONT) * 5:
            reader.send_signal(number)
        output = reader.stdout.read()
        assert reader.wait() == 0
    assert f"entries={COUNT} repeated=0 referrals=0 restarts=0" in output


# ---- servers that cannot be reached or are none


def test_servers_are_tried_in_order(university, login):  # noqa: F811
    dead = slapd.free_port()
    answer = read("--uri", f"ldap://127.0.0.1:{dead}", *unencrypted(university), *login, *WANTED)
    assert is_whole(answer)
    assert [f"127.0.0.1' port {dead}: Connection refused; trying the next server" in text
            for text in answer.said("warning")] == [True]


def test_when_none_can_be_reached_all_are_told(login):
    dead = slapd.free_port()
    answer = read("--uri", f"ldap://127.0.0.1:{dead}", "--uri", "ldaps://nowhere.invalid",
                  "--uri", "ldapi://%2Fnonexistent%2Fsocket", "--tls", "auto", *login, *WANTED)
    assert answer.status == UNAVAILABLE
    assert answer.transient
    assert "none of 3 servers can be used" in answer.error
    for words in ("Connection refused", "cannot look up 'nowhere.invalid'", "/nonexistent/socket"):
        assert words in answer.error
    assert answer.hint


def silent(connection):
    with contextlib.suppress(OSError):
        while connection.recv(4096):
            pass


@pytest.mark.parametrize("scheme, mode", [("ldaps", "auto"), ("ldap", "auto"), ("ldap", "none")])
def test_a_silent_server_is_not_waited_for_for_ever(login, trusted, scheme, mode):
    with FakeServer(greeting=silent) as server:
        answer = read("--uri", f"{scheme}://127.0.0.1:{server.port}", "--tls", mode, *trusted,
                      *login, *WANTED, "--connect-timeout", 1, "--answer-timeout", 1)
    assert answer.status == UNAVAILABLE
    assert answer.transient
    assert "timed out" in answer.error


@pytest.mark.parametrize("bytes_after", [300, 1500])
def test_a_handshake_that_stalls_ends(university, login, trusted, bytes_after):  # noqa: F811
    with Relay(university.tls_port, "--stall-after", str(bytes_after)) as relay:
        answer = read("--uri", f"ldaps://127.0.0.1:{relay.port}", *trusted, *login, *WANTED,
                      "--connect-timeout", 1, "--answer-timeout", 1)
    assert answer.status == UNAVAILABLE
    assert "timed out" in answer.error


def says(*pieces):
    def greet(connection):
        connection.recv(4096)
        for piece in pieces:
            connection.sendall(piece)
        silent(connection)
    return greet


def closes(connection):
    connection.close()


@pytest.mark.parametrize("greeting", [
    closes,
    says(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n" * 20),
    says(b"\x00" * 100),
    says(b"\xff" * 100),
    says(b"\x30\x84\x7f\xff\xff\xff" + b"x" * 1000),
    says(b"\x30\x88" + b"\xff" * 8 + b"x" * 1000),
    says(b"\x30\x80\x00\x00"),
    says(b"\x30\x0c\x02\x01\x01\x61\x7f\x0a\x01\x00\x04\x00\x04\x00"),
    says(b"\x30\x05\x02\x01\x01\x61\x00"),
    says(b"\x30\x03\x02\x01\x01"),
    says(b"\x30\x02\x04\x00"),
    says(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
], ids=["closes", "http", "zeros", "ones", "2 GB", "2^64", "indefinite", "inner length", "no result",
        "no operation", "no number", "ssh"])
@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_garbage_is_an_error_and_no_crash(login, trusted, greeting, scheme):
    with FakeServer(greeting=greeting) as server:
        answer = read("--uri", f"{scheme}://127.0.0.1:{server.port}", "--tls",
                      "none" if scheme == "ldap" else "auto", *trusted, *login, *WANTED,
                      "--connect-timeout", 1, "--answer-timeout", 1)
    assert answer.status == UNAVAILABLE
    assert f"{scheme}://127.0.0.1:{server.port}" in answer.error


GOOD = fake_ldap.ber(0x30, fake_ldap.octets("uid"), fake_ldap.ber(0x31, fake_ldap.octets("1")))


@pytest.mark.parametrize("attributes", [
    b"\x30", b"\x30\x7f", GOOD[:-1], b"\x31" + GOOD[1:], b"\x30\x84\xff\xff\xff\xff",
    b"\x30\x00", GOOD + b"\x00", GOOD + b"\x30\x80", b"\x30\x09\x04\x03uid\x31\x02\x04\x7f",
    b"\x30\x88\xff\xff\xff\xff\xff\xff\xff\xff"])
def test_entries_that_cannot_be_decoded_fail_the_read(login, attributes):
    def answer_badly(request, say):
        if accept_login(request, say):
            return
        say(message(request.number, fake_ldap.entry("uid=bad", attributes)))
        say(message(request.number, result(fake_ldap.DONE)))
    with FakeServer(answer_badly) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *WANTED)
    assert answer.status == UNAVAILABLE
    assert "cannot be decoded" in answer.error
    assert answer.count("entries") == 0


def test_a_notice_of_disconnection_is_a_lost_connection(login):
    def take_leave(request, say):
        if accept_login(request, say):
            return
        say(message(request.number, fake_ldap.entry("uid=1", {"uid": ["1"]})))
        body = fake_ldap.ber(0x78, fake_ldap.integer(52, 0x0A), fake_ldap.octets(""),
                             fake_ldap.octets("going down"),
                             fake_ldap.ber(0x8A, b"1.3.6.1.4.1.1466.20036"))
        say(message(0, body))
    # libldap itself loses the notice's memory, which a leak checker would tell of us.
    quiet = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    with FakeServer(take_leave) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *WANTED, "--answer-timeout", 2,
                      env=quiet)
    assert answer.status == UNAVAILABLE
    assert answer.count("restarts") == 1
    assert answer.transient


def test_the_servers_words_cannot_command_a_terminal(login):
    def shout(request, say):
        say(message(request.number, result(fake_ldap.BIND_RESPONSE, 49, "\x1b[2Jgone\x07")))
    with FakeServer(shout) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *WANTED)
    assert "gone" in answer.error
    assert "\x1b" not in answer.output and "\x07" not in answer.output


# ---- searches


def test_a_missing_base_names_what_exists(make_slapd, login):  # noqa: F811
    server = make_slapd(tree(), access="access to * by * read")
    answer = read(*unencrypted(server), *login, "--search",
                  f"subtree,(uid=*),ou=none,{PEOPLE}", "--attribute", "uid")
    assert answer.status == CONFIGURATION
    assert f"below 'ou=none,{PEOPLE}'" in answer.error
    assert f"Only '{PEOPLE}' exists" in answer.hint


@pytest.mark.parametrize("search, words", [
    (f"subtree,((uid=*),{PEOPLE}", "the filter '((uid=*)'"),
    ("subtree,(uid=*),people of example", "invalid DN syntax (34)")])
def test_bad_searches_are_faults_of_the_settings(university, login, search, words):  # noqa: F811
    answer = read(*unencrypted(university), *login, "--search", search, "--attribute", "uid")
    assert answer.status == CONFIGURATION
    assert words in answer.error


def test_scopes(make_slapd, login):  # noqa: F811
    server = make_slapd(tree() + people(2) + ldif(f"ou=staff,{PEOPLE}",
                                                  "objectClass: organizationalUnit", "ou: staff")
                        + person(3, unit="staff,ou=people"))
    for scope, count in (("subtree", 3), ("one", 2), ("base", 0)):
        answer = read(*unencrypted(server), *login, "--search", f"{scope},(uid=*),{PEOPLE}",
                      "--attribute", "uid")
        assert (answer.status, answer.count("entries")) == (0, count)


def test_two_searches_hand_each_person_over_once(university, login):  # noqa: F811
    answer = read(*unencrypted(university), *login, *WANTED, "--search",
                  f"subtree,(uid=u00100*),{SUFFIX}", "--search", f"base,(ou=*),{PEOPLE}")
    assert answer.status == 0
    assert answer.doubled == 0
    assert answer.count("entries") == COUNT + 1
    assert answer.count("repeated") == 10
    assert "10 more were found by an earlier search already" in answer.said("info")


def test_one_of_several_searches_that_fails_fails_all(university, login):  # noqa: F811
    answer = read(*unencrypted(university), *login, *WANTED, "--search",
                  f"subtree,(uid=*),ou=none,{SUFFIX}")
    assert answer.status == CONFIGURATION
    assert answer.count("entries") == COUNT


def test_references_are_counted_and_not_followed(make_slapd, login):  # noqa: F811
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


def test_aliases_in_the_tree_are_not_followed(make_slapd, login):  # noqa: F811
    server = make_slapd(tree() + people(2) + ldif(
        f"uid=double,{PEOPLE}", "objectClass: alias", "objectClass: extensibleObject",
        "uid: double", f"aliasedObjectName: {dn_of(1)}"))
    answer = read(*unencrypted(server), *login, *WANTED)
    assert answer.status == 0
    assert sorted(answer.entries) == sorted([dn_of(1), dn_of(2), f"uid=double,{PEOPLE}"])


# ---- attributes and values


@pytest.fixture(scope="module")
def special(tmp_path_factory, certificates):  # noqa: F811
    """People with all that an attribute can hold."""
    server = slapd.Slapd(tmp_path_factory.mktemp("special"), certificates)
    many = [f"description: value {number}" for number in range(10000)]
    server.load(
        tree()
        + person(1, "givenName: Zoë", "sn;lang-el: Παπαδόπουλος", "cn;lang-fr: Zoé",
                 "title: 教授", "l: Αθήνα")
        + person(2, *many)
        + person(3, "description: " + "y" * 1024 * 1024)
        + ldif(f"uid=u000004,{PEOPLE}", "objectClass: inetOrgPerson", "uid: u000004", "cn: Four",
               "sn: Four").rstrip("\n") + "\njpegPhoto:: AAECAP8A\n\n"
        + ldif(f"cn=Ruiz\\, Ana+uid=u000005,{PEOPLE}", "objectClass: inetOrgPerson",
               "uid: u000005", "cn: Ruiz, Ana", "sn: Ruiz"))
    server.start()
    yield server
    server.stop()


def one(server, login, number, *attributes):
    wanted = [word for name in attributes for word in ("--attribute", name)]
    answer = read(*unencrypted(server), *login, "--search",
                  f"subtree,(uid=u{number:06d}),{PEOPLE}", *wanted, "--page", 10)
    assert answer.status == 0, answer.error
    (dn, values), = answer.entries.items()
    return dn, values


def test_values_come_as_they_are(special, login):
    assert one(special, login, 1, "givenName", "title", "l")[1] == {
        "givenName": ["Zoë".encode()], "title": ["教授".encode()], "l": ["Αθήνα".encode()]}
    assert one(special, login, 4, "jpegPhoto")[1] == {"jpegPhoto": [b"\x00\x01\x02\x00\xff\x00"]}
    assert one(special, login, 5, "cn") == (f"cn=Ruiz\\2C Ana+uid=u000005,{PEOPLE}",
                                            {"cn": [b"Ruiz, Ana"]})


def test_many_and_large_values(special, login):
    _, values = one(special, login, 2, "description", "uid")
    assert sorted(values["description"]) == sorted(b"value %d" % i for i in range(10000))
    _, values = one(special, login, 3, "description")
    assert values["description"] == [b"y" * 1024 * 1024]


def test_options_make_another_attribute(special, login):
    assert one(special, login, 1, "cn")[1] == {"cn": [b"Person 1"]}
    assert one(special, login, 1, "cn;lang-fr")[1] == {"cn;lang-fr": ["Zoé".encode()]}
    assert one(special, login, 1, "CN", "cn;Lang-FR")[1] == {"CN": [b"Person 1"],
                                                             "cn;Lang-FR": ["Zoé".encode()]}


@pytest.mark.parametrize("names, expected", [
    (["surname"], {"surname": [b"Number 1"]}),
    (["SURNAME", "mail"], {"SURNAME": [b"Number 1"], "mail": [b"u000001@example.edu"]}),
    (["2.5.4.4"], {"2.5.4.4": [b"Number 1"]}),
    (["sn", "surname", "2.5.4.4"], {"sn": [b"Number 1"], "surname": [b"Number 1"],
                                    "2.5.4.4": [b"Number 1"]}),
    (["userid", "rfc822Mailbox"], {"userid": [b"u000001"],
                                   "rfc822Mailbox": [b"u000001@example.edu"]}),
    (["surname;lang-el"], {"surname;lang-el": ["Παπαδόπουλος".encode()]}),
    (["name"], {}),  # a supertype: what comes is called cn, sn, givenName, …
])
def test_other_names_of_attributes(special, login, names, expected):
    assert one(special, login, 1, *names)[1] == expected


def test_the_schema_is_read_only_where_it_matters(special, login):
    plain = read(*unencrypted(special), *login, *WANTED)
    alias = read(*unencrypted(special), *login, *WANTED, "--attribute", "surname")
    assert not any("schema" in text for text in plain.said("debug"))
    assert sum("schema" in text for text in alias.said("debug")) == 1


def test_a_schema_that_cannot_be_read_is_a_warning(login):
    def hide_schema(request, say):
        if accept_login(request, say):
            return
        if request.searched_base():
            say(message(request.number, fake_ldap.entry("uid=1", {"sn": ["Ruiz"]})))
        say(message(request.number, result(fake_ldap.DONE)))
    with FakeServer(hide_schema) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, "--search", EVERYONE,
                      "--attribute", "surname")
    assert answer.status == 0
    assert any("schema" in text for text in answer.said("warning"))


@pytest.mark.parametrize("names", [[], ["uid", "memberOf", "cn;lang-fr"]])
def test_only_what_is_wanted_is_asked_for(login, names):
    def answer_nobody(request, say):
        if not accept_login(request, say):
            say(message(request.number, result(fake_ldap.DONE)))
    wanted = [word for name in names for word in ("--attribute", name)]
    with FakeServer(answer_nobody) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, "--search", EVERYONE, *wanted)
        asked = [request.searched_attributes() for request in server.requests
                 if request.kind == fake_ldap.SEARCH]
    assert answer.status == 0
    assert asked == [names or ["1.1"]]


def test_a_range_of_values_is_not_taken_for_the_whole(login):
    def answer_range(request, say):
        if accept_login(request, say):
            return
        say(message(request.number, fake_ldap.entry("cn=group", {
            "member": [], "member;range=0-1499": ["uid=1"]})))
        say(message(request.number, result(fake_ldap.DONE)))
    with FakeServer(answer_range) as server:
        where = ["--uri", server.uri, "--tls", "none", *login, "--search", EVERYONE]
        answer = read(*where, "--attribute", "member")
        other = read(*where, "--attribute", "cn")
    assert answer.status == UNAVAILABLE
    assert "only a part of the values of 'member;range=0-1499' of 'cn=group'" in answer.error
    assert (other.status, other.count("entries")) == (0, 1)


def test_the_callback_ends_the_read(university, login):  # noqa: F811
    answer = read(*unencrypted(university), *login, *WANTED, "--fail-after", 250)
    assert answer.status == CALLBACK
    assert answer.error == "the callback was told to fail"
    assert len(answer.entries) == 250


# ---- LDIF


@pytest.mark.parametrize("style", [[], ["-L"], ["-LL"], ["-LLL"], ["-LLL", "-o", "ldif_wrap=no"]])
def test_what_ldapsearch_writes_is_read(special, login, tmp_path, style):
    """Each style of ldapsearch gives the same people as the server itself."""
    names = ["uid", "cn", "givenName", "title", "description", "jpegPhoto"]
    written = subprocess.run(
        ["ldapsearch", "-x", "-H", special.ldap_uri, "-D", READER, "-w", READER_PASSWORD, "-b",
         PEOPLE, "-E", "pr=2/noprompt", *style, "(uid=*)", *names],
        stdout=subprocess.PIPE, check=True).stdout
    wanted = [word for name in names for word in ("--attribute", name)]
    (tmp_path / "people.ldif").write_bytes(written)
    direct = read(*unencrypted(special), *login, "--search", EVERYONE, *wanted)
    by_file = read("--ldif", tmp_path / "people.ldif", *wanted)
    by_input = read("--ldif", "-", *wanted, input=written)
    for answer in (by_file, by_input):
        assert (answer.status, answer.findings) == (0, []), answer.error
        assert {dn: {name: sorted(values) for name, values in entry.items()}
                for dn, entry in answer.entries.items()} == \
               {dn: {name: sorted(values) for name, values in entry.items()}
                for dn, entry in direct.entries.items()}
    assert by_input.counts["server"] == "standard input"


def test_ldapsearch_that_met_a_limit_is_not_the_whole(university):  # noqa: F811
    written = subprocess.run(
        ["ldapsearch", "-x", "-H", university.ldap_uri, "-D", READER, "-w", READER_PASSWORD, "-b",
         PEOPLE, "(uid=*)", "uid"], stdout=subprocess.PIPE, check=False).stdout
    answer = read("--ldif", "-", "--attribute", "uid", input=written)
    assert answer.status == 65
    assert "ldapsearch did not come to its end: 'result: 4 Size limit exceeded'" in answer.error
