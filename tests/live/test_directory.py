"""directory/: reaching a server, encryption, login, and servers that are none."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import contextlib
import os
import subprocess
import time

import fake_ldap
import pytest
import slapd
from fake_ldap import FakeServer, accept_login, message, result
from machine import free_port
from reading import (CONFIGURATION, COUNT, PERMISSION, UNAVAILABLE, WANTED, is_whole,
                     login, password, read, trusted, unencrypted)
from relay import Relay
from server import wait_for_port
from slapd import (PEOPLE, READER, certificates, make_slapd, people, tree,
                   university)


# ---- logging in


def test_ldaps(university, login, trusted):
    answer = read("--uri", university.ldaps_uri, *trusted, *login, *WANTED)
    assert is_whole(answer)
    assert answer.counts["server"] == university.ldaps_uri
    assert any(text.startswith(f"connected to {university.ldaps_uri} (TLS1.3, bound as '{READER}'")
               for text in answer.said("info"))
    assert f"search 1 of 1 below '{PEOPLE}': {COUNT} entries" in answer.said("info")


def test_starttls(university, login, trusted):
    assert is_whole(read("--uri", university.ldap_uri, *trusted, *login, *WANTED))


def test_plain_where_written_out(university, login):
    answer = read(*unencrypted(university), *login, *WANTED)
    assert is_whole(answer)
    assert "not encrypted" in "".join(answer.said("info"))


def test_client_certificate(university, certificates, trusted):
    ours = ["--cert", certificates.path("client.pem"), "--key", certificates.path("client.key")]
    for uri in (university.ldaps_uri, university.ldap_uri):
        assert is_whole(read("--uri", uri, *trusted, *ours, "--bind", "external", *WANTED))


def test_external_by_socket_file(university):
    assert is_whole(read("--uri", university.ldapi_uri, "--bind", "external", *WANTED))


def test_simple_by_socket_file(university, login):
    assert is_whole(read("--uri", university.ldapi_uri, *login, *WANTED))


def test_anonymous_sees_nothing_and_that_is_no_error(make_slapd):
    server = make_slapd(tree() + people(3), access=(
        f'access to dn.exact="{PEOPLE}" attrs=entry,children by * read\n'
        f'access to * by dn.exact="{READER}" read by * none'))
    answer = read(*unencrypted(server), "--bind", "anonymous", *WANTED)
    assert (answer.status, answer.count("entries")) == (0, 0)


def test_refused_login_is_tried_once(university, tmp_path):
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


def test_external_needs_a_certificate(university):
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
def test_bad_password_files(university, tmp_path, content, mode, words):
    path = tmp_path / "password"
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    answer = read(*unencrypted(university), "--dn", READER, "--password", path, *WANTED)
    assert answer.status in (PERMISSION, CONFIGURATION)
    assert words in answer.error
    assert answer.messages == []


def test_a_server_that_wants_encryption(make_slapd, login):
    server = make_slapd(tree(), options="security simple_bind=128")
    answer = read(*unencrypted(server), *login, *WANTED)
    assert answer.status == PERMISSION
    assert "confidentiality required (13)" in answer.error
    assert "ldaps://" in answer.hint


# ---- encryption


@pytest.mark.parametrize("tls, ca, words", [
    ("server", "other_ca", "its issuer 'CN=Test Authority,O=Example University' is not trusted"),
    ("wronghost", "ca", "it is for 'DNS:other.example.edu', and not for the host '127.0.0.1'"),
    ("expired", "ca", "it expired on 20"),
    ("selfsigned", "ca", "it is signed by itself ('CN=127.0.0.1')"),
])
def test_certificates_that_are_not_accepted(make_slapd, certificates, login, tls, ca,
                                            words):
    server = make_slapd(tree() + people(1), tls=tls)
    for uri in (server.ldaps_uri, server.ldap_uri):
        answer = read("--uri", uri, "--ca", certificates.path(f"{ca}.pem"), *login, *WANTED)
        assert answer.status == UNAVAILABLE
        assert f"the certificate of '{uri}' is not accepted: {words}" in answer.error
        assert not answer.transient
        assert answer.hint


def test_the_subjects_name_counts_only_where_there_are_no_others(make_slapd, certificates, login,
                                                                 trusted):
    certificates.issue("subject", "/CN=127.0.0.1", "")
    certificates.issue("others", "/CN=127.0.0.1", "DNS:other.example.edu, IP:192.0.2.1")
    for name in ("subject", "others"):
        server = make_slapd(tree() + people(1), tls=name)
        answer = read("--uri", server.ldaps_uri, *login, *trusted, *WANTED,
                      env={**os.environ, "LDAPTLS_REQSAN": "never"})
        assert answer.status == (0 if name == "subject" else UNAVAILABLE)
    assert answer.error == (f"the certificate of '{server.ldaps_uri}' is not accepted: it is for "
                            "'DNS:other.example.edu, IP Address:192.0.2.1', and not for the host "
                            "'127.0.0.1'")


def test_a_certificate_for_the_name(make_slapd, certificates, login, trusted):
    """A self-signed certificate is fine when it is the trusted one."""
    server = make_slapd(tree() + people(3), tls="selfsigned")
    answer = read("--uri", server.ldaps_uri, "--ca", certificates.path("selfsigned.pem"), *login,
                  *WANTED)
    assert (answer.status, answer.count("entries")) == (0, 3)


def test_the_environment_cannot_soften_it(university, certificates, login):
    careless = {**os.environ, "LDAPTLS_REQCERT": "never", "LDAPSIZELIMIT": "3",
                "LDAPTLS_CACERT": certificates.path("ca.pem")}
    answer = read("--uri", university.ldaps_uri, "--ca", certificates.path("other_ca.pem"), *login,
                  *WANTED, env=careless)
    assert answer.status == UNAVAILABLE
    assert is_whole(read("--uri", university.ldaps_uri, *login, *WANTED, env=careless))


def test_tls_1_1_is_refused(certificates, login, trusted):
    port = free_port()
    old = subprocess.Popen(
        ["openssl", "s_server", "-accept", str(port), "-cert", certificates.path("server.pem"),
         "-key", certificates.path("server.key"), "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0",
         "-quiet"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port)
        answer = read("--uri", f"ldaps://127.0.0.1:{port}", *trusted, *login, *WANTED)
    finally:
        old.kill()
        old.wait()
    assert answer.status == UNAVAILABLE
    assert f"cannot begin TLS with 'ldaps://127.0.0.1:{port}'" in answer.error


def test_refused_starttls_never_goes_on_in_the_clear(make_slapd, login, trusted):
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


def test_a_look_at_the_certificate_ends_in_time(login, trusted):
    """The first handshake fails at once; in the next one a byte comes now and then, for ever."""
    def trickle(connection):
        connection.recv(65536)
        if server.connections == 1:
            connection.sendall(b"this is no TLS")
            return
        connection.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc\x03\x03")
        while True:
            time.sleep(0.2)
            connection.sendall(b"\0")
    with FakeServer(greeting=trickle) as server:
        answer = read("--uri", f"ldaps://127.0.0.1:{server.port}", *trusted, *login, *WANTED,
                      "--connect-timeout", 1)
        assert server.connections == 2
    assert answer.status == UNAVAILABLE
    assert "cannot begin TLS with" in answer.error


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


def test_certificate_files(university, certificates, login, tmp_path):
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


# ---- servers that cannot be reached or are none


def test_servers_are_tried_in_order(university, login):
    dead = free_port()
    answer = read("--uri", f"ldap://127.0.0.1:{dead}", *unencrypted(university), *login, *WANTED)
    assert is_whole(answer)
    assert [f"127.0.0.1' port {dead}: Connection refused; trying the next server" in text
            for text in answer.said("warning")] == [True]


def test_when_none_can_be_reached_all_are_told(login):
    dead = free_port()
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
def test_a_handshake_that_stalls_ends(university, login, trusted, bytes_after):
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
                      "--connect-timeout", 1, "--answer-timeout", 1,
                      # So that it is seen what libldap itself loses here.
                      env={**os.environ, "ASAN_OPTIONS": "fast_unwind_on_malloc=0"})
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
        if accept_login(request, say) or fake_ldap.accept_look(request, say):
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
