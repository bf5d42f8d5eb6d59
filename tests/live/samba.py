"""A private Active Directory domain for tests: one Samba domain controller, only LDAP and Kerberos.

The ports of a domain controller cannot be moved, so each one has an address of its own in
127.0.0.0/8, which Linux answers without any set-up: several run at the same time, and any program
reaches them. Only root can start one.

    domain = Samba(folder, certificates, people=3000)
    domain.start()
    ... domain.ldaps_uri, domain.ca, domain.reader, domain.reader_password ...
    domain.stop()

Provisioning takes seconds and so do people, so that both are kept: see server.cached(). Two servers
with the same people and host are copies, with the same invocationId; another host is another
domain.
"""

import base64
import contextlib
import os
import pathlib
import random
import shutil
import socket
import subprocess

import pytest

import ad_people
from ad_people import ACCOUNT, LASTING
from machine import program
from server import Server, cached, stopped_at_the_end
from slapd import ldif

REALM = "AD.EXAMPLE.EDU"
DOMAIN = "LAB"
BASE = "DC=ad,DC=example,DC=edu"
USERS = f"CN=Users,{BASE}"
PASSWORD = "Lab-Passw0rd!"
REPLICATOR = "replicating"  # as "replicator" is a group of every domain
REPLICATE_CHANGES = "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2"  # the right that DirSync asks for
LDAP, LDAPS, CATALOG, CATALOG_TLS, KERBEROS = 389, 636, 3268, 3269, 88


def principal(name):
    return f"{name}@{REALM.lower()}"


def account(name, *more, unit=USERS, password=PASSWORD, control=ACCOUNT | LASTING):
    """The LDIF record of a user; `more` are further lines. Active Directory takes a password in
    quotes and UTF-16."""
    quoted = base64.b64encode(f'"{password}"'.encode("utf-16-le")).decode()
    record = ldif(f"CN={name},{unit}", "objectClass: user", f"sAMAccountName: {name}",
                  f"userPrincipalName: {principal(name)}", f"userAccountControl: {control}", *more)
    return f"{record.rstrip()}\nunicodePwd:: {quoted}\n\n"


def free_address():
    """One of 127.64.0.0/10 where nothing serves LDAP."""
    while True:
        address = f"127.{random.randint(64, 127)}.{random.randint(0, 255)}.{random.randint(1, 254)}"
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((address, LDAP))
            return address


class Samba(Server):
    """One domain controller. `host` is its name within the domain; `options` are of smb.conf(5)."""

    realm, domain, base = REALM, DOMAIN, BASE
    admin, reader, replicator = map(principal, ("administrator", "reader", REPLICATOR))
    admin_password = reader_password = replicator_password = PASSWORD

    def __init__(self, folder, certificates, people=0, host="dc1", options=None):
        self.folder = pathlib.Path(folder)
        self.short_host = host
        self.host = f"{host}.{REALM.lower()}"
        self.options = options or {}
        self.address = free_address()
        self.ca = certificates.path("ca.pem")
        self.certificate = certificates.issue(
            f"{host}-{self.address}", f"/CN={self.host}",
            f"DNS:{self.host},DNS:{REALM.lower()},IP:{self.address}")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.dc = self.folder / "dc"
        self.krb5_conf = self.folder / "krb5.conf"
        self.provision(people)
        self.write_configuration()
        # For Kerberos the service is named by what clients connect to.
        self.change_offline(
            f"dn: CN={host.upper()},OU=Domain Controllers,{BASE}\nchangetype: modify\n"
            f"add: servicePrincipalName\nservicePrincipalName: ldap/{self.host}\n"
            f"servicePrincipalName: ldap/{self.address}\n")

    @property
    def ldap_uri(self):
        return f"ldap://{self.address}"

    @property
    def ldaps_uri(self):
        return f"ldaps://{self.address}"

    @property
    def gc_uri(self):
        """The Global Catalog, where StartTLS is to be asked for."""
        return f"ldap://{self.address}:{CATALOG}"

    @property
    def gcs_uri(self):
        return f"ldaps://{self.address}:{CATALOG_TLS}"

    @property
    def writing_uri(self):
        return self.ldaps_uri

    # ---- making the domain

    @property
    def configuration(self):
        return self.folder / "smb.conf"

    def tool(self, *command, content=None):
        """A program of Samba's upon the files of the domain."""
        done = subprocess.run(
            [program(command[0]), *map(str, command[1:]), f"--configfile={self.configuration}"],
            input=content and content.encode(), check=False, capture_output=True)
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command[:3]))}: {(done.stdout + done.stderr).decode()}")
        return done.stdout.decode()

    def tool_on_data(self, *command, content=None):
        return self.tool(*command, "-H", self.dc / "private" / "sam.ldb", content=content)

    def add_offline(self, content):
        """Records of LDIF, while the server does not run."""
        self.tool_on_data("ldbadd", content=content)

    def change_offline(self, content):
        self.tool_on_data("ldbmodify", content=content)

    def search_offline(self, where, attribute):
        """The values of an attribute that is shown as text."""
        output = self.tool_on_data("ldbsearch", where, attribute)
        return [line.partition(": ")[2] for line in output.splitlines()
                if line.startswith(f"{attribute}: ")]

    def provision(self, people):
        ldif_of_people = people_ldif(people)
        key = "\n".join((self.tool_version(), self.host, pathlib.Path(__file__).read_text(),
                         pathlib.Path(ad_people.__file__).read_text(), ldif_of_people.decode()))
        cached(self.dc, key, lambda folder: self.make(folder, ldif_of_people))

    @staticmethod
    def tool_version():
        return subprocess.run([program("samba"), "--version"], check=True, capture_output=True,
                              text=True).stdout

    def make(self, folder, ldif_of_people):
        own, self.dc = self.dc, folder
        self.configuration.write_text("[global]\n")
        self.tool("samba-tool", "domain", "provision", f"--realm={REALM}", f"--domain={DOMAIN}",
                  "--server-role=dc", "--dns-backend=NONE", f"--adminpass={PASSWORD}",
                  f"--host-name={self.short_host}", "--host-ip=127.0.0.1",
                  f"--targetdir={folder}", "--backend-store=mdb", "--option=interfaces=lo",
                  "--option=bind interfaces only=yes", "--option=server services=ldap kdc")
        self.write_configuration()
        self.add_offline(account("reader") + account(REPLICATOR))
        self.change_offline(f"dn: CN=Administrator,{USERS}\nchangetype: modify\n"
                            "replace: userAccountControl\n"
                            f"userAccountControl: {ACCOUNT | LASTING}\n")
        sid, = self.search_offline(f"(sAMAccountName={REPLICATOR})", "objectSid")
        self.tool_on_data("samba-tool", "dsacl", "set", f"--objectdn={BASE}",
                          f"--sddl=(OA;;CR;{REPLICATE_CHANGES};;{sid})")
        if ldif_of_people:
            self.add_people(ldif_of_people)
        self.dc = own

    def add_people(self, ldif_of_people):
        texts, nested = ad_people.ad_records(ldif_of_people, BASE)
        for text in texts:
            self.add_offline(text)
        self.change_offline(nested)
        self.change_primary_group("library-staff")

    def change_primary_group(self, name):
        """Makes a group the primary one of its members, who are then no values of its `member`."""
        group = f"CN={name},OU=Groups,{BASE}"
        sid = self.search_offline(f"(sAMAccountName={name})", "objectSid")
        if sid:
            number = sid[0].rpartition("-")[2]
            self.change_offline("".join(
                f"dn: {member}\nchangetype: modify\nreplace: primaryGroupID\n"
                f"primaryGroupID: {number}\n\n"
                for member in self.search_offline(f"(memberOf={group})", "dn")))

    # ---- running it

    def write_configuration(self):
        options = {
            "realm": REALM, "workgroup": DOMAIN, "netbios name": self.short_host.upper(),
            "server role": "active directory domain controller", "server services": "ldap, kdc",
            "private dir": self.dc / "private", "state directory": self.dc / "state",
            "cache directory": self.dc / "cache", "lock directory": self.dc,
            "binddns dir": self.dc / "bind-dns", "pid directory": self.folder,
            "ncalrpc dir": self.folder / "ncalrpc", "interfaces": f"{self.address}/8",
            "bind interfaces only": "yes", "tls keyfile": self.certificate.with_suffix(".key"),
            "tls certfile": self.certificate, "tls cafile": self.ca, **self.options}
        self.configuration.write_text("[global]\n" + "".join(
            f"{name} = {value}\n" for name, value in options.items()))
        self.krb5_conf.write_text(
            f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n"
            " dns_lookup_realm = false\n dns_canonicalize_hostname = false\n rdns = false\n"
            f"[realms]\n {REALM} = {{\n  kdc = {self.address}\n }}\n"
            f"[domain_realm]\n {self.host} = {REALM}\n {self.address} = {REALM}\n")

    def command(self):
        return [program("samba"), "-i", "-M", "single", f"--configfile={self.configuration}"]

    def listens_at(self):
        return [(self.address, port) for port in (LDAP, LDAPS, CATALOG, CATALOG_TLS, KERBEROS)]

    def keytab(self, name):
        """A new file with the keys of an account, by its sAMAccountName."""
        path = self.folder / f"{name}.keytab"
        path.unlink(missing_ok=True)
        self.tool("samba-tool", "domain", "exportkeytab", f"--principal={name}@{REALM}", path)
        return path


def people_ldif(count):
    from conftest import BUILD
    return count and subprocess.run([BUILD / "tests/support/people", "-n", str(count)],
                                    stdout=subprocess.PIPE, check=True).stdout or b""


@pytest.fixture(scope="session")
def make_samba(tmp_path_factory, certificates):
    """Makes domains: make_samba(people=3000, host="dc2"). They stop after the module that imports
    this."""
    with stopped_at_the_end() as servers:
        def make(**options):
            if os.getuid() != 0:
                pytest.skip("only root can start a domain controller, whose ports are below 1024")
            program("samba")
            server = Samba(tmp_path_factory.mktemp("samba"), certificates, **options)
            servers.append(server)
            return server.start()

        yield make
    for server in servers:
        shutil.rmtree(server.dc)  # which is large, and pytest keeps folders for a while


@pytest.fixture(scope="session")
def samba(make_samba):
    """A domain of the university's 3,000 people; each module that imports this has its own."""
    return make_samba(people=3000)
