"""A private OpenSSH server for tests: sshd on loopback, with keys of its own.

Nothing of the machine's own configuration is used or changed. By default logins are those of the
user that runs the tests, by key. Tests that need a password, a user without root's rights or a
file system of a certain size ask for `account=True`: then sshd runs in a mount namespace of its
own, with an account "alma" that exists only there, which takes root and the right to mount;
without them such a test is skipped.

    keys = Keys(folder)
    server = Sshd(folder, keys, host_keys=["ed25519"])
    server.start()
    ... server.port, server.user, server.home, server.known_hosts ...
    server.stop()

`keys`, `make_sshd` and `sshd` at the end are pytest fixtures.
"""

import contextlib
import getpass
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

from machine import UNSHARE, free_port, may_mount, program

ACCOUNT = "alma"
ACCOUNT_ID = 60001
ACCOUNT_PASSWORD = "account-secret"
PASSPHRASE = "key-secret"
START_SECONDS = 20


def wait_for_banner(port):
    """True as soon as a server on that port greets."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as probe:
            if probe.recv(4) == b"SSH-":
                return True
        time.sleep(0.02)
    return False


class Keys:
    """Key pairs, made once. The user's: ed25519, ecdsa, ecdsa384, ecdsa521, rsa (OpenSSH's
    format), rsa_pem, ecdsa_pem, encrypted (ed25519), encrypted_pem (rsa); none of them is
    authorized but those that Sshd is told. The host's: host_ed25519, host_ecdsa, host_rsa."""

    KINDS = {
        "ed25519": ["-t", "ed25519"],
        "ecdsa": ["-t", "ecdsa", "-b", "256"],
        "ecdsa384": ["-t", "ecdsa", "-b", "384"],
        "ecdsa521": ["-t", "ecdsa", "-b", "521"],
        "rsa": ["-t", "rsa", "-b", "2048"],
        "rsa_pem": ["-t", "rsa", "-b", "2048", "-m", "PEM"],
        "ecdsa_pem": ["-t", "ecdsa", "-b", "256", "-m", "PKCS8"],
        "encrypted": ["-t", "ed25519"],
        "encrypted_pem": ["-t", "ecdsa", "-b", "256", "-m", "PEM"],
        "stranger": ["-t", "ed25519"],
        "host_ed25519": ["-t", "ed25519"],
        "host_ecdsa": ["-t", "ecdsa", "-b", "256"],
        "host_rsa": ["-t", "rsa", "-b", "3072"],
    }

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        for name, options in self.KINDS.items():
            secret = PASSPHRASE if name.startswith("encrypted") else ""
            subprocess.run(["ssh-keygen", "-q", "-N", secret, "-C", name, "-f", self.path(name),
                            *options], check=True, stdin=subprocess.DEVNULL)

    def path(self, name):
        return str(self.folder / name)

    def public(self, name):
        """The type and the key, without the comment."""
        return " ".join((self.folder / f"{name}.pub").read_text().split()[:2])

    def fingerprint(self, name):
        return subprocess.run(["ssh-keygen", "-l", "-f", self.path(name + ".pub")], check=True,
                              capture_output=True, text=True).stdout.split()[1]


class Sshd:
    """One server. `authorized` names user keys; `sftp` is the subsystem's command, or None;
    `options` are lines of sshd_config(5); `home_size` is the size of the account's file system."""

    def __init__(self, folder, keys, host_keys=("ed25519", "ecdsa", "rsa"), account=False,
                 authorized=("ed25519",), sftp="internal-sftp", options="", home_size=None):
        if (account or home_size) and not may_mount():
            pytest.skip("only root with the right to mount can make the account of this test")
        self.folder = pathlib.Path(folder)
        self.keys = keys
        self.port = free_port()
        self.user = ACCOUNT if account else getpass.getuser()
        self.home = self.folder / "home"
        self.home_size = home_size
        self.account = account
        self.known_hosts = self.folder / "known_hosts"
        self.process = None
        self.home.mkdir()
        self.folder.chmod(0o755)
        self._write_files(host_keys, authorized, sftp, options)

    def _write_files(self, host_keys, authorized, sftp, options):
        (self.folder / "authorized_keys").write_text(
            "".join(self.keys.public(name) + "\n" for name in authorized))
        self.known_hosts.write_text("".join(self.line(f"host_{name}") for name in host_keys))
        lines = [f"HostKey {self.keys.path('host_' + name)}" for name in host_keys]
        (self.folder / "sshd_config").write_text("\n".join([
            f"Port {self.port}", "ListenAddress 127.0.0.1", *lines, "PidFile none",
            f"AuthorizedKeysFile {self.folder}/authorized_keys", "StrictModes no", "UsePAM no",
            "UseDNS no", "MaxStartups 100:30:200", "KbdInteractiveAuthentication no",
            f"PasswordAuthentication {'yes' if self.account else 'no'}",
            options, f"Subsystem sftp {sftp}" if sftp else "", ""]))

    def line(self, name, host=None):
        """The line of known_hosts for one of the keys."""
        return f"{host or f'[127.0.0.1]:{self.port}'} {self.keys.public(name)}\n"

    def _account_script(self):
        """Shell text that makes the account in this mount namespace alone."""
        etc = self.folder / "etc"
        etc.mkdir(exist_ok=True)
        for name, line in (("passwd", f"{ACCOUNT}:x:{ACCOUNT_ID}:{ACCOUNT_ID}::{self.home}:/bin/sh"),
                           ("shadow", f"{ACCOUNT}:{self._hash()}:19000::::::"),
                           ("group", f"{ACCOUNT}:x:{ACCOUNT_ID}:")):
            text = pathlib.Path("/etc", name).read_text()
            (etc / name).write_text(f"{text.rstrip()}\n{line}\n")
        (etc / "shadow").chmod(0o600)
        os.chown(self.home, ACCOUNT_ID, ACCOUNT_ID)
        lines = [f"mount --bind {etc}/{name} /etc/{name}" for name in ("passwd", "shadow", "group")]
        if self.home_size:
            lines.append(f"mount -t tmpfs -o size={self.home_size},uid={ACCOUNT_ID},"
                         f"gid={ACCOUNT_ID},mode=700 home {self.home}")
        return " && ".join(lines) + " && "

    def _hash(self):
        return subprocess.run(["openssl", "passwd", "-6", ACCOUNT_PASSWORD], check=True,
                              capture_output=True, text=True).stdout.strip()

    def start(self):
        if os.getuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        command = [program("sshd"), "-D", "-f", str(self.folder / "sshd_config"), "-E",
                   str(self.folder / "log")]
        if self.account:
            command = [*UNSHARE, "sh", "-c", self._account_script() + "exec " + shlex.join(command)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        if not wait_for_banner(self.port):
            self.stop()
            raise RuntimeError(f"sshd in {self.folder} did not start")
        return self

    def path(self, name):
        """A file of the account's home, as seen from outside of its mount namespace."""
        inside = pathlib.Path(f"/proc/{self.process.pid}/root") if self.account else None
        return inside / self.home.relative_to("/") / name if inside else self.home / name

    def names(self):
        return sorted(entry.name for entry in self.path("").iterdir())

    def kill_sessions(self):
        """As a crash does. The monitor of a session alone is not enough: its child goes on."""
        for pid in reversed(descendants(self.process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def stop_sessions(self):
        """The server is there but does nothing any more."""
        for pid in descendants(self.process.pid):
            os.kill(pid, signal.SIGSTOP)

    def stop(self):
        if self.process:
            self.kill_sessions()
            self.process.kill()
            self.process.wait()
            self.process = None


def descendants(pid):
    """The processes below one, parents first."""
    children = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = []
    todo = [pid]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found


@contextlib.contextmanager
def running_sshd(keys, **options):
    """A started server in a folder that its account can enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="sshd-") as folder:
        server = Sshd(folder, keys, **options)
        try:
            yield server.start()
        finally:
            server.stop()


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def make_sshd(keys):
    """Makes servers of a test's own: make_sshd(account=True, …). All are stopped after it."""
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(running_sshd(keys, **options))


@pytest.fixture(scope="session")
def shared_sshd(keys):
    authorized = ["ed25519", "ecdsa", "ecdsa384", "ecdsa521", "rsa", "rsa_pem", "ecdsa_pem",
                  "encrypted", "encrypted_pem"]
    with running_sshd(keys, authorized=authorized) as server:
        yield server


@pytest.fixture
def sshd(shared_sshd):
    """The server that most tests share, its home empty."""
    for entry in shared_sshd.home.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    return shared_sshd
