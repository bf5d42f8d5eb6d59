"""A private 389 Directory Server for tests, without systemd and outside of the machine's own
folders: the configuration that dscreate would write is made here from the package's templates.

It has the retro changelog, content synchronization (RFC 4533) and memberOf plug-ins. It runs as
the user who runs the tests, listens on free ports of 127.0.0.1, and is stopped by its process.

    server = Ds389(folder, certificates)
    server.load(LDIF)            # by ldif2db, before start()
    server.start()
    ... server.ldap_uri, server.ldaps_uri, server.ca, server.reader ...
    server.stop()

The schema of the made-up university is there. The reader may read all entries without limits.
"""

import getpass
import pathlib
import re
import subprocess

import pytest

from machine import program
from server import LoopbackServer, stopped_at_the_end
from slapd import READER, READER_PASSWORD, SUFFIX, UNIVERSITY_SCHEMA, reader_entry

ADMIN = "cn=Directory Manager"
ADMIN_PASSWORD = "manager-secret"

SHARED = pathlib.Path("/usr/share/dirsrv")
SWITCHED_ON = ("Retro Changelog Plugin", "Content Synchronization", "MemberOf Plugin")
FOLDERS = ("lock", "tmp", "ldif", "bak", "run", "log", "db")
CACHE_BYTES = 64 * 1024 * 1024
DATA_BASE = "cn=userroot,cn=ldbm database,cn=plugins,cn=config"

INDEXES = f"dn: cn=index,{DATA_BASE}\nobjectClass: nsContainer\ncn: index\n\n" + "".join(
    f"dn: cn={name},cn=index,{DATA_BASE}\nobjectClass: nsIndex\ncn: {name}\n"
    "nsSystemIndex: false\nnsIndexType: eq\nnsIndexType: pres\n\n"
    for name in ("objectClass", "uid", "employeeNumber", "member", "memberOf", "modifyTimestamp"))

# What entries have besides what the LDIF says.
ADDED = {
    SUFFIX: ('aci: (targetattr="*")(version 3.0; acl "reader"; allow(read,search,compare) '
             f'userdn="ldap:///{READER}";)',),
    READER: ("nsSizeLimit: -1", "nsTimeLimit: -1", "nsLookThroughLimit: -1",
             "nsPagedSizeLimit: -1", "nsPagedLookThroughLimit: -1"),
}


def with_lines(content, added):
    """LDIF with further lines in entries; of an entry that is not there, nothing."""
    for dn, lines in added.items():
        content = content.replace(f"dn: {dn}\n", "\n".join((f"dn: {dn}", *lines)) + "\n", 1)
    return content


def university_schema():
    """As this server reads one; it knows eduPerson, and memberOf is an attribute like any other."""
    text = " ".join(re.sub("#.*", "", UNIVERSITY_SCHEMA.read_text()).split())
    text = text.replace("$ libraryBarcode )", "$ libraryBarcode $ memberOf )")
    for ours, theirs in (("attributetype", "attributeTypes"), ("objectclass", "objectClasses")):
        text = text.replace(f"{ours} (", f"\n{theirs}: (")
    return "dn: cn=schema" + "\n".join(line.rstrip() for line in text.splitlines()
                                       if "1.3.6.1.4.1.5923." not in line) + "\n"


class Ds389(LoopbackServer):
    """One server with the one suffix SUFFIX. An incomplete changelog, as the package has it by
    itself, lacks the unique identifiers by which content synchronization finds what has changed:
    that then tells of no change, without any error, and its cookie goes on."""

    base = SUFFIX
    admin, admin_password = ADMIN, ADMIN_PASSWORD
    reader, reader_password = READER, READER_PASSWORD

    def __init__(self, folder, certificates, complete=True):
        super().__init__(folder, certificates)
        self.complete = complete
        # Its name is that of a semaphore, which all servers of the machine share.
        self.configuration = self.folder / f"slapd-{self.port}"
        for name in (self.configuration, "home", *FOLDERS):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.write_certificates(certificates)
        self.write_configuration()

    def write_certificates(self, certificates):
        """Into a data base of NSS's, which is all that the server reads."""
        data_base = f"sql:{self.configuration}"
        bundle = self.folder / "server.p12"
        for command in (
                ["certutil", "-N", "-d", data_base, "--empty-password"],
                ["certutil", "-A", "-d", data_base, "-n", "CA", "-t", "CT,,", "-i", self.ca],
                ["openssl", "pkcs12", "-export", "-name", "Server-Cert", "-passout", "pass:", "-in",
                 certificates.path("server.pem"), "-inkey",
                 certificates.path("server.key"), "-out", str(bundle)],
                ["pk12util", "-i", str(bundle), "-d", data_base, "-W", "", "-K", ""]):
            subprocess.run([program(command[0]), *command[1:]], check=True, capture_output=True,
                           stdin=subprocess.DEVNULL)

    def write_configuration(self):
        folder, own = self.folder, self.configuration
        places = {
            "schema_dir": own / "schema", "cert_dir": own, "config_dir": own, "inst_dir": folder,
            "ldapi": folder / "socket", "db_home_dir": folder / "home",
            **{f"{name}_dir": folder / name for name in FOLDERS}}
        facts = {
            "fqdn": "localhost", "ds_port": self.port, "ds_user": getpass.getuser(),
            "rootdn": ADMIN, "ds_passwd": "{CLEAR}" + ADMIN_PASSWORD, "ldapi_enabled": "off",
            "ldapi_autobind": "off", "ds_suffix": SUFFIX, "db_lib": "bdb", "ds_bename": "userroot"}
        template = "".join((SHARED / "data" / f"template-{name}.ldif").read_text().rstrip() + "\n\n"
                           for name in ("dse", "suffix-db"))
        text = re.sub("%([a-z_]+)%", lambda found: str({**places, **facts}[found[1]]), template)
        for name in SWITCHED_ON:
            text = re.sub(f"(dn: cn={name},cn=plugins,cn=config\n(?:.+\n)*?nsslapd-pluginenabled: )"
                          "off", r"\1on", text, flags=re.IGNORECASE)
        (own / "dse.ldif").write_text(with_lines(text, {
            "cn=config": (
                "nsslapd-listenhost: 127.0.0.1", "nsslapd-securelistenhost: 127.0.0.1",
                "nsslapd-security: on", f"nsslapd-secureport: {self.tls_port}"),
            # Without these an import takes half of the machine's memory, and ten times as long.
            "cn=config,cn=ldbm database,cn=plugins,cn=config": (
                "nsslapd-import-cache-autosize: 0", f"nsslapd-import-cachesize: {CACHE_BYTES}"),
            "cn=Retro Changelog Plugin,cn=plugins,cn=config": (
                ("nsslapd-attribute: nsuniqueid:targetUniqueId",) if self.complete else ()),
            DATA_BASE: (f"nsslapd-cachememsize: {CACHE_BYTES}",)}) + INDEXES)
        (own / "slapd-collations.conf").touch()
        (own / "schema").mkdir()
        (own / "schema" / "99user.ldif").write_text(university_schema())

    def load(self, content):
        """memberOf is what the LDIF says: the plug-in sees only what changes later."""
        path = self.folder / "ldif" / "load.ldif"
        path.write_text(with_lines(content, ADDED))
        subprocess.run([program("ns-slapd"), "ldif2db", "-n", "userroot", "-i", str(path), "-D",
                        str(self.configuration)], check=True, capture_output=True)

    def command(self):
        return [program("ns-slapd"), "-D", str(self.configuration), "-i",
                str(self.folder / "run" / "pid"), "-d", "0"]


@pytest.fixture(scope="session")
def make_ds389(tmp_path_factory, certificates):
    """Makes servers: make_ds389(LDIF, complete=False). They stop after the module that imports
    this."""
    with stopped_at_the_end() as servers:
        def make(content, **options):
            program("ns-slapd")
            server = Ds389(tmp_path_factory.mktemp("ds389"), certificates, **options)
            servers.append(server)
            server.load(content)
            return server.start()

        yield make


@pytest.fixture(scope="session")
def ds389(make_ds389, people_ldif):
    """The university's 3,000 people. Each module that imports this gets its own copy."""
    return make_ds389(people_ldif(3000).decode() + reader_entry())
