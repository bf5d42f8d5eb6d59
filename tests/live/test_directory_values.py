"""directory/: attributes and values as servers write them, and LDIF as ldapsearch does."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import subprocess

import fake_ldap
import pytest
import slapd
from fake_ldap import FakeServer, accept_login, message, result
from reading import CALLBACK, EVERYONE, WANTED, login, password, read, unencrypted
from slapd import (PEOPLE, READER, READER_PASSWORD, certificates, ldif, person,
                   tree, university)


# ---- attributes and values


@pytest.fixture(scope="module")
def special(tmp_path_factory, certificates):
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
                 if request.kind == fake_ldap.SEARCH and request.searched_base()]
    assert answer.status == 0
    assert asked == [names or ["1.1"]]


def test_the_callback_ends_the_read(university, login):
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


def test_ldapsearch_that_met_a_limit_is_not_the_whole(university):
    written = subprocess.run(
        ["ldapsearch", "-x", "-H", university.ldap_uri, "-D", READER, "-w", READER_PASSWORD, "-b",
         PEOPLE, "(uid=*)", "uid"], stdout=subprocess.PIPE, check=False).stdout
    answer = read("--ldif", "-", "--attribute", "uid", input=written)
    assert answer.status == 65
    assert "ldapsearch did not come to its end: 'result: 4 Size limit exceeded'" in answer.error
