"""Logging in to Active Directory, by password and by Kerberos, and every refusal in plain words."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import os
import re
import shutil
import subprocess
import time

import pytest
import yaml_text
from ad_people import ACCOUNT, DISABLED, LASTING
from fake_ldap import BIND, BIND_RESPONSE, FakeServer, message, result
from feed import Feed
from kdc import RefusingKdc, end_tickets, write_conf
from machine import UNSHARE, free_port, may_mount, program
from name_server import Dns, TurningDns
from probed import probed
from reading import CONFIGURATION, PERMISSION, PROGRAM, UNAVAILABLE, Answer, read
from relay import Relay
from samba import BASE, DOMAIN, PASSWORD, REALM, USERS, Samba, account, make_samba
from slapd import PEOPLE, READER, Slapd, certificates, people, tree

COUNT = 5000
NO_LIMIT = "limits * size=unlimited"
LONG_AGO = 130000000000000000   # FILETIME in 2012


def modify(name, attribute, value):
    return (f"dn: CN={name},{USERS}\nchangetype: modify\nreplace: {attribute}\n"
            f"{attribute}: {value}\n\n")


@pytest.fixture(scope="module")
def domain(tmp_path_factory, certificates):
    """A domain of 3,000 people and some accounts that may not log in, whose controller takes GSSAPI
    inside of TLS as those of Microsoft do."""
    if os.getuid() != 0:
        pytest.skip("only root can start a domain controller, whose ports are below 1024")
    program("samba")
    server = Samba(tmp_path_factory.mktemp("domain"), certificates, people=3000,
                   options={"ldap server require strong auth": "allow_sasl_over_tls"})
    server.add_offline(
        account("disabled", control=ACCOUNT | LASTING | DISABLED) + account("expired")
        + account("changing", control=ACCOUNT) + account("locked") + account("aged")
        + account("José Müller-Straße")
        # The service that slapd offers with this account's key.
        + account("slapd", "servicePrincipalName: ldap/127.0.0.1"))
    server.change_offline(
        modify("expired", "accountExpires", LONG_AGO) + modify("changing", "pwdLastSet", 0)
        + f"dn: {BASE}\nchangetype: modify\nreplace: lockoutThreshold\nlockoutThreshold: 3\n")
    yield server.start()
    server.stop()
    shutil.rmtree(server.dc)


@pytest.fixture
def secret(tmp_path):
    def write(text, name="password"):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(0o600)
        return path
    return write


def search(domain, *more):
    return ["--ca", domain.ca, "--search", f"subtree,(objectClass=user),{USERS}", "--attribute",
            "sAMAccountName", *more]


def as_user(name, password):
    return ["--dn", name, "--password", password]


def kerberos(domain, *more, conf=None, **variables):
    """What `read` wants to log in by GSSAPI; the environment only says where the KDC is."""
    environment = {**os.environ, "KRB5_CONFIG": str(conf or domain.krb5_conf), **variables}
    environment.pop("KRB5CCNAME", None)
    return ["--bind", "gssapi", *more], environment


def keytab_of(domain, name):
    path = domain.folder / f"{name}.keytab"
    if not path.exists():
        domain.keytab(name).chmod(0o600)
    return path


def by_keytab(domain, name="reader", conf=None):
    path = keytab_of(domain, name)
    return kerberos(domain, "--keytab", path, "--principal", f"{name}@{REALM}", conf=conf)


def names(answer):
    assert answer.error == ""
    return {value.decode() for entry in answer.entries.values()
            for value in entry["sAMAccountName"]}


# ---- by password


@pytest.mark.parametrize("uri", ["ldaps_uri", "ldap_uri"])
@pytest.mark.parametrize("name", [f"reader@{REALM.lower()}", f"{DOMAIN}\\reader",
                                  f"CN=reader,{USERS}"])
def test_every_form_of_a_name(domain, secret, uri, name):
    answer = read("--uri", getattr(domain, uri), *as_user(name, secret(PASSWORD)), *search(domain))
    assert {"reader", "Administrator"} <= names(answer)
    assert f"bound as '{name}'" in "".join(answer.said("info"))


def test_a_name_with_accents(domain, secret):
    answer = read("--uri", domain.ldaps_uri, *search(domain),
                  *as_user(f"CN=José Müller-Straße,{USERS}", secret(PASSWORD)))
    assert "José Müller-Straße" in names(answer)


@pytest.mark.parametrize("name, password, words", [
    ("reader", "wrong", "the password or the user name is wrong"),
    ("nobody", PASSWORD, "the password or the user name is wrong"),
    ("disabled", PASSWORD, "the account is disabled"),
    ("expired", PASSWORD, "the account has expired"),
    ("changing", PASSWORD, "the password must be changed first"),
])
def test_refusals_in_plain_words(domain, secret, name, password, words):
    answer = read("--uri", domain.ldaps_uri, *search(domain),
                  *as_user(f"{name}@{REALM.lower()}", secret(password)))
    assert answer.status == PERMISSION
    assert f"invalid credentials (49): {words}, '8009030" in answer.error
    assert "not tried again" in answer.hint
    assert not answer.transient


def test_no_run_locks_an_account_by_itself(domain, secret):
    """Three refusals lock it; each run makes one, however many servers it has."""
    servers = ["--uri", domain.ldaps_uri, "--uri", domain.ldap_uri, "--uri", domain.gcs_uri]
    login = f"locked@{REALM.lower()}"
    connection = domain.ldap()
    for refusals in (1, 2, 3):
        answer = read(*servers, *as_user(login, secret("wrong")), *search(domain))
        assert "the password or the user name is wrong" in answer.error
        (_, found), = connection.search_s(f"CN=locked,{USERS}", 0, attrlist=["badPwdCount"])
        assert found["badPwdCount"] == [str(refusals).encode()]
    connection.unbind_s()
    answer = read(*servers, *as_user(login, secret(PASSWORD)), *search(domain))
    assert answer.status == PERMISSION
    assert "the account is locked" in answer.error


def test_no_password_without_encryption(domain, secret):
    answer = read("--uri", domain.ldap_uri, "--tls", "none", *search(domain),
                  *as_user(f"reader@{REALM.lower()}", secret(PASSWORD)))
    assert answer.status == PERMISSION
    assert "strong(er) authentication required (8)" in answer.error
    assert "use an ldaps:// URI, or leave directory.tls.mode at auto" in answer.hint


@pytest.mark.parametrize("code, words", [
    ("525", "there is no such user"),
    ("530", "the account may not log in at this time"),
    ("531", "the account may not log in from this machine"),
    ("52f", "the account may not log in this way"),
    ("532", "the password has expired"),
    ("80090346", "the login is not bound to this TLS connection (channel binding)"),
])
def test_refusals_that_samba_does_not_give(secret, code, words):
    def refuse(request, say):
        say(message(request.number, result(BIND_RESPONSE, 49, "80090308: LdapErr: DSID-0C090569, "
            f"comment: AcceptSecurityContext error, data {code}, v4563\0")))
    with FakeServer(refuse) as server, FakeServer(refuse) as other:
        answer = read("--uri", server.uri, "--uri", other.uri, "--tls", "none",
                      *as_user("reader@ad.example.edu", secret("x")), "--search",
                      "base,(objectClass=*),")
        assert (server.connections, other.connections) == (1, 0)
    assert answer.status == PERMISSION
    assert f"invalid credentials (49): {words}" in answer.error


# ---- by Kerberos


def test_gssapi_inside_of_tls(domain):
    login, environment = by_keytab(domain)
    for uri in (domain.ldaps_uri, domain.ldap_uri):
        answer = read("--uri", uri, *login, *search(domain), env=environment)
        assert {"reader", "Administrator"} <= names(answer)
        assert [text for text in answer.said("info") if text.startswith("connected")] == [
            f"connected to {uri} (TLS1.3, bound by GSSAPI as 'reader@{REALM}')"]


def test_gssapi_encrypts_by_itself(domain):
    login, environment = by_keytab(domain)
    answer = read("--uri", domain.ldap_uri, "--tls", "none", *login, *search(domain),
                  env=environment)
    assert {"reader", "Administrator"} <= names(answer)
    assert "encrypted by GSSAPI" in "".join(answer.said("info"))


def test_the_environment_cannot_soften_it(domain):
    login, environment = by_keytab(domain)
    careless = {**environment, "LDAPSASL_SECPROPS": "none,minssf=0,maxssf=0,maxbufsize=0",
                "LDAPSASL_MECH": "PLAIN", "LDAPSASL_NOCANON": "off", "LDAPSASL_CBINDING": "none"}
    answer = read("--uri", domain.ldap_uri, "--tls", "none", *login, *search(domain), env=careless)
    assert "reader" in names(answer)
    answer = read("--uri", domain.ldaps_uri, *login, *search(domain),
                  env={**careless, "LDAPSASL_SECPROPS": "minssf=56"})
    assert "reader" in names(answer)


def test_thousands_of_a_domain_sealed(domain, secret):
    """All that the domain holds, in pages of all sizes, is what it is over TLS."""
    login, environment = by_keytab(domain)
    wanted = ["--ca", domain.ca, "--search", f"subtree,(objectClass=*),{BASE}", "--attribute",
              "objectGUID", "--attribute", "memberOf", "--attribute", "thumbnailPhoto"]
    plain = read("--uri", domain.ldaps_uri, *wanted, "--page", "1000",
                 *as_user(domain.reader, secret(PASSWORD)))
    assert len(plain.entries) > 3000
    for page in (0, 37, 1000):
        answer = read("--uri", domain.ldap_uri, "--tls", "none", *login, *wanted, "--page", page,
                      env=environment)
        assert answer.error == ""
        assert answer.entries == plain.entries


def test_gssapi_inside_of_tls_refused(make_samba):
    """Samba's default."""
    server = make_samba()
    login, environment = by_keytab(server)
    answer = read("--uri", server.ldap_uri, *login, *search(server), env=environment)
    assert answer.status == PERMISSION
    assert "Sign or Seal are required" in answer.error
    assert "Set directory.tls.mode to none and an ldap:// URI" in answer.hint


def kinit(domain, cache, *options):
    subprocess.run(["kinit", "-c", cache, *options, f"reader@{REALM}"], check=True,
                   input=PASSWORD.encode(), capture_output=True,
                   env={**os.environ, "KRB5_CONFIG": str(domain.krb5_conf)})
    return cache.read_bytes()


def test_ticket_caches(domain, tmp_path):
    cache = tmp_path / "cache"
    before = kinit(domain, cache)
    login, environment = kerberos(domain)
    for more in (["--ticket-cache", f"FILE:{cache}"], []):
        answer = read("--uri", domain.ldaps_uri, *login, *more, *search(domain),
                      env=environment if more else {**environment, "KRB5CCNAME": f"FILE:{cache}"})
        assert "reader" in names(answer)
        assert answer.said("warning") == []
    assert cache.read_bytes() == before


def test_a_ticket_that_ends_soon(domain, tmp_path):
    cache = tmp_path / "cache"
    kinit(domain, cache)
    login, environment = kerberos(domain, "--ticket-cache", f"FILE:{cache}")
    end_tickets(cache, int(time.time()) + 1800)
    answer = read("--uri", domain.ldaps_uri, *login, *search(domain), env=environment)
    assert "reader" in names(answer)
    warning, = answer.said("warning")
    assert re.fullmatch(rf"the ticket of 'reader@{REALM}' ends at 2\d\d\d-\d\d-\d\d \d\d:\d\d:\d\d "
                        "UTC, and no later one could be had", warning)


def test_a_ticket_that_ends_soon_is_renewed(domain, tmp_path):
    cache = tmp_path / "cache"
    kinit(domain, cache, "-l", "10h", "-r", "1d")
    end_tickets(cache, int(time.time()) + 1800, renewable=True)
    login, environment = kerberos(domain, "--ticket-cache", f"FILE:{cache}")
    answer = read("--uri", domain.ldaps_uri, *login, *search(domain), env=environment)
    assert "reader" in names(answer)
    assert answer.said("warning") == []


def test_an_expired_ticket(domain, tmp_path):
    cache = tmp_path / "cache"
    kinit(domain, cache)
    end_tickets(cache, int(time.time()) - 60)
    login, environment = kerberos(domain, "--ticket-cache", f"FILE:{cache}")
    answer = read("--uri", domain.ldaps_uri, *login, *search(domain), env=environment)
    assert answer.status == PERMISSION
    assert answer.error == (f"cannot use the ticket cache 'FILE:{cache}': the ticket has expired, "
                            "'Ticket expired'")
    assert "kinit" in answer.hint


def test_a_ticket_that_others_may_read(domain, tmp_path):
    cache = tmp_path / "cache"
    kinit(domain, cache)
    cache.chmod(0o640)
    for name in (f"FILE:{cache}", cache):
        login, environment = kerberos(domain, "--ticket-cache", name)
        answer = read("--uri", domain.ldaps_uri, *login, *search(domain), env=environment)
        assert answer.status == PERMISSION
        assert answer.error == f"the ticket is in '{cache}', which others may read (mode 0640)"
        assert answer.messages == []


def test_no_ticket(domain, tmp_path):
    for login, named in (
            (kerberos(domain, "--ticket-cache", f"FILE:{tmp_path}/none"), f"'FILE:{tmp_path}/none'"),
            (kerberos(domain), "of this user ('FILE:/tmp/")):
        answer = read("--uri", domain.ldaps_uri, *login[0], *search(domain), env=login[1])
        assert answer.status == PERMISSION
        assert answer.error.startswith("cannot use the ticket cache ")
        assert named in answer.error
        assert "there is no ticket" in answer.error


@pytest.mark.parametrize("more, words", [
    (["--ticket-cache", "FILLE:x"], "there is no such kind of ticket cache"),
    (["--ticket-cache", "FILE:{}/text"], "the file is no ticket cache"),
    (["--keytab", "{}/text", "--principal", "a@b@c"], "that is no name of a principal"),
])
def test_settings_that_cannot_be_meant(domain, tmp_path, more, words):
    (tmp_path / "text").write_text("no tickets and no keys\n")
    (tmp_path / "text").chmod(0o600)
    login, environment = kerberos(domain, *(word.format(tmp_path) for word in more))
    answer = read("--uri", domain.ldaps_uri, *login, *search(domain), env=environment)
    assert answer.status == CONFIGURATION
    assert words in answer.error


def test_a_krb5_conf_that_is_none(domain, tmp_path):
    (tmp_path / "krb5.conf").write_text("[libdefaults\n} = {\n")
    login, environment = kerberos(domain, conf=tmp_path / "krb5.conf")
    answer = read("--uri", domain.ldaps_uri, *login, *search(domain), env=environment)
    assert answer.status == CONFIGURATION
    assert answer.error.startswith("cannot set up Kerberos: ")
    assert answer.hint == "Check krb5.conf."


@pytest.mark.parametrize("name, words", [
    ("disabled", "the account is disabled, locked or expired"),
    ("expired", "the account is disabled, locked or expired"),
    ("changing", "the password has expired or must be changed first"),
])
def test_accounts_that_kerberos_refuses(domain, name, words):
    login, environment = by_keytab(domain, name)
    answer = read("--uri", domain.ldaps_uri, "--uri", domain.ldap_uri, *login, *search(domain),
                  env=environment)
    assert answer.status == PERMISSION
    assert answer.error.startswith(f"cannot get a ticket for '{name}@{REALM}' by the keytab ")
    assert words in answer.error
    assert "not tried again" in answer.hint
    assert answer.said("warning") == []


def test_a_keytab_of_an_older_password(domain, tmp_path):
    login, environment = by_keytab(domain, "aged")
    domain.tool_on_data("samba-tool", "user", "setpassword", "aged",
                        "--newpassword=An0ther-Passw0rd!")
    answer = read("--uri", domain.ldaps_uri, *login, *search(domain), env=environment)
    assert answer.status == PERMISSION
    assert "the key of the keytab is not the account's" in answer.error
    assert "have it made anew" in answer.hint
    connection = domain.ldap()
    (_, found), = connection.search_s(f"CN=aged,{USERS}", 0, attrlist=["badPwdCount"])
    connection.unbind_s()
    assert found["badPwdCount"] == [b"1"]


def test_keytabs_that_cannot_be_used(domain, tmp_path):
    good = keytab_of(domain, "reader").read_bytes()
    cases = [("missing", None, 0, "the keytab", CONFIGURATION, "No such file"),
             ("open", good, 0o644, "the keytab is in", PERMISSION, "others may read"),
             ("other", good, 0o600, "nobody", CONFIGURATION, "holds no key of this principal"),
             ("text", b"no keytab\n", 0o600, "reader", CONFIGURATION, "the file is no keytab"),
             ("empty", b"", 0o600, "reader", CONFIGURATION, "the file is no keytab"),
             ("cut", good[:40], 0o600, "reader", CONFIGURATION, "the keytab holds no key")]
    for name, content, mode, words, status, more in cases:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
            path.chmod(mode)
        principal = f"{'nobody' if name == 'other' else 'reader'}@{REALM}"
        login, environment = kerberos(domain, "--keytab", path, "--principal", principal)
        if name == "cut":   # libkrb5 itself loses memory there
            environment["ASAN_OPTIONS"] = "detect_leaks=0"
        answer = read("--uri", domain.ldaps_uri, *login, *search(domain), env=environment)
        assert answer.status == status, (name, answer.error)
        assert words in answer.error
        assert more in answer.error


@pytest.mark.parametrize("code, status, words", [
    (1, PERMISSION, "the account has expired"),
    (6, PERMISSION, "the realm knows no such account"),
    (12, PERMISSION, "the account may not log in now or from here"),
    (14, PERMISSION, "there is no kind of encryption that both sides know"),
    (18, PERMISSION, "the account is disabled, locked or expired"),
    (23, PERMISSION, "the password has expired or must be changed first"),
    (24, PERMISSION, "the key of the keytab is not the account's"),
    (37, UNAVAILABLE, "the clocks of this machine and of the KDC differ too much"),
])
def test_what_a_kdc_refuses_with(domain, tmp_path, code, status, words):
    """RFC 4120 section 7.5.9; asked by one login, with two servers on the list."""
    with RefusingKdc(code) as kdc:
        kdc.write_conf(tmp_path / "krb5.conf")
        login, environment = by_keytab(domain, conf=tmp_path / "krb5.conf")
        answer = read("--uri", domain.ldaps_uri, "--uri", domain.ldap_uri, *login, *search(domain),
                      env=environment)
        # libkrb5 looks whether there is another kind of proof.
        assert kdc.requests == (2 if code == 24 else 1)
    assert answer.status == status
    assert words in answer.error
    assert answer.hint
    assert not answer.transient


def test_no_kdc(domain, tmp_path):
    conf = tmp_path / "krb5.conf"
    for kdc, words in ((f"kdc = 127.0.0.1:{free_port()}", "no KDC answers"),
                       ("", "no KDC of the realm is known")):
        write_conf(conf, kdc)
        login, environment = by_keytab(domain, conf=conf)
        answer = read("--uri", domain.ldaps_uri, *login, *search(domain), env=environment)
        assert answer.status == UNAVAILABLE
        assert answer.transient
        assert words in answer.error
        assert "port 88" in answer.hint


def test_a_service_that_kerberos_does_not_know(domain, kerberized):
    """An alias in directory.uri; the next server of the list may be written right."""
    login, environment = by_keytab(domain)
    wrong = f"ldap://localhost:{kerberized.port}"
    answer = read("--uri", wrong, "--tls", "none", *login, *search(domain), env=environment)
    assert answer.status == CONFIGURATION
    assert ("cannot get a ticket for the service 'ldap/localhost': the realm knows no such "
            "service") in answer.error
    assert "not by an alias" in answer.hint
    answer = read("--uri", wrong, "--uri", domain.ldap_uri, "--tls", "none", *login,
                  *search(domain), env=environment)
    assert "reader" in names(answer)
    assert len(answer.said("warning")) == 1


def test_dns_does_not_rename_the_server(domain, tmp_path):
    """krb5.conf's own way would ask for the ticket of the name that the address has."""
    if not may_mount():
        pytest.skip("only root can mount a file over /etc/hosts")
    (tmp_path / "hosts").write_text(f"127.0.0.1 localhost\n{domain.address} other.example.edu "
                                    f"{domain.host}\n")
    write_conf(tmp_path / "krb5.conf", f"kdc = {domain.address}",
               "rdns = true\n dns_canonicalize_hostname = true")
    login, environment = by_keytab(domain, conf=tmp_path / "krb5.conf")
    script = f'mount --bind {tmp_path}/hosts /etc/hosts && exec "$@"'
    done = subprocess.run(
        [*UNSHARE, "sh", "-c", script, "sh", PROGRAM, "--uri", f"ldap://{domain.host}", "--tls",
         "none", *map(str, login), *search(domain)], stdout=subprocess.PIPE, env=environment,
        timeout=60)
    answer = Answer(done.stdout.decode(), done.returncode)
    assert "reader" in names(answer)


@pytest.mark.parametrize("mode", ["auto", "none"])
def test_all_is_found_by_dns(domain, tmp_path, mode):
    """Domain controllers and KDC, as at a site that sets up nothing but its domain's name."""
    (tmp_path / "krb5.conf").write_text("")
    login, environment = by_keytab(domain, conf=tmp_path / "krb5.conf")
    zone = REALM.lower()
    with Dns(tmp_path, f"host-record={domain.host},{domain.address}",
             f"srv-host=_ldap._tcp.dc._msdcs.{zone},{domain.host},389,0,100",
             *(f"srv-host=_kerberos._{kind}.{zone},{domain.host},88,0,100"
               for kind in ("tcp", "udp"))) as dns:
        answer = read("--srv", zone, "--tls", mode, *login, *search(domain), env=environment,
                      wrapper=dns.wrapper)
    assert {"reader", "Administrator"} <= names(answer)
    assert answer.counts["server"] == f"ldap://{domain.host}"


def test_the_module_may_be_missing(domain, tmp_path):
    login, environment = by_keytab(domain)
    answer = read("--uri", domain.ldaps_uri, *login, *search(domain),
                  env={**environment, "SASL_PATH": str(tmp_path)})
    assert answer.status == CONFIGURATION
    assert "has no module for it" in answer.error
    assert "libsasl2-modules-gssapi-mit" in answer.hint
    assert answer.messages == []


# ---- by Kerberos at OpenLDAP, with the domain's KDC


@pytest.fixture(scope="module")
def make_kerberized(domain, certificates, tmp_path_factory):
    """Servers that know the domain's users; `binding` is what they want a login bound to."""
    servers = []
    keytab = domain.folder / "service.keytab"
    domain.tool("samba-tool", "domain", "exportkeytab", f"--principal=ldap/127.0.0.1@{REALM}", keytab)

    def make(binding, **options):
        server = Slapd(tmp_path_factory.mktemp("kerberized"), certificates, options=(
            f"sasl-host 127.0.0.1\nsasl-realm {REALM}\nsasl-cbinding {binding}\n"
            f'authz-regexp "uid=reader,(cn=[^,]*,)?cn=gssapi,cn=auth" "{READER}"'), **options)
        servers.append(server)
        server.load(tree() + people(COUNT))
        saved = {name: os.environ.get(name) for name in ("KRB5_KTNAME", "KRB5_CONFIG")}
        os.environ.update(KRB5_KTNAME=str(keytab), KRB5_CONFIG=str(domain.krb5_conf))
        try:
            return server.start()
        finally:
            for name, value in saved.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})

    yield make
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def kerberized(make_kerberized):
    return make_kerberized("tls-endpoint", limits=NO_LIMIT)


EVERYBODY = ["--search", f"subtree,(uid=*),{PEOPLE}", "--attribute", "uid", "--attribute", "mail"]


def has_all(answer):
    assert answer.error == ""
    assert len(answer.entries) == answer.count("entries") == COUNT
    return True


@pytest.mark.parametrize("page", [0, 37, 1000])
def test_thousands_sealed(domain, kerberized, page):
    login, environment = by_keytab(domain)
    assert has_all(read("--uri", kerberized.ldap_uri, "--tls", "none", *login, *EVERYBODY,
                        "--page", page, env=environment))


def test_bound_to_the_certificate(domain, kerberized):
    login, environment = by_keytab(domain)
    for uri in (kerberized.ldaps_uri, kerberized.ldap_uri):
        assert has_all(read("--uri", uri, "--ca", domain.ca, *login, *EVERYBODY, env=environment))


def test_bound_to_another_connection(domain, make_kerberized):
    """A server that sees another binding than ours refuses, so ours was sent. (TLS 1.3 has none of
    the other kind.)"""
    older = "\nTLSCipherSuite NORMAL:-VERS-ALL:+VERS-TLS1.2"
    login, environment = by_keytab(domain)
    for binding, status in (("tls-endpoint", 0), ("tls-unique", PERMISSION)):
        server = make_kerberized(binding + older, limits=NO_LIMIT)
        answer = read("--uri", server.ldaps_uri, "--ca", domain.ca, *login, *EVERYBODY,
                      env=environment)
        assert answer.status == status
    assert answer.error.startswith(f"cannot log in by GSSAPI to '{server.ldaps_uri}': invalid "
                                   "credentials (49), 'SASL(-13): authentication failure")


def test_encrypted_once(domain, make_kerberized):
    """A server that wants SASL's own encryption has it without TLS, and inside of TLS there is
    none."""
    server = make_kerberized("tls-endpoint\nsecurity sasl=56", limits=NO_LIMIT)
    login, environment = by_keytab(domain)
    assert has_all(read("--uri", server.ldap_uri, "--tls", "none", *login, *EVERYBODY,
                        env=environment))
    answer = read("--uri", server.ldaps_uri, "--ca", domain.ca, *login, *EVERYBODY, env=environment)
    assert "confidentiality required (13)" in answer.error


@pytest.mark.parametrize("strength", [0, 1])
def test_a_server_that_does_not_encrypt(domain, make_kerberized, strength):
    """Only a signature, or not even that."""
    server = make_kerberized(f"tls-endpoint\nsasl-secprops maxssf={strength}", limits=NO_LIMIT)
    login, environment = by_keytab(domain)
    # Cyrus SASL itself loses memory there.
    answer = read("--uri", server.ldap_uri, "--tls", "none", *login, *EVERYBODY,
                  env={**environment, "ASAN_OPTIONS": "detect_leaks=0"})
    assert answer.status == PERMISSION
    assert answer.error.startswith(f"cannot log in by GSSAPI to '{server.ldap_uri}': ")
    assert answer.hint.startswith("The server does not let GSSAPI encrypt, so that TLS must: ")
    assert answer.entries == {}
    assert has_all(read("--uri", server.ldaps_uri, "--ca", domain.ca, *login, *EVERYBODY,
                        env=environment))


def test_sealed_where_there_is_no_starttls(domain, make_kerberized):
    server = make_kerberized("none", tls=None, limits=NO_LIMIT)
    login, environment = by_keytab(domain)
    answer = read("--uri", server.ldap_uri, *login, *EVERYBODY, env=environment)
    assert has_all(answer)
    infos = "\n".join(answer.said("info"))
    assert f"cannot begin StartTLS with '{server.ldap_uri}'" in infos
    assert "GSSAPI encrypts instead" in infos
    answer = read("--uri", server.ldap_uri, "--tls", "starttls", *login, *EVERYBODY,
                  env=environment)
    assert answer.status == UNAVAILABLE


def test_a_ticket_for_each_login(domain, kerberized):
    """A connection that breaks in the middle is made anew, login and all."""
    login, environment = by_keytab(domain)
    with Relay(kerberized.port, "--cut-after", "60000", "--faulty", "1") as relay:
        answer = read("--uri", f"ldap://127.0.0.1:{relay.port}", "--tls", "none", *login,
                      *EVERYBODY, "--page", 100, env=environment)
    assert has_all(answer)
    assert answer.count("restarts") == 1


def test_a_server_that_only_says_that_it_is_one(domain):
    """Without its key nobody can end the exchange; nothing is asked of such a server."""
    login, environment = by_keytab(domain)

    def believe(request, say):
        assert request.kind == BIND
        say(message(request.number, result(BIND_RESPONSE)))
    with FakeServer(believe) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *EVERYBODY, env=environment)
    assert answer.status == PERMISSION
    assert answer.error.startswith(f"cannot log in by GSSAPI to '{server.uri}': ")
    assert answer.entries == {}


@pytest.mark.parametrize("honest", range(6))
def test_dns_that_changes_its_mind(domain, kerberized, tmp_path, honest):
    """Another server of the realm, at whose address DNS shows the one that is meant, would be
    believed if a ticket for its own name could be had."""
    write_conf(tmp_path / "krb5.conf", f"kdc = {domain.address}",
               "rdns = false\n dns_canonicalize_hostname = true")
    login, environment = by_keytab(domain, conf=tmp_path / "krb5.conf")
    with TurningDns(tmp_path, honest, "127.0.0.1") as dns:
        answer = read("--uri", f"ldap://{domain.host}:{kerberized.port}", "--tls", "none", *login,
                      *EVERYBODY, env=environment, wrapper=dns.wrapper)
    assert dns.asked > 3
    assert answer.status == PERMISSION
    assert "cannot log in by GSSAPI" in answer.error
    if "Matching credential not found" in answer.error:
        assert "as Kerberos knows it" in answer.hint


def test_a_server_without_gssapi(domain):
    login, environment = by_keytab(domain)

    def refuse(request, say):
        say(message(request.number, result(BIND_RESPONSE, 7, "unknown mechanism")))
    with FakeServer(refuse) as server:
        answer = read("--uri", server.uri, "--tls", "none", *login, *EVERYBODY, env=environment)
    assert answer.status == PERMISSION
    assert "(7), 'unknown mechanism'" in answer.error


# ---- through the program


MAPPING = """\
mapping: 1
match_id: primary_id
user:
  primary_id: ${uid}
  last_name: ${sn}
"""


@pytest.mark.parametrize("mode, tls", [("none", "has no TLS; GSSAPI encrypts instead"),
                                       ("auto", "is encrypted by TLS1.3")])
def test_check(domain, kerberized, tmp_path, monkeypatch, mode, tls):
    monkeypatch.setenv("KRB5_CONFIG", str(domain.krb5_conf))
    keytab = keytab_of(domain, "reader")
    feed = Feed(tmp_path, mapping=MAPPING)
    feed.write("ldap2alma.yaml", yaml_text.dump({
        "name": "test", "mapping": "mapping.yaml", "spool": "spool", "delivery": {"folder": "out"},
        "directory": {"uri": kerberized.ldap_uri, "tls": {"mode": mode, "ca_file": domain.ca},
                      "bind": {"method": "gssapi", "keytab": keytab,
                               "principal": f"reader@{REALM}"},
                      "searches": [{"base": PEOPLE, "filter": "(uid=u00000*)"}]}}))
    found = probed(feed)
    assert found.failures == []
    assert found.lines["directory.login"] == [
        f"logged in to '{kerberized.ldap_uri}' by GSSAPI as 'reader@{REALM}'"]
    assert tls in found.lines["directory.tls"][0]
