"""ldap2alma init: what it finds out about real servers, and that what it writes can be used.

The people here have names that nobody else has, so that a trace of one of them is found.
"""

import re
import subprocess

import ds389
import pytest
from ds389 import make_ds389  # noqa: F401
from feed import PROGRAM
from samba import BASE, make_samba  # noqa: F401
from slapd import PEOPLE, READER, READER_PASSWORD, SUFFIX, certificates, make_slapd  # noqa: F401
from slapd import ldif, tree

FILES = ["ldap2alma.yaml", "mapping.test.yaml", "mapping.yaml"]
GIVEN = ["Quillan", "Björgvin", "Anne Xaviera", "Zsófia", "Ulf-Ottokar"]
SURNAMES = ["Featherstone", "Grünwaldsen", "O'Hanrahan", "Villa Umbrosa", "Kjeldgaard-Ox"]


class Person:
    """The `number`th of a made-up university; every tenth is out of use."""

    def __init__(self, number):
        self.number = number
        self.uid = f"qf{number * 7919 % 100000:05d}"
        self.given = GIVEN[number % len(GIVEN)] + "aeiou"[number // 5 % 5] * 2
        self.surname = SURNAMES[number // 5 % len(SURNAMES)] + "aeiou"[number % 5] * 2
        self.kind = ("student", "student", "staff", "faculty")[number % 4]
        self.mail = f"{self.uid}.{number * 31 % 977}@uni.example.edu"
        self.phone = f"+49 89 {number * 4409 % 1000000:06d}"
        self.staff_number = f"S{number * 3571 % 1000000:06d}"
        self.is_disabled = number % 10 == 3

    def attributes(self):
        return [f"uid: {self.uid}", f"cn: {self.given} {self.surname}", f"sn: {self.surname}",
                f"givenName: {self.given}", f"mail: {self.mail}", f"telephoneNumber: {self.phone}",
                f"employeeNumber: {self.staff_number}"]

    def inetorg(self, *more, unit="people"):
        return ldif(f"uid={self.uid},ou={unit},{SUFFIX}", "objectClass: inetOrgPerson",
                    *self.attributes(), f"userPassword: hidden-{self.uid}", *more)

    def traces(self):
        """What is this person's alone."""
        return [self.uid, self.given, self.surname, self.mail, self.phone, self.staff_number,
                f"hidden-{self.uid}"]


CAMPUS = [Person(number) for number in range(60)]


class Proposal:
    """What `init` said and wrote."""

    def __init__(self, folder, uri, *options):
        self.folder = folder / "feed"
        self.result = subprocess.run([PROGRAM, "init", *options, "--output", self.folder, uri],
                                     capture_output=True, text=True, timeout=120, check=False)
        self.report = self.result.stdout
        assert (self.result.returncode, self.result.stderr) == (0, "")
        assert sorted(path.name for path in self.folder.glob("*.yaml")) == FILES
        self.settings, self.tests, self.mapping = (
            (self.folder / name).read_text() for name in FILES)

    def run(self, *words):
        return subprocess.run([PROGRAM, *words], cwd=self.folder, capture_output=True, text=True,
                              timeout=120, check=False)

    def is_sound(self):
        """The files have no fault, the tests hold, and a run would be complete."""
        for words in (["test"], ["check"], ["run", "--dry-run"]):
            result = self.run(*words)
            assert (result.returncode, result.stderr) == (0, ""), result.stdout + result.stderr
            if words == ["check"]:
                checked = result.stdout
        linted = self.run("check", "--strict", "mapping.yaml")
        assert linted.returncode == 0, linted.stdout
        return checked

    def tells_of_nobody(self, traces):
        told = self.report + self.settings + self.tests + self.mapping
        found = [trace for trace in traces
                 if re.search(rf"(?<!\w){re.escape(trace)}(?!\w)", told, flags=re.I)]
        assert not found


def login(folder, dn, password, ca):
    secret = folder / "secret"
    secret.write_text(password)
    secret.chmod(0o600)
    return ["--bind-dn", dn, "--password-file", secret, "--ca-file", ca]


def everybodys_traces(people=None):
    return [trace for person in people or CAMPUS for trace in person.traces()]


# ---- OpenLDAP

ROBOTS = f"ou=robots,{SUFFIX}"


def group(name, members):
    return ldif(f"cn={name},ou=groups,{SUFFIX}", "objectClass: groupOfNames", f"cn: {name}",
                *(f"member: uid={member.uid},{PEOPLE}" for member in members))


@pytest.fixture(name="openldap")
def make_openldap(tmp_path, make_slapd, certificates):  # noqa: F811
    def make(content):
        server = make_slapd(tree() + content, limits="limits * size=50 size.pr=unlimited "
                                                     "size.prtotal=unlimited")
        return Proposal(tmp_path, server.ldaps_uri,
                        *login(tmp_path, READER, READER_PASSWORD, certificates.path("ca.pem")))
    return make


def test_openldap(openldap):
    robot = ldif(f"uid=cleaner,{ROBOTS}", "objectClass: inetOrgPerson", "uid: cleaner",
                 "cn: cleaner", "sn: Cleaner")
    found = openldap("".join(person.inetorg(f"employeeType: {person.kind}", "jpegPhoto: hidden")
                             for person in CAMPUS)
                     + ldif(ROBOTS, "objectClass: organizationalUnit", "ou: robots") + robot)
    assert "is OpenLDAP and answers in pages\n" in found.report
    assert "People    60 found by (objectClass=inetOrgPerson)\n" in found.report
    assert re.search(r"jpegPhoto +100%, not read\n", found.report)
    assert f"- base: {PEOPLE}      # 60 entries\n" in found.settings
    assert f"#- base: {ROBOTS}      # 1 entry\n" in found.settings
    assert "min_users: 48\n" in found.settings
    assert "primary_id: ${uid | lower}" in found.mapping
    assert "- ${employeeType | lookup groups}\n" in found.mapping
    assert re.search(r"    student: STUDENT +# 30 of 60\n", found.mapping)
    assert "uni\\.example" not in found.mapping  # all addresses are of the one domain
    assert re.search(r"- id_type: UNIV_ID\n +value: \${employeeNumber}", found.mapping)
    assert "#select:" in found.mapping
    found.tells_of_nobody(everybodys_traces())
    assert "60 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


def test_groups_that_entries_do_not_name(openldap):
    kinds = {kind: [person for person in CAMPUS if person.kind == kind]
             for kind in ("student", "staff", "faculty")}
    found = openldap("".join(person.inetorg() for person in CAMPUS)
                     + ldif(f"ou=groups,{SUFFIX}", "objectClass: organizationalUnit", "ou: groups")
                     + "".join(group(f"all-{kind}", people) for kind, people in kinds.items()))
    assert f"Groups    3\n          3 groupOfNames in 'ou=groups,{SUFFIX}'\n" in found.report
    assert f"- when: (groups=cn=all-student,ou=groups,{SUFFIX})\n" in found.mapping
    found.tells_of_nobody(everybodys_traces())
    assert "60 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


def test_folders_that_tell_who_somebody_is(openldap):
    units = {"student": "students", "staff": "Staff (all)", "faculty": "Faculty"}
    found = openldap(
        "".join(ldif(f"ou={unit},{PEOPLE}", "objectClass: organizationalUnit", f"ou: {unit}")
                for unit in units.values())
        + "".join(person.inetorg(unit=f"{units[person.kind]},ou=people") for person in CAMPUS))
    assert f"- base: {PEOPLE}      # 60 entries\n" in found.settings  # what comes later is found, too
    assert "User group, from the folder of the entry, by ou\n" in found.report
    assert "60 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


def test_identifiers_that_several_share(openldap):
    twins = [Person(number) for number in range(40)]
    for one, other in zip(twins[:4], twins[4:8]):
        other.staff_number = one.staff_number
    found = openldap("".join(person.inetorg(f"employeeType: {person.kind}") for person in twins))
    assert re.search(r"employeeNumber +40 of 40 have it, 8 share theirs\n", found.report)
    assert "# Not employeeNumber: 8 people share theirs, which Alma refuses.\n" in found.mapping
    assert "#user_identifiers:" in found.mapping
    assert "40 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


def test_nothing_that_tells_kinds_apart(openldap):
    found = openldap("".join(person.inetorg() for person in CAMPUS))
    assert "User group, from nothing: everybody gets the same one\n" in found.report
    assert "  user_group: PATRON\n" in found.mapping
    found.is_sound()


def test_settings_say_where_to_look(tmp_path, make_slapd, certificates):  # noqa: F811
    server = make_slapd(tree() + "".join(person.inetorg() for person in CAMPUS))
    (tmp_path / "secret").write_text(READER_PASSWORD)
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "server.yaml").write_text(
        f"directory:\n  uri: [{server.ldaps_uri}, {server.ldap_uri}]\n"
        f"  tls: {{ ca_file: '{certificates.path('ca.pem')}' }}\n  timeout: 30s\n"
        f"  bind: {{ dn: '{READER}', password: {{ file: secret }} }}\n  page_size: 10\n")
    result = subprocess.run([PROGRAM, "-c", tmp_path / "server.yaml", "init", "--output",
                             tmp_path / "feed"], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
    written = (tmp_path / "feed/ldap2alma.yaml").read_text()
    assert f"  uri: [{server.ldaps_uri}, {server.ldap_uri}]\n" in written
    assert f"      file: {tmp_path}/secret\n" in written and "  timeout: 30s\n" in written
    checked = subprocess.run([PROGRAM, "check"], cwd=tmp_path / "feed", check=False)
    assert checked.returncode == 0


def refused(folder, *arguments):
    result = subprocess.run([PROGRAM, "init", *arguments, "--output", folder / "feed"],
                            capture_output=True, text=True, check=False)
    assert result.stdout == "" and not (folder / "feed").exists()
    return result.returncode, result.stderr


def test_what_a_server_refuses(tmp_path, make_slapd, certificates):  # noqa: F811
    server = make_slapd(tree() + CAMPUS[0].inetorg(), access="access to * by * none")
    ca = certificates.path("ca.pem")
    assert refused(tmp_path, *login(tmp_path, READER, READER_PASSWORD, ca), server.ldaps_uri) == (
        65, f"ldap2alma: '{server.ldaps_uri}' shows nobody for (|(objectClass=person)"
            "(objectClass=posixAccount)(objectClass=account))\n"
            "The account may not see people: with ldapsearch and the same login you see what it "
            "sees.\n")
    status, told = refused(tmp_path, *login(tmp_path, READER, "wrong", ca), server.ldaps_uri)
    assert status == 77 and told.startswith(f"ldap2alma: cannot log in as '{READER}' to ")


# ---- 389 Directory Server

def test_389(tmp_path, make_ds389):  # noqa: F811
    server = make_ds389(tree() + "".join(
        person.inetorg(f"employeeType: {person.kind}",
                       *["nsAccountLock: true"] * person.is_disabled) for person in CAMPUS))
    found = Proposal(tmp_path, server.ldaps_uri, *login(tmp_path, ds389.READER,
                                                        ds389.READER_PASSWORD, server.ca))
    assert "is 389 Directory Server and answers in pages\n" in found.report
    assert "6 are out of use: (nsAccountLock=true)\n" in found.report
    assert "select: (!(nsAccountLock=true))\n" in found.mapping
    assert "skipped: true\n" in found.tests
    found.tells_of_nobody(everybodys_traces())
    assert "54 would be sent, 6 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


# ---- Active Directory

@pytest.fixture(name="domain", scope="module")
def make_domain(make_samba):  # noqa: F811
    return make_samba(people=100)


def test_active_directory(tmp_path, domain):
    found = Proposal(tmp_path, domain.ldaps_uri,
                     *login(tmp_path, domain.reader, domain.reader_password, domain.ca))
    assert "is Active Directory and answers in pages\n" in found.report
    assert f"- base: OU=People,{BASE}      # 100 entries\n" in found.settings
    assert f"#- base: CN=Users,{BASE}      # " in found.settings  # accounts without surname
    assert "primary_id: ${sAMAccountName | lower}" in found.mapping
    assert "select: (!(userAccountControl:1.2.840.113556.1.4.803:=2))\n" in found.mapping
    assert "- ${accountExpires | filetime" in found.mapping
    assert "skipped: true\n" in found.tests
    people = [entry for _, entry in domain.ldap().search_s(
        f"OU=People,{BASE}", 2, "(objectClass=user)",
        ["sAMAccountName", "employeeID", "employeeNumber", "mail", "telephoneNumber", "mobile"])]
    found.tells_of_nobody({value.decode() for entry in people for values in entry.values()
                           for value in values})
    for words in (["test"], ["check"], ["run", "--dry-run"]):
        result = found.run(*words)
        assert result.returncode == 0, result.stdout + result.stderr


def test_active_directory_by_kerberos(tmp_path, domain, monkeypatch):
    monkeypatch.setenv("KRB5_CONFIG", str(domain.krb5_conf))
    found = Proposal(tmp_path, domain.ldap_uri, "--tls", "none", "--gssapi", "--keytab",
                     domain.keytab("reader"), "--principal", f"reader@{domain.realm}")
    assert "    method: gssapi\n" in found.settings
    assert found.run("check").returncode == 0
