"""The servers of the tests are what the tests that use them take them for."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import subprocess

import ldap
import pytest
from ad_people import ACCOUNT, DISABLED, NEVER, filetime
from ds389 import ds389, make_ds389
from ldap.controls import RequestControl
from ldap.ldapobject import SimpleLDAPObject
from ldap.syncrepl import SyncreplConsumer
from machine import program
from samba import BASE, PASSWORD, account, make_samba, samba
from slapd import PEOPLE, SUFFIX, certificates, make_slapd, people, tree

COUNT = 3000
ACTIVE_DIRECTORY = b"1.2.840.113556.1.4.800"
DIRSYNC = "1.2.840.113556.1.4.841"
# SEQUENCE { flags 0, maxBytes 0, cookie "" } (MS-ADTS 3.1.1.3.4.1.3)
DIRSYNC_FROM_THE_BEGINNING = bytes.fromhex("3008" "020100" "020100" "0400")


class Watcher(SyncreplConsumer, SimpleLDAPObject):
    """RFC 4533, refreshOnly: what one refresh after the other tells."""

    cookie = None

    def refresh(self, base):
        """Sets told, the DNs that came; gone, the identifiers of what is not there any more; and
        presence: whether who is not told is gone as well."""
        self.told, self.gone, self.presence = [], [], False
        number = self.syncrepl_search(base, ldap.SCOPE_SUBTREE, "refreshOnly",
                                      filterstr="(objectClass=inetOrgPerson)", attrlist=["1.1"])
        while self.syncrepl_poll(msgid=number, all=1):
            pass
        return self

    def syncrepl_get_cookie(self):
        return self.cookie

    def syncrepl_set_cookie(self, cookie):
        self.cookie = cookie

    def syncrepl_entry(self, dn, attributes, uuid):
        self.told.append(dn)

    def syncrepl_delete(self, uuids):
        self.gone += uuids

    def syncrepl_present(self, uuids, refreshDeletes=False):
        self.presence |= not refreshDeletes

    def syncrepl_refreshdone(self):
        pass


def watcher(server):
    connection = Watcher(server.ldap_uri)
    connection.simple_bind_s(server.reader, server.reader_password)
    return connection


def people_found(connection, where, *attributes, base=BASE):
    """Attributes by DN; without continuation references."""
    return {dn: entry for dn, entry in connection.search_s(
        base, ldap.SCOPE_SUBTREE, where, attributes or ["1.1"]) if dn}


@pytest.fixture(scope="module")
def reader(samba):
    """What the reader, who is nobody special, sees of the domain."""
    return samba.ldap(samba.reader, PASSWORD)


# ---- Active Directory


def test_domain_is_an_active_directory(reader):
    _, root = reader.search_s("", ldap.SCOPE_BASE, attrlist=["*", "+"])[0]
    assert root["defaultNamingContext"] == [BASE.encode()]
    assert ACTIVE_DIRECTORY in root["supportedCapabilities"]
    assert DIRSYNC.encode() in root["supportedControl"]
    assert int(root["highestCommittedUSN"][0]) > COUNT


def test_domain_has_people_of_all_kinds(reader):
    everybody = people_found(reader, "(employeeID=*)", "userAccountControl", "accountExpires",
                             "thumbnailPhoto", "sn", "streetAddress", "proxyAddresses",
                             base=f"OU=People,{BASE}")
    assert len(everybody) == COUNT
    assert all(r"\," in dn for dn in everybody)
    controls = [int(entry["userAccountControl"][0]) for entry in everybody.values()]
    assert controls.count(ACCOUNT | DISABLED) == COUNT / 20
    ends = [int(entry["accountExpires"][0]) for entry in everybody.values()]
    assert ends.count(filetime("20200131000000Z")) == COUNT / 25
    assert all(ends.count(never) > COUNT / 20 for never in NEVER)
    assert any(not entry["sn"][0].isascii() for entry in everybody.values())
    assert any("thumbnailPhoto" in entry for entry in everybody.values())
    assert any(len(entry.get("proxyAddresses", [])) > 1 for entry in everybody.values())
    assert all(b"\r\n" in entry["streetAddress"][0] for entry in everybody.values())


def test_domain_has_a_large_group(reader):
    (entry,) = people_found(reader, "(cn=all-students)", "member").values()
    assert len(entry["member"]) > 1500


def test_groups_of_the_domain_are_nested_in_a_cycle(reader):
    entries = people_found(reader, "(groupType=*)", "member", base=f"OU=Groups,{BASE}")
    group = "dept-00"
    for parent in ("faculty-arts", "university", "card-holders", "doors", "university"):
        entry = entries[f"CN={parent},OU=Groups,{BASE}"]
        assert f"CN={group},OU=Groups,{BASE}".encode() in entry["member"]
        group = parent


def test_primary_group_is_no_value_of_member(reader):
    """Nor of memberOf."""
    ((dn, group),) = people_found(reader, "(cn=library-staff)", "member", "objectSid").items()
    number = int.from_bytes(group["objectSid"][0][-4:], "little")
    members = people_found(reader, f"(primaryGroupID={number})", "memberOf")
    assert members and "member" not in group
    assert all(dn.encode() not in entry["memberOf"] for entry in members.values())


def test_domain_refuses_as_active_directory_does(samba):
    with pytest.raises(ldap.INVALID_CREDENTIALS, match="data 52e"):
        samba.ldap(samba.reader, "wrong")
    with pytest.raises(ldap.STRONG_AUTH_REQUIRED):
        ldap.initialize(samba.ldap_uri).simple_bind_s(samba.reader, PASSWORD)


def test_only_the_replicator_may_use_dirsync(samba, reader):
    control = RequestControl(DIRSYNC, True, DIRSYNC_FROM_THE_BEGINNING)
    replicator = samba.ldap(samba.replicator, PASSWORD)

    def search(connection):
        """Of objectGUID alone nothing would come: it never changes."""
        return connection.search_ext_s(BASE, ldap.SCOPE_SUBTREE, "(employeeID=*)",
                                       ["objectClass"], serverctrls=[control])

    assert len(search(replicator)) >= COUNT
    with pytest.raises(ldap.INSUFFICIENT_ACCESS):
        search(reader)


def test_domain_gives_tickets(samba):
    """By the address and by the host's name, for which nobody's /etc/hosts is changed."""
    environment = {"PATH": "/usr/bin", "KRB5_CONFIG": samba.krb5_conf, "KRB5CCNAME": "MEMORY:",
                   "KRB5_CLIENT_KTNAME": samba.keytab("reader")}
    done = subprocess.run(
        [program("ldapsearch"), "-N", "-Y", "GSSAPI", "-LLL", "-H", samba.ldap_uri, "-b", BASE,
         "-s", "base", "dn"], env=environment, capture_output=True, text=True, check=False)
    assert f"dn: {BASE}" in done.stdout, done.stderr
    subprocess.run([program("kinit"), "-k", "-t", samba.keytab("reader"), "-S",
                    f"ldap/{samba.host}", f"reader@{samba.realm}"], env=environment, check=True)


def test_global_catalog(samba):
    connection = ldap.initialize(samba.gcs_uri)
    connection.set_option(ldap.OPT_X_TLS_CACERTFILE, samba.ca)
    connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    connection.simple_bind_s(samba.reader, PASSWORD)
    assert len(people_found(connection, "(employeeID=*)")) == COUNT


def test_domains_run_side_by_side(samba, make_samba):
    """A domain controller's copy has its invocationId, that of another host has its own."""
    def invocation(server):
        connection = server.ldap()
        _, root = connection.search_s("", ldap.SCOPE_BASE, attrlist=["dsServiceName"])[0]
        _, service = connection.search_s(root["dsServiceName"][0].decode(), ldap.SCOPE_BASE,
                                         attrlist=["invocationId"])[0]
        return service["invocationId"][0]

    copy, other = make_samba(people=COUNT), make_samba(host="dc2")
    assert invocation(copy) == invocation(samba) != invocation(other)
    copy.modify(account("newcomer"))
    copy.restart()
    assert len(people_found(copy.ldap(), "(cn=newcomer)")) == 1
    assert len(people_found(samba.ldap(), "(cn=newcomer)")) == 0


# ---- 389 Directory Server


def test_ds389_has_the_university(ds389):
    connection = ds389.ldap(ds389.reader, ds389.reader_password)
    assert len(people_found(connection, "(objectClass=universityPerson)", base=SUFFIX)) == COUNT


def test_ds389_synchronizes_and_keeps_a_changelog(ds389):
    """A cookie later only what changed is told, and a deletion by name; but as if it were a present
    phase, against RFC 4533, 3.3.2, by which everybody who is not told would be gone."""
    watching = watcher(ds389)
    first, second = watching.refresh(SUFFIX).told[:2]
    assert len(watching.told) == COUNT
    ds389.modify(f"dn: {first}\nchangetype: delete\n\n"
                 f"dn: {second}\nchangetype: modify\nreplace: title\ntitle: Dean\n\n")
    watching.refresh(SUFFIX)
    assert (watching.told, len(watching.gone), watching.presence) == ([second], 1, True)
    changes = people_found(ds389.ldap(), "(changeNumber=*)", "changeType", base="cn=changelog")
    assert {entry["changeType"][0] for entry in changes.values()} == {b"delete", b"modify"}


def test_ds389_with_an_incomplete_changelog_hides_changes(make_ds389):
    server = make_ds389(tree() + people(3), complete=False)
    watching = watcher(server)
    cookie = watching.refresh(SUFFIX).cookie
    server.modify(f"dn: uid=u000001,{PEOPLE}\nchangetype: delete\n\n")
    watching.refresh(SUFFIX)
    assert (watching.told, watching.gone, watching.cookie != cookie) == ([], [], True)


def test_ds389_keeps_member_of(ds389):
    dn = next(iter(people_found(ds389.ldap(), "(title=Tutor)", base=PEOPLE)))
    ds389.modify(f"dn: cn=fresh,ou=groups,{SUFFIX}\nobjectClass: groupOfNames\nmember: {dn}\n\n")
    (entry,) = people_found(ds389.ldap(), "(objectClass=*)", "memberOf", base=dn).values()
    assert f"cn=fresh,ou=groups,{SUFFIX}".encode() in entry["memberOf"]


def test_ds389_has_a_certificate(ds389):
    connection = ldap.initialize(ds389.ldaps_uri)
    connection.set_option(ldap.OPT_X_TLS_CACERTFILE, ds389.ca)
    connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
    connection.simple_bind_s(ds389.reader, ds389.reader_password)


# ---- OpenLDAP


@pytest.mark.parametrize("log", ["syncprov", "sessionlog"])
def test_slapd_synchronizes(make_slapd, log):
    """Without a session log it tells who is still there, with one who is gone; a restart forgets
    the log."""
    server = make_slapd(tree() + people(20), extras=[log])
    watching = watcher(server)
    assert len(watching.refresh(SUFFIX).told) == 20
    server.modify(f"dn: uid=u000001,{PEOPLE}\nchangetype: delete\n\n")
    watching.refresh(SUFFIX)
    assert (len(watching.gone), watching.presence) == ((1, False) if log == "sessionlog"
                                                       else (0, True))
    server.modify(f"dn: uid=u000002,{PEOPLE}\nchangetype: delete\n\n")
    server.restart()
    again = watcher(server)
    again.cookie = watching.cookie
    again.refresh(SUFFIX)
    assert (again.told, again.gone, again.presence) == ([], [], True)


def test_slapd_logs_accesses(make_slapd):
    server = make_slapd(tree() + people(2), extras=["accesslog"])
    server.modify(f"dn: uid=u000001,{PEOPLE}\nchangetype: delete\n\n")
    found = people_found(server.ldap(server.reader, server.reader_password),
                         "(objectClass=auditDelete)", "reqDN", base="cn=accesslog")
    assert [entry["reqDN"] for entry in found.values()] == [[f"uid=u000001,{PEOPLE}".encode()]]


def test_slapd_keeps_member_of(make_slapd):
    server = make_slapd(tree() + people(2), extras=["memberof", "sessionlog"])
    server.modify(f"dn: cn=fresh,{SUFFIX}\nobjectClass: groupOfNames\n"
                  f"member: uid=u000002,{PEOPLE}\n\n")
    found = people_found(server.ldap(), f"(memberOf=cn=fresh,{SUFFIX})", base=SUFFIX)
    assert list(found) == [f"uid=u000002,{PEOPLE}"]
