"""ldap2alma check against real servers: slapd and sshd, right and wrong in every way."""

import re

import fake_ldap
import pytest
import yaml_text
from fake_ldap import DONE, SEARCH, FakeServer, accept_login, message, result
from feed import Feed
from machine import free_port
from probed import probed
from scripted_sftp import PASSWORD, make_scripted  # noqa: F401
from slapd import PEOPLE, READER, READER_PASSWORD, SUFFIX, people, person, tree
from slapd import certificates, make_slapd, university  # noqa: F401
from sshd import ACCOUNT_PASSWORD, keys, make_sshd, shared_sshd, sshd  # noqa: F401

MAPPING = """\
mapping: 1
match_id: primary_id
user:
  primary_id: ${uid}
  last_name: ${sn}
  emails:
    - { each: "${mail}", email_address: "${each}", email_types: [work] }
"""

READ_ALL = f'access to * by dn.subtree="ou=services,{SUFFIX}" read by * none'
NOBODY = ("Look at its base and filter, and at what the account may read: many directories hide "
          "entries rather than refuse.")


class CheckFeed(Feed):
    def __init__(self, folder, uris, **changes):
        super().__init__(folder, mapping=MAPPING)
        self.secret("secret", READER_PASSWORD)
        directory = {"uri": uris, "tls": {}, "bind": {"dn": READER, "password": {"file": "secret"}},
                     "searches": [{"base": PEOPLE, "filter": "(uid=*)"}], "timeout": "5s",
                     "connect_timeout": "5s"}
        directory.update(changes.pop("directory", {}))
        delivery = changes.pop("delivery", {"folder": "out"})
        assert not changes
        self.write("ldap2alma.yaml", yaml_text.dump({
            "name": "test", "directory": directory, "mapping": "mapping.yaml",
            "delivery": delivery, "spool": "spool"}))

    def secret(self, name, text):
        self.write(name, text + "\n")
        (self.folder / name).chmod(0o600)
        return {"file": name}


@pytest.fixture(name="live")
def make_live(tmp_path, certificates):  # noqa: F811
    def make(uris, **changes):
        directory = {"tls": {"ca_file": certificates.path("ca.pem")},
                     **changes.pop("directory", {})}
        return CheckFeed(tmp_path, uris if isinstance(uris, list) else [uris],
                         directory=directory, **changes)
    return make


def only_failure(found, name, status):
    assert (found.failures, found.status) == ([name], status)
    text, hint = found.failed[name]
    assert found.stderr == f"ldap2alma: {text}\n{hint}\n"
    return text, hint


# ---- the directory


def test_all_is_well(live, university):  # noqa: F811
    found = probed(live(university.ldaps_uri))
    uri = university.ldaps_uri
    assert found.all_well()
    tls = found.lines.pop("directory.tls")[0]
    assert re.fullmatch(rf"'{uri}' is encrypted by TLS1\.\d; its certificate is valid until "
                        r"\d{4}-\d\d-\d\d", tls)
    assert {name: texts for name, texts in found.lines.items() if name.startswith("directory")} == {
        "directory.name": ["'127.0.0.1' has the address 127.0.0.1"],
        "directory.connection": [f"connected to '{uri}'"],
        "directory.login": [f"logged in to '{uri}' as '{READER}'"],
        "directory.root_dse": [f"'{uri}' is OpenLDAP"],
        "directory.search": [f"the search below '{PEOPLE}' on '{uri}' finds 1000 entries and more"],
        "directory.attributes": [f"'{uri}' shows 3 of 3 attributes of the mapping"],
        "directory.identity": ["people are known by 'entryUUID'"]}
    assert found.json["read"] == 1200


def test_every_server_of_the_list(live, university, make_slapd):  # noqa: F811
    other = make_slapd(tree() + people(1))
    found = probed(live([university.ldap_uri, other.ldap_uri, university.ldapi_uri],
                        directory={"searches": [{"base": PEOPLE, "filter": "(uid=*)"},
                                                {"base": PEOPLE, "filter": "(uid=u000001)"}]}))
    assert found.all_well()
    assert found.lines["directory.connection"] == [
        f"connected to '{uri}'"
        for uri in (university.ldap_uri, other.ldap_uri, university.ldapi_uri)]
    assert len(found.lines["directory.name"]) == 2
    assert found.lines["directory.search"][2:4] == [
        f"the search below '{PEOPLE}' on '{other.ldap_uri}' finds 1 entry"] * 2


def test_a_server_that_is_down(live, university):  # noqa: F811
    port = free_port()
    found = probed(live([f"ldaps://127.0.0.1:{port}", university.ldaps_uri]))
    assert (found.failures, found.status) == (["directory.connection"], 69)
    assert found.failed["directory.connection"] == (
        f"cannot connect to '127.0.0.1' port {port}: Connection refused",
        "Check that the server runs, that its name and port are right, and that no firewall is in "
        "between.")
    assert found.json["read"] == 1200  # of the other


def test_a_name_that_nobody_knows(live):
    found = probed(live("ldaps://ldap.invalid"))
    text, _ = only_failure(found, "directory.name", 69)
    assert text.startswith("cannot look up 'ldap.invalid' port 636: ")
    assert "directory.connection" not in found.lines
    assert "delivery.write" in found.lines  # it goes on


def test_wrong_password_is_tried_once(live, university):  # noqa: F811
    with FakeServer(accept_login) as other:
        feed = live([university.ldap_uri, other.uri])
        feed.secret("secret", "wrong")
        found = probed(feed)
        assert [request.kind for request in other.requests if request.kind == fake_ldap.BIND] == []
    assert found.failures == ["directory.login", "directory.tls"]
    assert found.status == 77
    assert found.lines["directory.login"] == [
        (f"cannot log in as '{READER}' to '{university.ldap_uri}': invalid credentials (49)",
         "Check directory.bind. The login is not tried again, so that the account is not locked.")]


def test_a_refused_login_is_not_tried_elsewhere(live, university, make_slapd):  # noqa: F811
    other = make_slapd(tree())
    feed = live([university.ldaps_uri, other.ldaps_uri])
    feed.secret("secret", "wrong")
    found = probed(feed)
    assert (found.failures, found.warnings) == (["directory.login"], ["directory.login"])
    assert found.lines["directory.login"][1] == (
        f"no login at '{other.ldaps_uri}' was tried, as '{university.ldaps_uri}' refused it",
        "Mend the login first, then check again.")
    assert "directory.search" not in found.lines
    assert found.json["source"] is None


@pytest.mark.parametrize("code", [19, 53])
def test_whatever_it_is_refused_with(live, code):
    """389-ds: an account that is locked, and one that is not active."""
    def refuse(request, say):
        say(message(request.number, result(fake_ldap.BIND_RESPONSE, code)))
    with FakeServer(refuse) as server, FakeServer(refuse) as other:
        found = probed(live([server.uri, other.uri], directory={"tls": {"mode": "none"}}))
        assert [request.kind for request in other.requests if request.kind == fake_ldap.BIND] == []
    assert (found.failures, found.status) == (["directory.login"], 69)


def test_a_password_file_that_is_missing(live, university):  # noqa: F811
    feed = live(university.ldaps_uri)
    (feed.folder / "secret").unlink()
    found = probed(feed)
    assert found.failures == ["directory.settings"]
    assert found.status == 78
    assert "directory.name" not in found.lines


def test_a_certificate_of_another_authority(live, university, certificates):  # noqa: F811
    for uri in (university.ldaps_uri, university.ldap_uri):
        found = probed(live(uri, directory={"tls": {"ca_file": certificates.path("other_ca.pem")}}))
        text, _ = only_failure(found, "directory.tls", 69)
        assert text == (
            f"the certificate of '{uri}' is not accepted: its issuer 'CN=Test Authority,O=Example "
            "University' is not trusted (it is for 'CN=ldap.example.edu')")


def test_a_certificate_that_expires_soon(live, make_slapd):  # noqa: F811
    server = make_slapd(tree() + people(1), tls="ending")
    found = probed(live(server.ldaps_uri))
    assert (found.status, found.warnings) == (0, ["directory.tls"])
    (text, hint), = found.lines["directory.tls"]
    assert re.fullmatch(rf"the certificate of '{server.ldaps_uri}' expires on \d{{4}}-\d\d-\d\d",
                        text)
    assert hint == "Have it renewed: from that day on no run can read."


def test_without_encryption(live, university):  # noqa: F811
    uri = university.ldap_uri
    found = probed(live(uri, directory={"tls": {"mode": "none"}}))
    assert (found.status, found.warnings) == (0, ["directory.tls"])
    assert found.lines["directory.tls"] == [(
        f"the connection to '{uri}' is not encrypted",
        "Leave directory.tls.mode at auto: passwords and data travel in the clear.")]


def test_the_port_of_a_global_catalog(live):
    found = probed(live("ldap://127.0.0.1:3268"))
    assert found.warnings == ["directory.root_dse"]
    assert found.lines["directory.root_dse"] == [(
        "'ldap://127.0.0.1:3268' is the port of a global catalog",
        "It holds only some attributes of everybody, and what is missing would be taken out of "
        "Alma: use port 389 or 636 of a domain controller.")]


def test_a_wrong_base(live, university):  # noqa: F811
    uri, base = university.ldaps_uri, f"ou=nowhere,{SUFFIX}"
    found = probed(live(uri, directory={"searches": [{"base": base, "filter": "(uid=*)"},
                                                     {"base": PEOPLE, "filter": "(uid=*)"}]}))
    text, hint = only_failure(found, "directory.search", 78)
    assert text == (f"the search below '{base}' on '{uri}' failed after 0 entries: no such object "
                    "(32)")
    assert hint.endswith("Check the base in directory.searches, and that the account may see it.")
    # The other search is tried, but a run would read nobody.
    assert found.lines["directory.search"][1] == (
        f"the search below '{PEOPLE}' on '{uri}' finds 1000 entries and more")
    assert found.json["source"] is None


def test_a_filter_that_finds_nobody(live, university):  # noqa: F811
    uri = university.ldaps_uri
    found = probed(live(uri, directory={"searches": [
        {"base": PEOPLE, "filter": "(uid=*)"}, {"base": PEOPLE, "filter": "(uid=nobody)"}]}))
    assert (found.status, found.warnings) == (0, ["directory.search"])
    assert found.lines["directory.search"][1] == (
        f"the search below '{PEOPLE}' for '(uid=nobody)' on '{uri}' finds nobody", NOBODY)


def test_an_account_that_sees_nobody(live, make_slapd):  # noqa: F811
    server = make_slapd(tree() + people(3), access="access to * by * none")
    found = probed(live(server.ldaps_uri))
    assert only_failure(found, "directory.search", 78)[0] == (
        f"the search below '{PEOPLE}' on '{server.ldaps_uri}' failed after 0 entries: no such "
        "object (32)")


# ---- rights


def test_an_attribute_that_may_be_searched_but_not_read(live, make_slapd):  # noqa: F811
    server = make_slapd(tree() + people(3), access=(
        f'access to attrs=mail by dn.exact="{READER}" search by * none\n{READ_ALL}'))
    found = probed(live(server.ldaps_uri))
    assert only_failure(found, "directory.attributes", 77) == (
        f"entries of '{server.ldaps_uri}' have the attribute 'mail', but the account may not read "
        "it", "Give the account the right to read 'mail': else it would be taken out of Alma.")
    assert found.lines["directory.attributes"][-1] == (
        f"'{server.ldaps_uri}' shows 2 of 3 attributes of the mapping")


def test_an_attribute_that_is_hidden(live, make_slapd):  # noqa: F811
    server = make_slapd(tree() + people(3), access=f"access to attrs=mail by * none\n{READ_ALL}")
    feed = live(server.ldaps_uri)
    found = probed(feed)
    assert (found.status, found.warnings) == (0, [])
    assert found.lines["directory.attributes"] == [
        f"'{server.ldaps_uri}' shows 2 of 3 attributes of the mapping; not 'mail'"]
    finding, = found.json["findings"]
    assert (finding["code"], finding["text"]) == (
        "unknown_attribute", f"no entry of '{server.ldaps_uri}' has the attribute 'mail': it is "
        "misspelled, hidden from the account, or without use")


def test_servers_that_show_different_attributes(live, university, make_slapd):  # noqa: F811
    server = make_slapd(tree() + people(3), access=f"access to attrs=mail by * none\n{READ_ALL}")
    found = probed(live([university.ldaps_uri, server.ldaps_uri]))
    assert (found.status, found.warnings) == (0, ["directory.attributes"])
    assert found.lines["directory.attributes"][1] == (
        f"'{university.ldaps_uri}' shows the attribute 'mail', and '{server.ldaps_uri}' does not",
        "Compare what the account may read on both: a run that had to take this server would take "
        "the attribute out of Alma.")


def test_an_attribute_of_few(live, make_slapd):  # noqa: F811
    """Who has it is not on the first page."""
    server = make_slapd(tree() + people(5) + person(6, "employeeNumber: 1"))
    feed = live(server.ldaps_uri, directory={"page_size": 2})
    feed.write("mapping.yaml", MAPPING + "  job_description: ${employeeNumber}\n")
    found = probed(feed)
    assert found.all_well()
    assert found.lines["directory.attributes"] == [
        f"'{server.ldaps_uri}' shows 4 of 4 attributes of the mapping"]


def test_an_id_that_may_not_be_read(live, make_slapd):  # noqa: F811
    server = make_slapd(tree() + people(3),
                        access=f"access to attrs=entryUUID by * none\n{READ_ALL}")
    found = probed(live(server.ldaps_uri))
    assert (found.status, found.warnings) == (0, ["directory.identity"])
    assert found.lines["directory.identity"] == [(
        "the directory shows none of 'entryUUID', 'objectGUID', 'nsUniqueId'",
        "Give the account the right to read the one that your directory has: a person whose DN "
        "changes counts as another one.")]


# ---- what a server tells of itself


def speaking(root):
    """Answers as a server with this root DSE, of which one search finds one person."""
    def answer(request, say):
        if accept_login(request, say) or request.kind != SEARCH:
            return
        if request.searched_base() == "" and "currentTime" in request.searched_attributes():
            say(message(request.number, fake_ldap.entry("", root)) if root else b"")
        elif request.searched_base() == PEOPLE:
            say(message(request.number, fake_ldap.entry(f"uid=x,{PEOPLE}", {
                "uid": ["x"], "sn": ["X"], "mail": ["x@example.edu"], "objectGUID": ["0" * 16]})))
        say(message(request.number, result(DONE)))
    return answer


@pytest.mark.parametrize("root, name, said", [
    ({"supportedCapabilities": ["1.2.840.113556.1.4.800"],
      "supportedControl": [fake_ldap.PAGED.decode()], "isSynchronized": ["FALSE"]},
     "directory.root_dse", ("'{uri}' is not yet in step with the other servers",
                            "It may not have everybody: wait, or name another server first.")),
    ({"supportedCapabilities": ["1.2.840.113556.1.4.800"]}, "directory.root_dse", (
        "'{uri}' is Active Directory and does not answer in pages",
        "A limit of the server on answers may end the search; have it lifted for the account, and "
        "set directory.page_size to 0.")),
    ({}, "directory.root_dse", ("'{uri}' does not show its root DSE",
                                "What the server can do is not known; a run does not need it.")),
    ({"supportedControl": [fake_ldap.PAGED.decode()], "currentTime": ["20010101000000.0Z"]},
     "directory.clock", ("the clock here is # s ahead of that of '{uri}'",
                         "Set the clock of this machine, or the server's: expiry dates are "
                         "reckoned by it.")),
])
def test_root_dse(live, root, name, said):
    with FakeServer(speaking(root)) as server:
        found = probed(live(server.uri, directory={"tls": {"mode": "none"}}))
    assert found.warnings == ["directory.tls", name]
    *_, (text, hint) = found.lines[name]
    assert (re.sub(r"\d+ s ", "# s ", text), hint) == (said[0].format(uri=server.uri), said[1])


def test_how_many_there_are_is_told_without_reading_them(live):
    pages = []

    def answer(request, say):
        if accept_login(request, say) or request.kind != SEARCH:
            return
        if request.searched_base() != PEOPLE:
            say(message(request.number, result(DONE)))
            return
        last = b"second" in request.controls
        pages.append(last)
        say(message(request.number, fake_ldap.entry(f"uid=x{last},{PEOPLE}", {
            "uid": [f"x{last}"], "sn": ["X"], "mail": ["x@example.edu"]})))
        say(message(request.number, result(DONE),
                    fake_ldap.page_control(b"" if last else b"second", 20000)))

    with FakeServer(answer) as server:
        found = probed(live(server.uri, directory={"tls": {"mode": "none"}}))
    assert found.lines["directory.search"] == [
        f"the search below '{PEOPLE}' on '{server.uri}' finds about 20000 entries"]
    assert pages == [False, False, True]  # the first page, and then everybody


# ---- the delivery


@pytest.fixture(name="to")
def make_to(live, university, keys):  # noqa: F811
    """A feed whose delivery is to a server: to(server, host="…", …)."""
    def make(server, **changes):
        sftp = {"host": "127.0.0.1", "port": server.port, "user": getattr(server, "user", "alma"),
                "key": {"file": keys.path("ed25519")}, "known_hosts": str(server.known_hosts),
                "directory": str(server.home) if hasattr(server, "account") else "/",
                "timeout": "5s", **changes}
        return live(university.ldaps_uri, delivery={"sftp": sftp})
    return make


def delivery(found):
    return {name.partition(".")[2]: texts for name, texts in found.lines.items()
            if name.startswith("delivery")}


def address(server):
    return f"sftp://{server.user}@127.0.0.1:{server.port}{server.home}"


@pytest.mark.parametrize("transport", ["libssh2", "openssh"])
def test_a_delivery_that_works(to, sshd, keys, transport):  # noqa: F811
    found = probed(to(sshd, transport=transport))
    assert found.all_well()
    lines = {
        "directory": [f"the directory '{sshd.home}' is there"],
        "write": [f"wrote 'test-check.probe.part' to '{address(sshd)}'"],
        "stat": ["its size there is what was written"],
        "rename": ["renamed it to 'test-check.probe'"],
        "read": ["it reads as it was written"],
        "delete": ["deleted it"]}
    if transport == "openssh":
        lines["login"] = [f"logged in as '{sshd.user}' by the system's sftp"]
        lines["space"] = [f"'{address(sshd)}' does not tell how much room there is"]
    else:
        lines["connection"] = [f"connected to '127.0.0.1' port {sshd.port}"]
        key, = delivery(found)["host_key"]
        assert re.fullmatch(r"the host key SHA256:\S{43} is the known one", key)
        lines["host_key"] = [key]
        lines["login"] = [f"logged in as '{sshd.user}'"]
        lines["space"] = [f"# GB are free at '{address(sshd)}'"]
        lines["clock"] = [f"the clock agrees with that of '{address(sshd)}'"]
    assert delivery(found) == lines
    assert sshd.names() == []


def refused(found, name, status):
    """The failure alone, without the name of the target."""
    assert (found.failures, found.status) == ([name], status)
    return re.sub(r"^cannot deliver to '[^']*': ", "", found.failed[name][0])


def test_nobody_listens(to, sshd):  # noqa: F811
    port = free_port()
    assert refused(probed(to(sshd, port=port)), "delivery.connection", 69) == (
        f"no connection to port {port} of '127.0.0.1' (127.0.0.1): Connection refused")


@pytest.mark.parametrize("transport", ["libssh2", "openssh"])
def test_an_unknown_host_key(to, sshd, tmp_path, transport):  # noqa: F811
    (tmp_path / "none").write_text("")
    found = probed(to(sshd, known_hosts=str(tmp_path / "none"), transport=transport))
    text = refused(found, "delivery.host_key" if transport == "libssh2" else "delivery.login", 77)
    assert text.startswith("the server's host key SHA256:") and "is unknown" in text
    assert "delivery.write" not in found.lines


def test_a_login_that_is_refused(to, sshd, keys):  # noqa: F811
    found = probed(to(sshd, key={"file": keys.path("stranger")},
                      directory={"import": "/import", "synchronize": "/synchronize"}))
    assert "refuse" in refused(found, "delivery.login", 77)
    assert len(found.lines["delivery.connection"]) == 1  # another refusal could lock the account


def test_a_key_that_is_missing(to, sshd):  # noqa: F811
    found = probed(to(sshd, key={"file": "/nowhere/key"}))
    assert found.failures == ["delivery.secrets"]
    assert "delivery.connection" not in found.lines


def test_a_directory_that_is_missing(to, sshd):  # noqa: F811
    found = probed(to(sshd, directory={"import": str(sshd.home / "none"),
                                       "synchronize": str(sshd.home)}))
    assert refused(found, "delivery.directory", 73).startswith(
        f"the directory '{sshd.home}/none' cannot be used: no such file or directory")
    assert found.lines["delivery.rename"] == ["renamed it to 'test-check.probe'"]


def test_a_directory_that_can_only_be_read(to, make_sshd):  # noqa: F811
    server = make_sshd(account=True)
    feed = to(server, key=None)
    feed = to(server, key=None, password=feed.secret("account", ACCOUNT_PASSWORD))
    server.path("").chmod(0o555)
    found = probed(feed)
    assert refused(found, "delivery.write", 73) == (
        "the server does not let 'test-check.probe.part' be created: permission denied")
    assert "delivery.delete" not in found.lines


def test_a_full_disk_at_the_server(to, make_sshd):  # noqa: F811
    server = make_sshd(account=True, home_size="100k")
    feed = to(server, key=None)
    feed = to(server, key=None, password=feed.secret("account", ACCOUNT_PASSWORD))
    server.path("filler").write_bytes(bytes(96 * 1024))
    with pytest.raises(OSError):
        server.path("more").write_bytes(bytes(64 * 1024))
    found = probed(feed)
    assert refused(found, "delivery.write", 73) == (
        "writing 'test-check.probe.part' failed after 0 of 60 bytes: no space is left on the "
        "server")
    assert found.lines["delivery.space"] == [f"# GB are free at '{address(server)}'"]
    assert server.names() == ["filler", "more"]


DENIED = [
    ("rename,hardlink,posix-rename,link", "delivery.rename", "failure",
     "the server refuses to rename 'test-check.probe.part' to 'test-check.probe': "),
    ("remove", "delivery.delete", "warning", "'test-check.probe' is left at "),
    ("read", "delivery.read", "warning", "reading 'test-check.probe' failed: "),
    ("lstat", "delivery.stat", "failure", "the server does not tell of "),
    ("write", "delivery.write", "failure",
     "writing 'test-check.probe.part' failed after 0 of 60 bytes: permission denied"),
]


@pytest.mark.parametrize("denied, name, verdict, text", DENIED)
def test_rights_that_are_missing(to, make_sshd, denied, name, verdict, text):  # noqa: F811
    server = make_sshd(sftp=f"internal-sftp -P {denied}")
    found = probed(to(server))
    assert (found.failures, found.warnings) == (
        ([name], []) if verdict == "failure" else ([], [name]))
    assert found.status == (73 if verdict == "failure" else 0)
    assert found.lines[name][-1][0].startswith(text)
    assert server.names() == (["test-check.probe"] if denied == "remove" else [])


def test_a_server_that_tells_no_space(to, make_scripted):  # noqa: F811
    server = make_scripted()
    feed = to(server, key=None)  # for its secret
    found = probed(to(server, key=None, password=feed.secret("account", PASSWORD)))
    assert found.all_well()
    assert found.lines["delivery.space"] == [
        f"'sftp://alma@127.0.0.1:{server.port}/' does not tell how much room there is"]


@pytest.mark.parametrize("seconds, word", [(-4000, "ahead of"), (4000, "behind")])
def test_a_clock_that_differs(to, make_scripted, seconds, word):  # noqa: F811
    server = make_scripted(seconds_offset=seconds)
    feed = to(server, key=None)
    found = probed(to(server, key=None, password=feed.secret("account", PASSWORD)))
    assert found.warnings == ["delivery.clock"]
    (text, _), = found.lines["delivery.clock"]
    assert re.fullmatch(rf"the clock here is (4000|3999|4001) s {word} that of "
                        rf"'sftp://alma@127.0.0.1:{server.port}/'", text)


def test_a_size_that_differs(to, make_scripted):  # noqa: F811
    server = make_scripted(size_offset=-1)
    feed = to(server, key=None)
    found = probed(to(server, key=None, password=feed.secret("account", PASSWORD)))
    assert refused(found, "delivery.stat", 73) == (
        "'test-check.probe.part' has 59 bytes, but 60 were written")
    assert server.names() == []


def test_a_mode_without_a_directory(to, sshd):  # noqa: F811
    found = probed(to(sshd, directory={"import": str(sshd.home)}))
    assert found.failures == ["delivery.settings"]
    assert found.status == 78
    assert found.lines["delivery.rename"] == ["renamed it to 'test-check.probe'"]
