"""What the private directory servers of the tests have in common: how they are started, stopped and
written to, and how what is slow to make is kept.

Each server has ldap_uri, ldaps_uri, ca (the certificate's issuer), base, and the names and
passwords of two accounts: admin, which may write, and reader.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from machine import free_port, program

START_SECONDS = 20


def wait_for_port(port, still_alive=lambda: True, address="127.0.0.1"):
    """Returns when something listens there; raises when that does not happen in time."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and still_alive():
        with contextlib.suppress(OSError), socket.create_connection((address, port)):
            return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port} of {address}")


class Server:
    """A process in the foreground. Who inherits sets folder, has command() and listens_at(), pairs
    of an address and a port, and writing_uri, where the admin may sign in with a password."""

    process = None

    def start(self):
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=output)
        try:
            for address, port in self.listens_at():
                wait_for_port(port, lambda: self.process.poll() is None, address)
        except RuntimeError as error:
            self.stop()
            raise RuntimeError(f"{self.command()[0]} did not start, see {self.folder}: {error}"
                               ) from None
        return self

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """As a crash does: no farewell to the clients."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self):
        if not self.process:
            return
        self.process.send_signal(signal.SIGCONT)
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(START_SECONDS)
        self.kill()

    def restart(self):
        self.stop()
        return self.start()

    def ldap(self, user=None, password=None):
        """A connection (python3-ldap) of the admin's, or of whom is named; referrals are not
        followed."""
        import ldap
        connection = ldap.initialize(self.writing_uri)
        connection.set_option(ldap.OPT_X_TLS_CACERTFILE, self.ca)
        connection.set_option(ldap.OPT_X_TLS_NEWCTX, 0)
        connection.set_option(ldap.OPT_REFERRALS, 0)
        connection.simple_bind_s(user or self.admin, password or self.admin_password)
        return connection

    def modify(self, content):
        """Records of LDIF as `ldapmodify -a` reads them, by the admin."""
        done = subprocess.run(
            [program("ldapmodify"), "-a", "-x", "-H", self.writing_uri, "-D", self.admin, "-w",
             self.admin_password], input=content.encode(), check=False, capture_output=True,
            env={**os.environ, "LDAPTLS_CACERT": self.ca})
        if done.returncode:
            raise RuntimeError(f"ldapmodify: {done.stderr.decode()}")


class LoopbackServer(Server):
    """On free ports of 127.0.0.1."""

    def __init__(self, folder, certificates):
        self.folder = pathlib.Path(folder)
        self.ca = certificates.path("ca.pem")
        self.port = free_port()
        self.tls_port = free_port()

    @property
    def ldap_uri(self):
        return f"ldap://127.0.0.1:{self.port}"

    @property
    def ldaps_uri(self):
        return f"ldaps://127.0.0.1:{self.tls_port}"

    @property
    def writing_uri(self):
        return self.ldap_uri

    def listens_at(self):
        return [("127.0.0.1", self.port)]


@contextlib.contextmanager
def stopped_at_the_end():
    """A list for the servers that a fixture makes."""
    servers = []
    try:
        yield servers
    finally:
        for server in servers:
            server.stop()


def cached(folder, key, make):
    """Fills the folder, which must not exist, as make(folder) does. What that made for the key, a
    text with all it depends on, is kept in the build's folder, or in $LDAP2ALMA_SERVERS."""
    from conftest import BUILD
    cache = pathlib.Path(os.environ.get("LDAP2ALMA_SERVERS") or BUILD / "tests/live/servers")
    cache.mkdir(parents=True, exist_ok=True)
    kept = cache / hashlib.sha256(key.encode()).hexdigest()[:32]
    with (cache / f"{kept.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            begun = cache / f"{kept.name}.begun"
            shutil.rmtree(begun, ignore_errors=True)
            make(begun)
            begun.rename(kept)
    # cp keeps the holes of a data base's files and the attributes of a domain's.
    subprocess.run(["cp", "-a", str(kept), str(folder)], check=True)
