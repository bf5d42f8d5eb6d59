"""Which server is used: of a list, by DNS, of several addresses; and what it may not hold."""

import contextlib
import subprocess

import fake_ldap
import pytest
import yaml_text
from fake_ldap import DONE, SEARCH, FakeServer, accept_login, message, result
from feed import Feed
from machine import free_port
from name_server import Dns
from probed import probed
from reading import COUNT, EVERYONE, UNAVAILABLE, WANTED, is_whole, read
from reading import login, password, trusted  # noqa: F401
from relay import Relay
from samba import BASE, USERS, Samba, make_samba  # noqa: F401
from slapd import PEOPLE, READER, READER_PASSWORD, Slapd, people, tree
from slapd import certificates, university  # noqa: F401

DOMAIN = "example.edu"
ALL, PLAIN = f"_ldap._tcp.dc._msdcs.{DOMAIN}", f"_ldap._tcp.{DOMAIN}"
AD = "ad.example.edu"
SITE = "Default-First-Site-Name"  # of a new domain of Active Directory
CONTROLLERS = f"_ldap._tcp.dc._msdcs.{AD}"
OF_SITE = f"_ldap._tcp.{SITE}._sites.dc._msdcs.{AD}"


def srv(name, host, port, priority=0, weight=100):
    return f"srv-host={name},{host},{port},{priority},{weight}"


def at(host, *addresses):
    return "\n".join(f"host-record={host},{address}" for address in addresses)


def near(server, name="ldap.example.edu"):
    """A server of a domain, by the name in its certificate."""
    return f"ldap://{name}:{server.port}"


@pytest.fixture(name="dns")
def make_dns(tmp_path):
    """Starts name servers: dns(srv(...), at(...)). All are stopped after the test."""
    with contextlib.ExitStack() as stack:
        def make(*records):
            folder = tmp_path / f"dns{len(list(tmp_path.iterdir()))}"
            folder.mkdir()
            return stack.enter_context(Dns(folder, *records))
        yield make


@pytest.fixture(name="find")
def make_find(login, trusted):  # noqa: F811
    def find(dns, *more, domain=DOMAIN):
        return read("--srv", domain, *login, *trusted, *WANTED, *more,
                    wrapper=dns.wrapper)
    return find


# ---- by DNS


def test_a_domains_server(dns, find, university):  # noqa: F811
    answer = find(dns(srv(PLAIN, "ldap.example.edu", university.port),
                      at("ldap.example.edu", "127.0.0.1")))
    is_whole(answer)
    assert answer.counts["server"] == near(university)
    assert answer.said("warning") == []


def test_those_of_active_directory_come_before_others(dns, find, university):  # noqa: F811
    answer = find(dns(srv(PLAIN, "other.example.edu", free_port()),
                      srv(ALL, "ldap.example.edu", university.port),
                      at("ldap.example.edu", "127.0.0.1")))
    is_whole(answer)
    assert answer.counts["server"] == near(university)


def test_priority_decides_and_the_next_one_stands_in(dns, find, university):  # noqa: F811
    port = free_port()
    records = [srv(PLAIN, "ldap.example.edu", university.port, priority=20),
               srv(PLAIN, "ldap.example.edu", port, priority=10, weight=0),
               at("ldap.example.edu", "127.0.0.1")]
    answer = find(dns(*records))
    is_whole(answer)
    assert answer.counts["server"] == near(university)
    assert answer.said("warning") == [
        f"cannot connect to 'ldap.example.edu' port {port}: Connection refused; trying the next "
        "server"]


def test_one_that_breaks_off_is_tried_again_and_then_the_next(dns, find, university):  # noqa: F811
    with Relay(university.port, "--cut-after", "60000") as relay:
        answer = find(dns(srv(PLAIN, "ldap.example.edu", relay.port, priority=1),
                          srv(PLAIN, "ldap.example.edu", university.port, priority=2),
                          at("ldap.example.edu", "127.0.0.1")))
    is_whole(answer)
    assert answer.count("restarts") == 2
    assert answer.counts["server"] == near(university)


def test_a_server_that_is_preferred_comes_first(dns, find, university):  # noqa: F811
    records = dns(srv(PLAIN, "ldap.example.edu", free_port(), priority=1),
                  srv(PLAIN, "ldap.example.edu", university.port, priority=2),
                  at("ldap.example.edu", "127.0.0.1"))
    answer = find(records, "--prefer", near(university))
    is_whole(answer)
    assert answer.said("warning") == []
    # One that is gone changes nothing.
    answer = find(records, "--prefer", "ldap://gone.example.edu")
    is_whole(answer)
    assert len(answer.said("warning")) == 1


def test_the_certificate_is_for_the_host_and_not_the_domain(dns, find, certificates,  # noqa: F811
                                                            tmp_path):
    certificates.issue("domain", "/CN=example.edu", "DNS:example.edu")
    folder = tmp_path / "slapd"
    folder.mkdir()
    server = Slapd(folder, certificates, tls="domain").start()
    try:
        answer = find(dns(srv(PLAIN, "ldap.example.edu", server.port),
                          at("ldap.example.edu", "127.0.0.1")))
    finally:
        server.stop()
    assert answer.status == UNAVAILABLE
    assert answer.error == (f"the certificate of '{near(server)}' is not accepted: it is for "
                            "'DNS:example.edu', and not for the host 'ldap.example.edu'")


def test_a_host_outside_of_the_domain_needs_an_authority(dns, login, university,  # noqa: F811
                                                         trusted):
    records = dns(srv("_ldap._tcp.uni.example.edu", "ldap.example.edu", university.port),
                  at("ldap.example.edu", "127.0.0.1"))
    question = ["--srv", "uni.example.edu", *login, *WANTED]
    answer = read(*question, wrapper=records.wrapper)
    assert answer.status == UNAVAILABLE
    assert answer.error == ("none of the servers that DNS names for 'uni.example.edu' is in that "
                            "domain")
    assert answer.hint.endswith("directory.tls.ca_file: then servers of other domains are used.")
    assert answer.said("warning") == [
        "'ldap.example.edu' is not in the domain 'uni.example.edu' and not used: only TLS and "
        "directory.tls.ca_file make sure of such servers"]
    is_whole(read(*question, *trusted, wrapper=records.wrapper))
    # Without TLS nobody shows a certificate.
    assert read(*question, *trusted, "--tls", "none",
                wrapper=records.wrapper).error == answer.error


def test_a_name_that_only_ends_like_the_domain_is_outside_of_it(dns, login):  # noqa: F811
    records = dns(srv("_ldap._tcp.uni.example.edu", "evil-uni.example.edu", 389),
                  at("evil-uni.example.edu", "127.0.0.1"))
    answer = read("--srv", "uni.example.edu", *login, *WANTED, wrapper=records.wrapper)
    assert answer.status == UNAVAILABLE
    assert answer.error.endswith("is in that domain")


def test_a_domain_without_servers(dns, find):
    answer = find(dns())
    assert (answer.status, answer.transient) == (UNAVAILABLE, False)
    assert answer.error == f"DNS names no directory server of '{DOMAIN}'"
    assert answer.hint == (f"Look for the records {ALL} and {PLAIN}, or name the servers in "
                           "directory.uri.")
    # A host "." says the same.
    assert find(dns(f"srv-host={PLAIN}")).error == answer.error


def test_no_name_server_answers(dns, find):
    records = dns()
    records.__exit__()
    answer = find(records)
    assert (answer.status, answer.transient) == (UNAVAILABLE, True)
    assert answer.error == (f"cannot look up '{PLAIN}': no name server answers, or none knows at "
                            "present")
    assert answer.hint == "Check this machine's DNS (/etc/resolv.conf)."


def test_an_answer_too_large_for_one_packet(dns, find, university):  # noqa: F811
    """More than 64 KB of UDP could hold: comes by TCP."""
    hosts = [srv(PLAIN, f"{'a' * 60}{number}.{'b' * 60}.example.edu", free_port(), priority=2)
             for number in range(60)]
    answer = find(dns(srv(PLAIN, "ldap.example.edu", university.port, priority=1), *hosts,
                      at("ldap.example.edu", "127.0.0.1")))
    is_whole(answer)
    assert answer.counts["server"] == near(university)


# ---- sites of Active Directory


@pytest.fixture(name="domain", scope="module")
def shared_domain(make_samba):  # noqa: F811
    return make_samba()


@pytest.fixture(name="find_ad")
def make_find_ad(tmp_path):
    def find(domain, dns, *more):
        secret = tmp_path / "secret"
        secret.write_text(domain.reader_password)
        secret.chmod(0o600)
        return read("--srv", AD, "--dn", domain.reader, "--password", secret, "--ca", domain.ca,
                    "--search", f"subtree,(sAMAccountName=reader),{USERS}", "--page", 100, *more,
                    wrapper=dns.wrapper)
    return find


def test_our_site_is_asked_of_a_controller(dns, find_ad, domain):
    """The domain's own name is one of its certificate too."""
    answer = find_ad(domain, dns(srv(CONTROLLERS, AD, 389), srv(OF_SITE, domain.host, 389),
                                 at(AD, domain.address), at(domain.host, domain.address)))
    assert (answer.error, len(answer.entries)) == ("", 1)
    assert f"this machine is in the site '{SITE}'" in answer.said("info")
    assert answer.counts["server"] == f"ldap://{domain.host}"
    assert answer.said("warning") == []


def test_ldaps_has_its_own_port(dns, find_ad, domain):
    answer = find_ad(domain, dns(srv(CONTROLLERS, domain.host, 389),
                                 at(domain.host, domain.address)), "--tls", "ldaps", "--site", "X")
    assert (answer.error, len(answer.entries)) == ("", 1)
    assert answer.counts["server"] == f"ldaps://{domain.host}"


def test_a_record_may_name_the_port_of_ldaps(dns, find_ad, domain):
    answer = find_ad(domain, dns(srv(CONTROLLERS, domain.host, 636),
                                 at(domain.host, domain.address)), "--site", "X")
    assert (answer.error, len(answer.entries)) == ("", 1)
    assert answer.counts["server"] == f"ldaps://{domain.host}"


def test_a_site_that_the_settings_name_is_not_asked_for(dns, find_ad, domain):
    records = dns(srv(CONTROLLERS, domain.host, 389, weight=0), srv(CONTROLLERS, AD, 389, weight=0),
                  srv(OF_SITE.replace(SITE, "Campus"), AD, 389),
                  at(AD, domain.address), at(domain.host, domain.address))
    answer = find_ad(domain, records, "--site", "Campus")
    assert (answer.error, answer.counts["server"]) == ("", f"ldap://{AD}")
    assert not any("this machine is in" in text for text in answer.said("info"))


def test_a_site_without_servers(dns, find_ad, domain):
    answer = find_ad(domain, dns(srv(CONTROLLERS, domain.host, 389),
                                 at(domain.host, domain.address)), "--site", "Campus")
    assert (answer.error, answer.counts["server"]) == ("", f"ldap://{domain.host}")
    assert answer.said("warning") == [
        "DNS names no server of the site 'Campus'; those of the whole domain are used"]


def test_the_sites_servers_are_down(dns, find_ad, domain):
    """Then those of the whole domain stand in, and one that is both is not tried twice."""
    answer = find_ad(domain, dns(srv(CONTROLLERS, domain.host, 389, priority=1),
                                 srv(CONTROLLERS, AD, 3890),
                                 srv(OF_SITE, AD, 3890),
                                 at(AD, domain.address), at(domain.host, domain.address)))
    assert (answer.error, answer.counts["server"]) == ("", f"ldap://{domain.host}")
    assert answer.said("warning") == [
        f"cannot connect to '{AD}' port 3890: Connection refused; trying the next server"]


# ---- several addresses of one name


class Elsewhere(Slapd):
    """At the same port of another address."""

    def __init__(self, *arguments, port, **options):
        super().__init__(*arguments, **options)
        self.port = port

    @property
    def ldap_uri(self):
        return f"ldap://127.0.0.2:{self.port}"

    def listens_at(self):
        return [("127.0.0.2", self.port)]


@pytest.fixture(name="balanced", scope="module")
def make_balanced(university, certificates, tmp_path_factory):  # noqa: F811
    server = Elsewhere(tmp_path_factory.mktemp("elsewhere"), certificates, port=university.port,
                       limits=university.limits)
    server.load(tree() + people(COUNT))
    server.start()
    yield at("ldap.example.edu", "127.0.0.1", "127.0.0.2")
    server.stop()


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"])
def test_the_address_in_use_is_shown_and_can_be_preferred(dns, login, trusted,  # noqa: F811
                                                          university, balanced, address):
    uri = near(university)
    answer = read("--uri", uri, *login, *trusted, *WANTED, "--prefer",
                  f"{uri} ({address})", wrapper=dns(balanced).wrapper)
    is_whole(answer)
    assert answer.counts["server"] == f"{uri} ({address})"
    assert f"of the addresses of {uri}, {address} is used" in answer.said("info")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"])
def test_the_next_run_asks_the_same_address_for_changes(dns, login, trusted,  # noqa: F811
                                                        university, balanced, address, tmp_path):
    uri = near(university)
    question = ["--uri", uri, *login, *trusted, *WANTED, "--changes", "timestamp", "--mark",
                tmp_path / "mark"]
    wrapper = dns(balanced).wrapper
    read(*question, "--prefer", f"{uri} ({address})", wrapper=wrapper)
    for _ in range(2):
        answer = read(*question, wrapper=wrapper)
        assert answer.error == ""
        assert answer.counts["server"] == f"{uri} ({address})"
        assert "changes named way=timestamp" in answer.output


def test_an_address_that_is_gone_is_replaced(dns, login, trusted, university,  # noqa: F811
                                             balanced):
    uri = near(university)
    answer = read("--uri", uri, *login, *trusted, *WANTED, "--prefer",
                  f"{uri} (127.0.0.9)", wrapper=dns(balanced).wrapper)
    is_whole(answer)
    assert answer.counts["server"] in (f"{uri} (127.0.0.1)", f"{uri} (127.0.0.2)")


def test_the_address_stays_after_a_break(dns, login, trusted, university):  # noqa: F811
    """The system would name 127.0.0.1 first, where all is well."""
    uri = near(university)
    with Relay(university.port, "--listen", str(university.port), "--host", "3", "--cut-after",
               "60000", "--faulty", "1"):
        answer = read("--uri", uri, *login, *trusted, *WANTED, "--prefer", f"{uri} (127.0.0.3)",
                      wrapper=dns(at("ldap.example.edu", "127.0.0.1", "127.0.0.3")).wrapper)
    is_whole(answer)
    assert answer.count("restarts") == 1
    assert answer.counts["server"] == f"{uri} (127.0.0.3)"


# ---- what a server may not hold


CATALOG_GAP = ("It holds only some attributes of everybody, and what is missing would be taken out "
               "of Alma: use port 389 or 636 of a domain controller.")
READ_ONLY_GAP = ("Attributes that are kept from it would be taken out of Alma: use a domain "
                 "controller that can be written to.")


READ_ONLY = {"supportedCapabilities": ["1.2.840.113556.1.4.800", "1.2.840.113556.1.4.1920"]}
BEHIND = {"supportedCapabilities": ["1.2.840.113556.1.4.800"], "isSynchronized": ["FALSE"]}


def controller(root):
    """A domain controller with this root DSE, as [MS-ADTS] 3.1.1.3 describes it, and nobody in
    it."""
    def answer(request, say):
        if accept_login(request, say):
            return
        if request.kind == SEARCH and not request.searched_base():
            say(message(request.number, fake_ldap.entry("", root)))
        say(message(request.number, result(DONE)))
    return answer


def test_a_global_catalog_is_warned_of(domain, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text(domain.reader_password)
    secret.chmod(0o600)
    answer = read("--uri", domain.gcs_uri, "--dn", domain.reader, "--password", secret, "--ca",
                  domain.ca, "--search", f"subtree,(sAMAccountName=reader),{USERS}", "--page", 100)
    assert (answer.error, len(answer.entries)) == ("", 1)
    assert answer.said("warning") == [
        f"'{domain.gcs_uri}' is the port of a global catalog. {CATALOG_GAP}"]


@pytest.mark.parametrize("root, words", [
    (READ_ONLY, f"a read-only domain controller. {READ_ONLY_GAP}"),
    (BEHIND, "not yet in step with the other servers. It may not have everybody: wait, or name "
             "another server first."),
])
def test_a_controller_that_holds_less_is_warned_of(login, root, words):  # noqa: F811
    with FakeServer(controller(root)) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, "--search", EVERYONE)
    assert answer.error == ""
    assert answer.said("warning") == [f"'{server.uri}' is {words}"]


# ---- the program


MAPPING = """\
mapping: 1
match_id: primary_id
user:
  primary_id: ${uid}
  last_name: ${sn}
"""


class FoundFeed(Feed):
    def __init__(self, folder, **directory):
        super().__init__(folder, mapping=MAPPING)
        self.write("secret", READER_PASSWORD)
        (self.folder / "secret").chmod(0o600)
        self.write("ldap2alma.yaml", yaml_text.dump({
            "name": "test", "mapping": "mapping.yaml", "delivery": {"folder": "out"},
            "spool": "spool", "directory": {
                "bind": {"dn": READER, "password": {"file": "secret"}}, "timeout": "5s",
                "connect_timeout": "5s", "page_size": 200,
                "searches": [{"base": PEOPLE, "filter": "(uid=*)"}], **directory}}))


@pytest.fixture(name="feed")
def make_feed(tmp_path, certificates):  # noqa: F811
    return lambda **more: FoundFeed(tmp_path, **{
        "tls": {"ca_file": certificates.path("ca.pem")}, **more})


def test_a_run_tells_the_server_it_found(dns, feed, university, balanced):  # noqa: F811
    records = dns(srv(PLAIN, "ldap.example.edu", university.port), balanced)
    found = feed(srv=DOMAIN)
    done = found.run(shared=["-v"], wrapper=records.wrapper)
    assert (done.returncode, found.report["counts"]["read"]) == (0, COUNT)
    uri, _, address = found.report["source"]["server"].partition(" ")
    assert uri == near(university)
    assert address in ("(127.0.0.1)", "(127.0.0.2)")
    assert f"of the addresses of {uri}, {address[1:-1]} is used" in done.stderr


def test_check_tells_the_servers_it_found(dns, feed, university):  # noqa: F811
    found = probed(feed(srv=DOMAIN), wrapper=dns(
        srv(PLAIN, "ldap.example.edu", university.port), at("ldap.example.edu", "127.0.0.1")).wrapper)
    assert found.all_well()
    assert found.lines["directory.srv"] == [f"DNS names 1 server of '{DOMAIN}'"]
    assert found.lines["directory.connection"] == [f"connected to '{near(university)}'"]
    assert found.json["source"] == near(university)


def test_check_tells_the_address_it_used(dns, feed, university, balanced):  # noqa: F811
    uri = near(university)
    found = probed(feed(uri=uri), wrapper=dns(balanced).wrapper)
    assert found.all_well()
    text, = found.lines["directory.connection"]
    assert text in [f"connected to '{uri}' at 127.0.0.{number}" for number in (1, 2)]
    name, = found.lines["directory.name"]
    assert sorted(name.split(" address ")[1].split(", ")) == ["127.0.0.1", "127.0.0.2"]


def test_check_finds_no_servers(dns, feed):
    found = probed(feed(srv=DOMAIN), wrapper=dns().wrapper)
    assert (found.failures, found.status) == (["directory.srv"], UNAVAILABLE)
    assert found.failed["directory.srv"][0] == f"DNS names no directory server of '{DOMAIN}'"


def test_check_warns_of_a_read_only_controller(feed):
    with FakeServer(controller(READ_ONLY)) as server:
        found = probed(feed(uri=server.uri, tls={"mode": "none"}))
    assert (f"'{server.uri}' is a read-only domain controller", READ_ONLY_GAP) in \
        found.lines["directory.root_dse"]
