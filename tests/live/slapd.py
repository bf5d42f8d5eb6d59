"""A private OpenLDAP server for tests: slapd on loopback, with certificates of its own.

Nothing of the machine's own configuration is used but slapd's program, modules and schema files,
so the tests run as any user and beside any other slapd. A server lives in a folder of its own,
listens on free ports of 127.0.0.1 and on a socket file, and is stopped by the process that started
it.

    certificates = Certificates(folder)
    server = Slapd(folder, certificates)
    server.load(LDIF)            # by slapadd, before start()
    server.start()
    ... server.ldap_uri, server.ldaps_uri, server.ldapi_uri ...
    server.stop()

`certificates`, `make_slapd` and `university` at the end are pytest fixtures.
"""

import datetime
import os
import pathlib
import subprocess
import urllib.parse

import pytest

from machine import program
from server import LoopbackServer, stopped_at_the_end

SUFFIX = "dc=example,dc=edu"
ADMIN = f"cn=admin,{SUFFIX}"
ADMIN_PASSWORD = "admin-secret"
READER = f"cn=reader,ou=services,{SUFFIX}"
READER_PASSWORD = "reader-secret"
PEOPLE = f"ou=people,{SUFFIX}"
UNIVERSITY_SCHEMA = pathlib.Path(__file__).resolve().parents[1] / "support/slapd/university.schema"

# What slapd can do beyond the plain data base: the module, and its lines in the data base.
# `sessionlog` is syncprov with a memory for deletions; `accesslog` writes to log_data_base().
SYNCPROV = "overlay syncprov\nindex entryUUID,entryCSN eq\n"
EXTRAS = {
    "memberof": ("memberof", "overlay memberof\nmemberof-refint true\n"),
    "syncprov": ("syncprov", SYNCPROV),
    "sessionlog": ("syncprov", f"{SYNCPROV}syncprov-sessionlog 1000\n"),
    "accesslog": ("accesslog", "overlay accesslog\nlogdb cn=accesslog\nlogops writes\n"
                               "logsuccess TRUE\n"),
}


class Certificates:
    """A certificate authority and what it signed: `server` (for 127.0.0.1), `wronghost`,
    `expired`, `ending` (in ten days), `client`; and `selfsigned`, which nobody signed, and `other_ca`, which signed
    nothing here. Each has NAME.pem and NAME.key in the folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        now = datetime.datetime.utcnow()
        later = now + datetime.timedelta(days=30)
        self._authority("ca", "/O=Example University/CN=Test Authority")
        self._authority("other_ca", "/O=Elsewhere/CN=Other Authority")
        loopback = "IP:127.0.0.1,DNS:ldap.example.edu"
        self._issue("server", "/CN=ldap.example.edu", loopback, now, later)
        self._issue("wronghost", "/CN=other.example.edu", "DNS:other.example.edu", now, later)
        self._issue("expired", "/CN=ldap.example.edu", loopback,
                    now - datetime.timedelta(days=60), now - datetime.timedelta(days=30))
        self._issue("ending", "/CN=ldap.example.edu", loopback, now,
                    now + datetime.timedelta(days=10))
        self._issue("client", "/O=Example University/CN=loader", "DNS:loader.example.edu", now,
                    later)
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                      "-nodes", "-days", "30", "-subj", "/CN=127.0.0.1", "-addext",
                      f"subjectAltName={loopback}", "-keyout", "selfsigned.key", "-out",
                      "selfsigned.pem")

    def path(self, name):
        return str(self.folder / name)

    def issue(self, name, subject, names, begins=0, ends=30):
        """One more, good for these days from now on; its path."""
        now = datetime.datetime.utcnow()
        self._issue(name, subject, names, now + datetime.timedelta(days=begins),
                    now + datetime.timedelta(days=ends))
        return self.folder / f"{name}.pem"

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True,
                       stdin=subprocess.DEVNULL, capture_output=True)

    def _authority(self, name, subject):
        self._openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                      "-nodes", "-days", "30", "-subj", subject, "-keyout", f"{name}.key", "-out",
                      f"{name}.pem", "-addext", "basicConstraints=critical,CA:TRUE", "-addext",
                      "keyUsage=critical,keyCertSign,cRLSign")

    def _issue(self, name, subject, names, begins, ends):
        """`openssl ca` and not `x509 -req`, which cannot date a certificate back."""
        (self.folder / f"{name}.index").write_text("")
        (self.folder / f"{name}.cnf").write_text(
            "[ca]\ndefault_ca=own\n"
            f"[own]\ndatabase={name}.index\nrand_serial=yes\nnew_certs_dir=.\n"
            "default_md=sha256\npolicy=any\nx509_extensions=v3\nunique_subject=no\n"
            "[any]\norganizationName=optional\ncommonName=supplied\n"
            "[v3]\nextendedKeyUsage=serverAuth,clientAuth\n"
            + (f"subjectAltName={names}\n" if names else ""))
        self._openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                      "-subj", subject, "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self._openssl("ca", "-batch", "-notext", "-config", f"{name}.cnf", "-cert", "ca.pem",
                      "-keyfile", "ca.key", "-in", f"{name}.csr", "-out", f"{name}.pem",
                      "-startdate", begins.strftime("%Y%m%d%H%M%SZ"), "-enddate",
                      ends.strftime("%Y%m%d%H%M%SZ"))


class Slapd(LoopbackServer):
    """One server. `tls` names the certificate it shows; `options` are lines for the whole server
    and `limits` lines for the one database of slapd.conf(5); `extras` are some of EXTRAS."""

    base = SUFFIX
    admin, admin_password = ADMIN, ADMIN_PASSWORD
    reader, reader_password = READER, READER_PASSWORD

    def __init__(self, folder, certificates, tls="server", options="", limits="", access=None,
                 extras=()):
        super().__init__(folder, certificates)
        self.certificates = certificates
        self.tls = tls
        self.options = options
        self.limits = limits
        self.access = access or f'access to * by dn.subtree="ou=services,{SUFFIX}" read by * none'
        self.extras = extras
        for name in ("data", "accesslog"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.write_configuration()

    @property
    def ldapi_uri(self):
        return "ldapi://" + urllib.parse.quote(str(self.folder / "socket"), safe="")

    def write_configuration(self):
        modules = "".join(f"moduleload {EXTRAS[name][0]}\n" for name in self.extras)
        schemas = "".join(f"include /etc/ldap/schema/{name}.schema\n"
                          for name in ("core", "cosine", "inetorgperson"))
        tls = "" if not self.tls else (
            f"TLSCACertificateFile {self.certificates.path('ca.pem')}\n"
            f"TLSCertificateFile {self.certificates.path(self.tls + '.pem')}\n"
            f"TLSCertificateKeyFile {self.certificates.path(self.tls + '.key')}\n"
            "TLSVerifyClient try\n")
        (self.folder / "slapd.conf").write_text(
            f"{schemas}"
            "modulepath /usr/lib/ldap\n"
            "moduleload back_mdb\n"
            f"{modules}"
            f"pidfile {self.folder}/pid\n"
            "loglevel none\n"
            f"{tls}{self.options}\n"
            # Whoever comes with the client certificate, or by the socket as this user, is the
            # reader.
            f'authz-regexp "cn=loader,o=example university" "{READER}"\n'
            f'authz-regexp "gidNumber=[0-9]+[+]uidNumber={os.getuid()},cn=peercred,cn=external,'
            f'cn=auth" "{READER}"\n'
            f"{self.log_data_base() if 'accesslog' in self.extras else ''}"
            "database mdb\n"
            f"suffix {SUFFIX}\n"
            f"rootdn {ADMIN}\n"
            f"rootpw {ADMIN_PASSWORD}\n"
            f"directory {self.folder}/data\n"
            "maxsize 8589934592\n"
            "dbnosync\n"
            "index objectClass,uid eq\n"
            f"{self.limits}\n"
            f"{''.join(EXTRAS[name][1] for name in self.extras)}"
            "access to attrs=userPassword by anonymous auth by * none\n"
            f"{self.access}\n")

    def log_data_base(self):
        """Of the changes, which the reader may read."""
        return ("database mdb\nsuffix cn=accesslog\n"
                f"rootdn {ADMIN}\ndirectory {self.folder}/accesslog\nmaxsize 1073741824\ndbnosync\n"
                "index reqStart,reqResult eq\n"
                f'access to * by dn.exact="{READER}" read by * none\n')

    def load(self, ldif):
        """-w writes the contextCSN, from which synchronization counts."""
        subprocess.run([program("slapadd"), "-q", "-w", "-f", str(self.folder / "slapd.conf"), "-b",
                        SUFFIX], input=ldif.encode(), check=True, capture_output=True)

    def command(self):
        listeners = [self.ldap_uri, self.ldapi_uri] + ([self.ldaps_uri] if self.tls else [])
        return [program("slapd"), "-d", "0", "-f", str(self.folder / "slapd.conf"), "-h",
                " ".join(listeners)]


def ldif(dn, *lines):
    """One record; values are text and may hold anything but line ends."""
    import base64
    record = []
    for line in (f"dn: {dn}", *lines):
        name, value = line.split(": ", 1)
        plain = value.isascii() and value.isprintable() and value.strip() == value
        record.append(line if plain and value[:1] not in ":<"
                      else f"{name}:: {base64.b64encode(value.encode()).decode()}")
    return "\n".join(record) + "\n\n"


def reader_entry():
    return ldif(READER, "objectClass: organizationalRole", "objectClass: simpleSecurityObject",
                "cn: reader", f"userPassword: {READER_PASSWORD}")


def tree():
    """The entries every test directory begins with."""
    return (ldif(SUFFIX, "objectClass: organization", "objectClass: dcObject",
                 "o: Example University", "dc: example")
            + ldif(PEOPLE, "objectClass: organizationalUnit", "ou: people")
            + ldif(f"ou=services,{SUFFIX}", "objectClass: organizationalUnit", "ou: services")
            + reader_entry())


def person(number, *more, unit="people"):
    """A plain person; `more` are further lines."""
    uid = f"u{number:06d}"
    return ldif(f"uid={uid},ou={unit},{SUFFIX}", "objectClass: inetOrgPerson", f"uid: {uid}",
                f"cn: Person {number}", f"sn: Number {number}", f"mail: {uid}@example.edu",
                *more)


def people(count, start=1):
    return "".join(person(number) for number in range(start, start + count))


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def make_slapd(tmp_path_factory, certificates):
    """Makes servers of a test's own: make_slapd(LDIF, limits=...). All are stopped after it."""
    with stopped_at_the_end() as servers:
        def make(content, **options):
            server = Slapd(tmp_path_factory.mktemp("slapd"), certificates, **options)
            servers.append(server)
            server.load(content)
            return server.start()

        yield make


@pytest.fixture(scope="session")
def university(tmp_path_factory, certificates):
    """The server that most tests share: 1,200 plain people, more than a search without paging may
    have. Nobody writes to it."""
    server = Slapd(tmp_path_factory.mktemp("university"), certificates,
                   limits="limits * size=500 size.pr=unlimited size.prtotal=unlimited")
    server.load(tree() + people(1200))
    server.start()
    yield server
    server.stop()
