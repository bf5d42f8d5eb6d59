"""The delivery stage against real servers: OpenSSH for what it can do, a scripted server for the
rest. Each test drives tests/support/put_package and looks at what it said, how it ended, and what
is on the server."""

import ctypes
import os
import pathlib
import socket
import subprocess
import threading
import time

import pytest

from conftest import BUILD
from machine import UNSHARE, free_port, may_mount
from raw_sftp import WRITE as WRITE_REQUEST
from raw_sftp import dribble, make_raw  # noqa: F401 (a fixture)
from said import finish, sanitizer_options  # noqa: F401 (a fixture)
from scripted_sftp import PASSWORD, make_relay, make_scripted  # noqa: F401 (fixtures)
from sshd import (ACCOUNT_PASSWORD, PASSPHRASE, keys, make_sshd, shared_sshd,  # noqa: F401
                  sshd)

DONE, UNAVAILABLE, WRITE, PERMISSION, CONFIG = 0, 69, 73, 77, 78
NAME = "people-01.zip"
PART = "people-01.part"
BOTH = pytest.mark.parametrize("kind", ["sftp", "openssh"])
ALL = pytest.mark.parametrize("kind", ["sftp", "openssh", "folder"])


def libssh2_is_before(version):
    library = ctypes.CDLL("libssh2.so.1")
    library.libssh2_version.restype = ctypes.c_char_p
    return library.libssh2_version(version) is None


old_libssh2 = pytest.mark.skipif(not libssh2_is_before(0x010b00),
                                 reason="this libssh2 signs RSA keys with SHA-2")


@pytest.fixture
def secret_file(tmp_path):
    """Makes an owner-only file: secret_file(TEXT)."""
    def make(text, name="secret"):
        path = tmp_path / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)
    return make


@pytest.fixture
def package(tmp_path):
    """Makes a file to deliver: package(BYTES)."""
    def make(content=b"PK" + bytes(3_000_000), name="spooled.zip"):
        path = tmp_path / name
        path.write_bytes(content)
        path.chmod(0o600)
        return path
    return make


@pytest.fixture
def start(keys, package, sanitizer_options):
    """Starts put_package for a server; named arguments are its options."""
    def start_one(server, kind="sftp", files=None, environment=None, **options):
        directory = getattr(server, "account", None) is not None and str(server.home) or "/"
        options = {"kind": kind, "port": server.port, "user": getattr(server, "user", "alma"),
                   "folder": directory, "known-hosts": server.known_hosts, "timeout": 20,
                   "key": keys.path("ed25519"), **{key.replace("_", "-"): value
                                                   for key, value in options.items()}}
        arguments = []
        for key, value in options.items():
            if value is True:
                arguments.append(f"--{key}")
            elif value is not None:
                arguments += [f"--{key}", str(value)]
        files = files or {NAME: package()}
        return subprocess.Popen(
            [BUILD / "tests/support/put_package", *arguments,
             *(f"{path}={name}" for name, path in files.items())],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **sanitizer_options, **(environment or {})})
    return start_one


@pytest.fixture
def put(start):
    """Runs put_package to its end."""
    return lambda *arguments, **options: finish(start(*arguments, **options))


def address(server, kind="sftp"):
    if kind == "folder":
        return str(server.home)
    return f"sftp://{server.user}@127.0.0.1:{server.port}{server.home}"


def assert_delivered(result, server, content=b"PK" + bytes(3_000_000)):
    assert (result.error, result.status) == ("", DONE)
    assert server.names() == [NAME]
    assert (server.path(NAME) if hasattr(server, "path") else server.home / NAME
            ).read_bytes() == content


# Delivering

@ALL
def test_a_package_arrives_whole_under_its_name(kind, sshd, put):
    content = os.urandom(5_000_001)
    path = pathlib.Path(sshd.home.parent) / "package.zip"
    path.write_bytes(content)
    result = put(sshd, kind, {NAME: path})
    assert_delivered(result, sshd, content)
    assert sshd.path(NAME).stat().st_mode & 0o7777 == 0o640
    assert result.said("delivered") == [f"{NAME} yes"]
    assert any(line.startswith(f"delivered '{NAME}' to '{address(sshd, kind)}': 5000001 bytes in ")
               for line in result.said("info"))


@ALL
def test_an_empty_file_arrives(kind, sshd, put, package):
    result = put(sshd, kind, {NAME: package(b"")})
    assert_delivered(result, sshd, b"")


def test_verbose_lines_tell_each_step(sshd, keys, put):
    info = put(sshd).said("info")
    assert info[0] == f"connected to '127.0.0.1' (127.0.0.1) port {sshd.port}"
    assert info[1].startswith(f"host key {keys.fingerprint('host_ed25519')} (ssh-ed25519), cipher ") \
        or info[1].startswith(f"host key {keys.fingerprint('host_ecdsa')} (ecdsa-sha2-nistp256), ")
    assert info[2] == f"logged in as '{sshd.user}' by the key '{keys.path('ed25519')}'"


def test_progress_counts_over_all_files(sshd, put, package):
    files = {"a.zip": package(bytes(2_000_000), "a"), "b.zip": package(bytes(1_000_000), "b")}
    progress = put(sshd, files=files, progress=True).said("progress")
    assert all(line.startswith("uploading ") and line.endswith(" of 3000000 bytes")
               for line in progress)
    done = [int(line.split()[1]) for line in progress]
    assert done == sorted(done) and done[-1] == 3_000_000 and 2_000_000 in done


@ALL
def test_files_go_in_order_and_stop_at_the_first_failure(kind, sshd, put, package):
    (sshd.home / "b.zip").write_bytes(b"older")
    files = {name: package(name.encode() * 100, name) for name in ("a.zip", "b.zip", "c.zip")}
    result = put(sshd, kind, files)
    assert result.status == WRITE
    assert result.said("delivered") == ["a.zip yes", "b.zip no", "c.zip no"]
    assert sshd.names() == ["a.zip", "b.zip"]


def test_names_with_signs_and_blanks(sshd, put, package):
    name = "-people \"of\" [a*b] & $HOME 'x'.zip"
    for kind in ("sftp", "openssh"):
        result = put(sshd, kind, {name: package(b"content", "a \"quoted\" [name]*.zip")})
        assert (result.error, sshd.names()) == ("", [name])
        (sshd.home / name).unlink()


def test_a_directory_below_the_login(sshd, put):
    below = sshd.home / "in coming"
    below.mkdir()
    for kind in ("sftp", "openssh"):
        assert put(sshd, kind, folder=f"{below}//").status == DONE
        assert [entry.name for entry in below.iterdir()] == [NAME]
        (below / NAME).unlink()
    below.rmdir()


# What is there already

@ALL
def test_a_file_of_that_name_is_never_replaced(kind, sshd, put, package):
    (sshd.home / NAME).write_bytes(b"somebody else's")
    result = put(sshd, kind, {NAME: package(b"ours")})
    assert result.status == WRITE
    assert result.error == (
        f"cannot deliver '{NAME}' to '{address(sshd, kind)}': a file of that name with 15 instead of 4 "
        "bytes is already there, and nothing is ever replaced")
    result = put(sshd, kind, {NAME: package(b"SOMEBODY ELSE'S")})
    assert result.status == WRITE
    assert result.error.endswith(
        "a file of that name and size but with another content is already there, and nothing is "
        "ever replaced")
    assert (sshd.home / NAME).read_bytes() == b"somebody else's"
    assert sshd.names() == [NAME]


@ALL
def test_a_file_that_arrived_before_counts_as_delivered(kind, sshd, put):
    assert put(sshd, kind).status == DONE
    (sshd.home / PART).write_bytes(b"left behind")
    result = put(sshd, kind)
    assert_delivered(result, sshd)
    assert f"'{NAME}' was already at '{address(sshd, kind)}', whole" in result.said("info")


@ALL
def test_a_stale_temporary_file_is_replaced(kind, sshd, put):
    (sshd.home / PART).write_bytes(bytes(9_000_000))
    assert_delivered(put(sshd, kind), sshd)


def test_a_link_in_the_place_of_the_temporary_file_is_not_followed(sshd, put, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (sshd.home / PART).symlink_to(victim)
    assert_delivered(put(sshd), sshd)
    assert victim.read_bytes() == b"precious"


# Host keys

@pytest.mark.parametrize("kind", ["ed25519", "ecdsa"])
def test_the_server_is_asked_for_the_type_that_is_known(kind, sshd, keys, put, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text(sshd.line(f"host_{kind}"))
    result = put(sshd, known_hosts=known)
    assert_delivered(result, sshd)
    assert keys.fingerprint(f"host_{kind}") in "".join(result.said("info"))


@BOTH
def test_hashed_names(kind, sshd, put, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text(sshd.known_hosts.read_text())
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", known], check=True, capture_output=True)
    assert "127.0.0.1" not in known.read_text()
    assert_delivered(put(sshd, kind, known_hosts=known), sshd)


def test_an_unknown_key_is_shown_with_the_line_to_add(sshd, keys, put, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text(sshd.line("host_ed25519", host="127.0.0.1"))
    result = put(sshd, known_hosts=known, attempts=3)
    kind, name = (("ssh-ed25519", "host_ed25519")
                  if keys.fingerprint("host_ed25519") in result.error
                  else ("ecdsa-sha2-nistp256", "host_ecdsa"))
    assert result.status == PERMISSION
    assert result.error == (
        f"cannot deliver to '{address(sshd)}': the server's host key {keys.fingerprint(name)} "
        f"({kind}) is unknown: '{known}' has no key for '127.0.0.1'")
    assert result.hint == (
        "Have the server's administrators confirm this fingerprint ('ssh-keygen -l -f' prints it "
        f"there), then add this line to '{known}': {sshd.line(name).rstrip()}")
    assert result.said("warning") == []
    known.write_text(result.hint.partition("': ")[2] + "\n")
    assert_delivered(put(sshd, known_hosts=known), sshd)


def test_openssh_shows_an_unknown_key_too(sshd, keys, put, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text("")
    result = put(sshd, "openssh", known_hosts=known, attempts=3)
    fingerprint = keys.fingerprint("host_ed25519")
    assert result.status == PERMISSION
    assert result.error == (
        f"cannot deliver to '{address(sshd)}': the server's host key {fingerprint} (ssh-ed25519) "
        f"is unknown: '{known}' has no key of this type for '127.0.0.1'")
    scan = f"ssh-keyscan -p {sshd.port} -t ssh-ed25519 127.0.0.1"
    assert f"'{scan}'" in result.hint
    known.write_text(subprocess.run(scan.split(), capture_output=True, text=True).stdout)
    assert_delivered(put(sshd, "openssh", known_hosts=known), sshd)


def test_a_changed_key_is_refused_with_both_fingerprints(sshd, keys, put, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text("# ours\n" + sshd.line("stranger"))
    result = put(sshd, known_hosts=known, attempts=3)
    assert result.status == PERMISSION
    assert result.error == (
        f"cannot deliver to '{address(sshd)}': THE SERVER'S HOST KEY HAS CHANGED: it is now "
        f"{keys.fingerprint('host_ed25519')} (ssh-ed25519), but '{known}' has "
        f"{keys.fingerprint('stranger')} (ssh-ed25519, line 2); somebody may be in between")
    assert result.hint == (
        "Deliver nothing before the server's administrators confirm the new fingerprint; then "
        f"replace line 2 of '{known}' by: {sshd.line('host_ed25519').rstrip()}")
    assert result.said("warning") == []
    assert sshd.names() == []


def test_openssh_refuses_a_changed_key_too(sshd, keys, put, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text(sshd.line("stranger"))
    result = put(sshd, "openssh", known_hosts=known, attempts=3)
    assert result.status == PERMISSION
    assert result.error == (
        f"cannot deliver to '{address(sshd)}': THE SERVER'S HOST KEY HAS CHANGED: it is now "
        f"{keys.fingerprint('host_ed25519')} (ssh-ed25519), but '{known}' has another; somebody "
        "may be in between")
    assert sshd.names() == []


def test_a_key_of_a_type_that_the_server_has_no_more(make_sshd, keys, put, tmp_path):
    server = make_sshd(host_keys=["ecdsa"])
    known = tmp_path / "known_hosts"
    known.write_text(server.line("host_ed25519"))
    result = put(server, known_hosts=known)
    assert result.status == PERMISSION
    assert (f"THE SERVER'S HOST KEY HAS CHANGED: it is now {keys.fingerprint('host_ecdsa')} "
            f"(ecdsa-sha2-nistp256), but '{known}' has {keys.fingerprint('host_ed25519')} "
            "(ssh-ed25519, line 1)") in result.error


@BOTH
def test_a_revoked_key_is_refused(kind, sshd, keys, put, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text(sshd.line("host_ed25519") + "@revoked * " + keys.public("host_ed25519"))
    result = put(sshd, kind, known_hosts=known)
    assert result.status == PERMISSION
    assert result.error.startswith(
        f"cannot deliver to '{address(sshd)}': the server's host key "
        f"{keys.fingerprint('host_ed25519')} (ssh-ed25519) is marked @revoked in '{known}'")


def test_an_authority_is_not_supported_and_said_so(sshd, put, keys, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text("@cert-authority * " + keys.public("stranger"))
    result = put(sshd, known_hosts=known)
    assert result.status == PERMISSION
    assert (f"'{known}' has only a @cert-authority for '127.0.0.1' (line 1), which is not "
            "supported") in result.error


def test_patterns_and_lines_that_cannot_be_read(sshd, put, keys, tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text(f"nonsense\n[127.0.0.?]:* {keys.public('host_ed25519')}\n")
    result = put(sshd, known_hosts=known)
    assert_delivered(result, sshd)
    assert result.said("warning") == [f"{known}:1: not a line of known_hosts, left out"]


@pytest.mark.parametrize("name", ["host_ed25519", "host_ecdsa"])
def test_a_pinned_fingerprint_of_any_of_the_keys(name, sshd, keys, put):
    result = put(sshd, known_hosts=None, fingerprint=keys.fingerprint(name))
    assert_delivered(result, sshd)


def test_a_wrong_fingerprint(sshd, keys, put):
    pinned = keys.fingerprint("stranger")
    result = put(sshd, known_hosts=None, fingerprint=pinned, attempts=3)
    assert result.status == PERMISSION
    assert "the server's host key is SHA256:" in result.error
    assert result.error.endswith(f", not the pinned '{pinned}'")
    assert result.said("warning") == []


def test_a_fingerprint_that_is_none(sshd, put):
    result = put(sshd, known_hosts=None, fingerprint="MD5:00:11")
    assert result.status == CONFIG
    assert result.error.endswith(
        "the fingerprint 'MD5:00:11' is not 'SHA256:' and 43 letters of base64")


def test_nothing_to_check_the_host_key_against(sshd, put, tmp_path):
    result = put(sshd, known_hosts=None)
    assert result.status == CONFIG
    assert result.error.endswith("there is nothing to check the server's host key against")
    assert result.hint == "Set delivery.sftp.known_hosts or delivery.sftp.fingerprint."
    result = put(sshd, known_hosts=tmp_path / "missing")
    assert result.status == CONFIG
    assert result.error.endswith(
        f"cannot check the server's host key: cannot read '{tmp_path / 'missing'}': No such file "
        "or directory")


@old_libssh2
def test_a_server_with_an_rsa_host_key_alone(make_sshd, put):
    server = make_sshd(host_keys=["rsa"])
    result = put(server, attempts=3)
    assert result.status == PERMISSION
    assert result.error.startswith(
        f"cannot deliver to '{address(server)}': libssh2 1.")
    assert result.error.endswith(
        " can check none of the server's host keys, which are of type 'rsa-sha2-512,rsa-sha2-256'")
    assert result.hint == (
        "libssh2 before 1.11 takes RSA keys only with SHA-1, which this server refuses. Have "
        "the server get an ed25519 or ecdsa host key. Set `transport: openssh`.")
    assert_delivered(put(server, "openssh"), server)


@old_libssh2
def test_a_server_without_a_common_cipher(make_sshd, put):
    server = make_sshd(options="Ciphers chacha20-poly1305@openssh.com")
    result = put(server, attempts=3)
    assert result.status == UNAVAILABLE
    assert result.error.endswith(
        " have no cipher in common: the server offers 'chacha20-poly1305@openssh.com'")
    assert result.hint == "Set `transport: openssh`."
    assert_delivered(put(server, "openssh"), server)


# Login by key

@pytest.mark.parametrize("name", ["ed25519", "ecdsa", "ecdsa384", "ecdsa521", "ecdsa_pem"])
def test_keys_without_a_pass_phrase(name, sshd, keys, put):
    assert_delivered(put(sshd, key=keys.path(name)), sshd)


@pytest.mark.parametrize("name", ["rsa", "rsa_pem"])
def test_openssh_takes_rsa_keys(name, sshd, keys, put):
    assert_delivered(put(sshd, "openssh", key=keys.path(name)), sshd)


@old_libssh2
@pytest.mark.parametrize("name", ["rsa", "rsa_pem"])
def test_an_rsa_key_that_is_refused_for_its_signature(name, sshd, keys, put):
    result = put(sshd, key=keys.path(name), attempts=3)
    assert result.status == PERMISSION
    assert result.error == (
        f"cannot deliver to '{address(sshd)}': the server refuses the login of '{sshd.user}': the "
        f"key '{keys.path(name)}' was not accepted (it offers 'publickey')")
    assert result.hint == (
        "libssh2 before 1.11 signs with RSA keys only by SHA-1, which most servers refuse today. "
        "Use an ed25519 or ecdsa key. Set `transport: openssh`.")
    assert result.said("warning") == []


def test_a_server_that_takes_sha1_takes_rsa_keys(make_sshd, keys, put):
    server = make_sshd(authorized=["rsa"], options="PubkeyAcceptedAlgorithms +ssh-rsa")
    assert_delivered(put(server, key=keys.path("rsa")), server)


@pytest.mark.parametrize("name", ["encrypted", "encrypted_pem"])
def test_encrypted_keys(name, sshd, keys, put, secret_file):
    key = keys.path(name)
    assert_delivered(put(sshd, key=key, passphrase=secret_file(PASSPHRASE + "\n")), sshd)
    result = put(sshd, key=key)
    assert result.status == PERMISSION
    assert result.error.endswith(
        f"the key '{key}' cannot be used: it is encrypted, and no pass phrase is set")
    assert result.hint == "Set `passphrase` beside `key`."
    result = put(sshd, key=key, passphrase=secret_file("wrong"), attempts=3)
    assert result.status == PERMISSION
    assert result.error.endswith(f"the key '{key}' cannot be used: its pass phrase is wrong")
    assert "wrong-secret" not in result.out and result.said("warning") == []


@BOTH
def test_a_key_that_the_server_does_not_know(kind, sshd, keys, put):
    result = put(sshd, kind, key=keys.path("stranger"), attempts=3)
    assert result.status == PERMISSION
    assert f"the server refuses the login of '{sshd.user}': " in result.error
    assert result.said("warning") == [] and result.hint == ""
    assert sshd.names() == []


@BOTH
def test_a_key_that_others_can_read(kind, sshd, keys, put, tmp_path):
    key = tmp_path / "open_key"
    key.write_text(pathlib.Path(keys.path("ed25519")).read_text())
    key.chmod(0o644)
    result = put(sshd, kind, key=key)
    assert result.status == PERMISSION
    assert result.error.endswith(
        f"the SFTP key is in '{key}', which others may read (mode 0644)")
    assert result.hint.startswith(f"Run 'chmod 600 {key}'")


@pytest.mark.parametrize("text, complaint", [
    ("PuTTY-User-Key-File-3: ssh-ed25519\n", "it is in PuTTY's format"),
    ("ssh-ed25519 AAAA me\n", "it is a public key"),
    ("hello\n", "it is not a private key"),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n"
     "-----END OPENSSH PRIVATE KEY-----\n", "it is cut off or damaged"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n",
     "it is cut off or damaged"),
])
def test_files_that_are_no_usable_key(text, complaint, sshd, put, secret_file):
    key = secret_file(text)
    result = put(sshd, key=key)
    assert result.status == PERMISSION
    assert result.error.endswith(f"the key '{key}' cannot be used: {complaint}")


def test_a_key_that_is_not_there(sshd, put, tmp_path):
    result = put(sshd, key=tmp_path / "missing")
    assert result.status == CONFIG
    assert result.error.endswith(
        f"cannot read the SFTP key from '{tmp_path / 'missing'}': No such file or directory")


@BOTH
def test_a_key_that_is_a_systemd_credential(kind, sshd, keys, put, secret_file, tmp_path):
    secret_file(pathlib.Path(keys.path("ed25519")).read_text(), "sftp_key")
    result = put(sshd, kind, key=None, key_credential="sftp_key",
                 environment={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert_delivered(result, sshd)


def test_nothing_to_log_in_with(sshd, put):
    for kind in ("sftp", "openssh"):
        result = put(sshd, kind, key=None)
        assert result.status == CONFIG
        assert result.error.endswith("there is nothing to log in with")


# Login by agent

@pytest.fixture
def agent(tmp_path):
    """A running ssh-agent: its socket, and add(KEY)."""
    class Agent:
        path = str(tmp_path / "agent")
        environment = {"SSH_AUTH_SOCK": path}

        def add(self, key):
            subprocess.run(["ssh-add", "-q", key], check=True, capture_output=True,
                           env={**os.environ, **self.environment})

    process = subprocess.Popen(["ssh-agent", "-D", "-a", Agent.path], stdout=subprocess.DEVNULL)
    while not os.path.exists(Agent.path):
        time.sleep(0.01)
    yield Agent()
    process.terminate()
    process.wait()


@BOTH
def test_the_agent_logs_in(kind, sshd, keys, put, agent):
    agent.add(keys.path("stranger"))
    agent.add(keys.path("ed25519"))
    result = put(sshd, kind, key=None, agent=True, environment=agent.environment)
    assert_delivered(result, sshd)


def test_the_agent_has_no_fitting_key(sshd, keys, put, agent):
    result = put(sshd, key=None, agent=True, environment=agent.environment)
    assert result.status == PERMISSION
    assert result.error.endswith("the agent has no key (it offers 'publickey')")
    agent.add(keys.path("stranger"))
    result = put(sshd, key=None, agent=True, environment=agent.environment)
    assert result.status == PERMISSION
    assert result.error.endswith("no key of the agent was accepted (it offers 'publickey')")


@BOTH
def test_there_is_no_agent(kind, sshd, put, monkeypatch):
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    result = put(sshd, kind, key=None, agent=True)
    assert result.status == PERMISSION
    assert result.error.endswith("there is no SSH agent here: SSH_AUTH_SOCK is not set")
    assert result.hint == (
        "cron and systemd start without an agent; use delivery.sftp.key there.")


def test_an_agent_that_does_not_answer(sshd, put, tmp_path):
    result = put(sshd, key=None, agent=True,
                 environment={"SSH_AUTH_SOCK": str(tmp_path / "nobody")})
    assert result.status == PERMISSION
    assert result.error.endswith(f"the SSH agent at '{tmp_path / 'nobody'}' does not answer")


@BOTH
def test_a_server_that_ends_the_login_is_not_asked_again(kind, make_sshd, keys, put, agent):
    server = make_sshd(options="MaxAuthTries 2")
    for name in ("ecdsa", "ecdsa384", "ecdsa521"):
        agent.add(keys.path(name))
    result = put(server, kind, key=None, agent=True, attempts=3,
                 environment=agent.environment)
    assert result.status == PERMISSION
    assert "Too many authentication failures" in result.error
    assert result.said("warning") == []


# Login by password

def test_passwords(make_sshd, put, secret_file):
    server = make_sshd(account=True)
    result = put(server, key=None, password=secret_file(ACCOUNT_PASSWORD + "\n"))
    assert_delivered(result, server)
    result = put(server, key=None, password=secret_file("guess"), attempts=3)
    assert result.status == PERMISSION
    assert result.error == (
        f"cannot deliver to '{address(server)}': the server refuses the login of 'alma': the "
        "password was refused (it offers 'publickey,password')")
    assert result.said("warning") == [] and "guess" not in result.out
    log = (server.folder / "log").read_text()
    assert log.count("Failed password") == 1


def test_a_key_is_tried_before_the_password(make_sshd, keys, put, secret_file):
    server = make_sshd(account=True)
    result = put(server, key=keys.path("stranger"), password=secret_file(ACCOUNT_PASSWORD))
    assert_delivered(result, server)
    result = put(server, key=keys.path("stranger"), password=secret_file("guess"))
    assert result.error.endswith(
        f"the key '{keys.path('stranger')}' was not accepted, the password was refused (it offers "
        "'publickey,password')")


def test_a_method_that_the_server_does_not_offer(sshd, put, secret_file):
    result = put(sshd, key=None, password=secret_file("guess"))
    assert result.status == PERMISSION
    assert result.error.endswith(
        f"the server offers '{sshd.user}' only 'publickey' to log in, but only a password is set")


def test_an_empty_password(sshd, put, secret_file, make_scripted):
    result = put(make_scripted(), key=None, password=secret_file("\n"))
    assert result.status == CONFIG
    assert result.error.endswith("the SFTP password is empty")


def test_keyboard_interactive_asks_for_the_password(make_scripted, put, secret_file):
    server = make_scripted(auth="keyboard-interactive", prompts=[[("Password: ", False)]])
    result = put(server, key=None, password=secret_file(PASSWORD))
    assert_delivered(result, server)
    result = put(server, key=None, password=secret_file("guess"), attempts=3)
    assert result.status == PERMISSION
    assert result.error.endswith("the password, asked for by keyboard-interactive, was refused (it "
                                 "offers 'keyboard-interactive')")
    assert result.said("warning") == []


@pytest.mark.parametrize("prompts", [
    [[("Password: ", False), ("Code: ", False)]],
    [[("Code: ", True)]],
    [[("Password: ", False)], [("Code: ", False)]],
])
def test_keyboard_interactive_asks_for_more(prompts, make_scripted, put, secret_file):
    server = make_scripted(auth="keyboard-interactive", prompts=prompts)
    result = put(server, key=None, password=secret_file(PASSWORD), attempts=3)
    assert result.status == PERMISSION
    assert result.error.endswith(
        "the server asks 'alma' for more than a password (such as a one-time code)")
    assert result.said("warning") == []
    assert [PASSWORD, ""] not in server.attempts and ["", ""] not in server.attempts[:-1]


def test_a_refused_password_is_sent_only_once(make_scripted, put, secret_file):
    server = make_scripted(auth="password,keyboard-interactive", prompts=[[("Password: ", False)]])
    result = put(server, key=None, password=secret_file("guess"))
    assert result.status == PERMISSION
    assert server.attempts == ["password"]


def test_a_server_that_wants_key_and_password(make_scripted, put, secret_file):
    server = make_scripted(auth="publickey", then="password")
    assert_delivered(put(server, password=secret_file(PASSWORD)), server)
    assert server.attempts[-1] == "password"


# The server refuses

@BOTH
def test_a_directory_that_is_not_there(kind, sshd, put):
    result = put(sshd, kind, folder="/nowhere/at/all", attempts=3)
    assert result.status == WRITE
    assert "the directory '/nowhere/at/all' cannot be used: " in result.error
    assert "no such file" in result.error.lower()
    assert result.said("warning") == []
    if kind == "sftp":
        assert result.hint.startswith(f"Logins of '{sshd.user}' begin in '/")


@BOTH
def test_a_directory_that_is_a_file(kind, sshd, put):
    (sshd.home / "file").write_bytes(b"")
    result = put(sshd, kind, folder=sshd.home / "file")
    assert result.status == WRITE
    assert "is not a directory" in result.error


@BOTH
def test_a_directory_without_the_right_to_enter_or_write(kind, make_sshd, put):
    server = make_sshd(account=True)
    server.path("").chmod(0o000)
    result = put(server, kind)
    assert result.status == WRITE
    assert "ermission denied" in result.error
    server.path("").chmod(0o555)
    result = put(server, kind)
    assert result.status == WRITE
    assert f"cannot deliver '{NAME}' to '{address(server)}': " in result.error
    assert "ermission denied" in result.error
    assert server.names() == []


def test_no_right_to_rename(make_sshd, put):
    server = make_sshd(sftp="internal-sftp -P rename,posix-rename")
    for kind in ("sftp", "openssh"):
        result = put(server, kind, attempts=3)
        assert result.status == WRITE
        assert result.error.lower() == (
            f"cannot deliver '{NAME}' to '{address(server)}': the server refuses to rename "
            f"'{PART}' to '{NAME}': permission denied").lower()
        assert result.hint == (
            f"Give the account '{server.user}' the right to rename files in '{server.home}'.")
        assert result.said("warning") == []
        assert server.names() == []


def test_openssh_uses_posix_rename_where_it_must(make_sshd, put):
    server = make_sshd(sftp="internal-sftp -P rename")
    assert_delivered(put(server, "openssh"), server)


@BOTH
def test_no_right_to_remove_the_temporary_file(kind, make_sshd, put):
    server = make_sshd(sftp="internal-sftp -P rename,posix-rename,remove")
    result = put(server, kind)
    assert result.status == WRITE
    assert "the server refuses to rename" in result.error
    assert len(result.said("warning")) == 1
    assert result.said("warning")[0].startswith(
        f"'{PART}' is left at '{address(server)}': the server does not let '{PART}' be removed: ")
    assert server.names() == [PART]


def test_a_full_disk(make_sshd, put):
    server = make_sshd(account=True, home_size="2m")
    result = put(server, attempts=3)
    assert result.status == WRITE
    assert result.error.startswith(
        f"cannot deliver '{NAME}' to '{address(server)}': writing '{PART}' failed after ")
    assert result.error.endswith(" of 3000002 bytes: no space is left on the server")
    assert result.said("warning") == [] and server.names() == []
    result = put(server, "openssh", attempts=3)
    assert result.status == WRITE
    assert f"writing '{PART}' failed: " in result.error
    assert result.said("warning") == [] and server.names() == []


@BOTH
def test_a_limit_on_the_size_of_files(kind, make_sshd, put, tmp_path):
    limited = tmp_path / "limited-sftp"
    limited.write_text("#!/bin/sh\ntrap '' XFSZ\nulimit -f 2048\n"
                       "exec /usr/lib/openssh/sftp-server\n")
    limited.chmod(0o755)
    server = make_sshd(sftp=str(limited))
    result = put(server, kind)
    assert result.status == WRITE
    assert "ailure" in result.error
    assert result.hint == ("A 'failure' while writing is often a full disk, a quota or a limit on "
                           "the size of files.")
    assert server.names() == []


def test_a_size_that_differs(make_scripted, put, secret_file):
    server = make_scripted(size_offset=-1)
    result = put(server, key=None, password=secret_file(PASSWORD))
    assert result.status == WRITE
    assert result.error.endswith(f"'{PART}' was uploaded with 3000002 bytes but has 3000001")
    assert server.names() == []


def test_a_server_without_sftp(make_sshd, put):
    server = make_sshd(sftp=None)
    result = put(server, attempts=3)
    assert result.status == UNAVAILABLE
    assert f"the server starts no SFTP for '{server.user}': " in result.error
    assert result.said("warning") == []
    result = put(server, "openssh")
    assert result.status == UNAVAILABLE
    assert "subsystem request failed" in result.error


@BOTH
def test_an_sftp_that_dies_at_once(kind, make_sshd, put):
    result = put(make_sshd(sftp="/bin/false"), kind, timeout=2)
    assert result.status == UNAVAILABLE
    assert result.said("delivered") == [f"{NAME} no"]


# The network

@BOTH
def test_nobody_listens(kind, sshd, put, tmp_path):
    class Nobody:
        port, user, home = free_port(), "alma", sshd.home
        known_hosts = tmp_path / "known_hosts"
        account = False

    Nobody.known_hosts.write_text(sshd.line("host_ed25519", f"[127.0.0.1]:{Nobody.port}"))
    result = put(Nobody, kind, attempts=3, first_wait=0)
    assert result.status == UNAVAILABLE
    assert result.error.startswith(
        f"given up after 3 attempts: cannot deliver to '{address(Nobody)}': ")
    assert "onnection refused" in result.error
    warnings = result.said("warning")
    assert len(warnings) == 2
    assert warnings[0].endswith("; attempt 2 of 3 follows in 0 s")
    assert warnings[1].endswith("; attempt 3 of 3 follows in 0 s")


@BOTH
def test_a_name_that_does_not_resolve(kind, sshd, put):
    result = put(sshd, kind, host="nowhere.invalid", timeout=20)
    assert result.status == UNAVAILABLE
    assert "nowhere.invalid" in result.error


@BOTH
def test_a_connection_that_is_cut_is_tried_again(kind, sshd, put, make_relay, tmp_path):
    relay = make_relay(sshd.port, cut=1_000_000)
    known = tmp_path / "known_hosts"
    known.write_text(sshd.line("host_ed25519", f"[127.0.0.1]:{relay.port}"))
    result = put(sshd, kind, port=relay.port, known_hosts=known, attempts=2, first_wait=1)
    assert_delivered(result, sshd)
    assert len(result.said("warning")) == 1
    assert result.said("warning")[0].endswith("; attempt 2 of 2 follows in 1 s")


@BOTH
def test_a_connection_that_is_cut_leaves_nothing_under_the_name(kind, sshd, put, make_relay,
                                                                tmp_path):
    relay = make_relay(sshd.port, cut=1_000_000)
    known = tmp_path / "known_hosts"
    known.write_text(sshd.line("host_ed25519", f"[127.0.0.1]:{relay.port}"))
    result = put(sshd, kind, port=relay.port, known_hosts=known)
    assert result.status == UNAVAILABLE
    assert NAME not in sshd.names()
    if kind == "sftp":
        assert result.error.endswith(f"bytes: the connection was lost")


@BOTH
def test_a_server_killed_in_mid_upload(kind, make_sshd, start, package):
    server = make_sshd()
    upload = start(server, kind, {NAME: package(bytes(200_000_000))}, attempts=2, first_wait=1)
    while not (server.home / PART).exists() or (server.home / PART).stat().st_size < 1_000_000:
        assert upload.poll() is None
        time.sleep(0.001)
    server.kill_sessions()
    assert NAME not in server.names()
    result = finish(upload)
    assert_delivered(result, server, bytes(200_000_000))
    assert len(result.said("warning")) == 1


@BOTH
def test_a_connection_that_falls_silent(kind, sshd, put, make_relay, tmp_path):
    relay = make_relay(sshd.port, stall=1_000_000)
    known = tmp_path / "known_hosts"
    known.write_text(sshd.line("host_ed25519", f"[127.0.0.1]:{relay.port}"))
    result = put(sshd, kind, port=relay.port, known_hosts=known, timeout=2)
    assert result.status == UNAVAILABLE
    assert NAME not in sshd.names()
    if kind == "sftp":
        assert result.error.endswith(" bytes: the server has not answered for 2 s")


def test_a_server_that_only_dribbles(make_raw, put, secret_file):
    server = make_raw(bend=dribble(WRITE_REQUEST))
    result = put(server, key=None, password=secret_file(PASSWORD), timeout=2)
    assert result.status == UNAVAILABLE
    assert result.error.endswith(" bytes: less than 1000 bytes a second have moved for 2 s")
    assert NAME not in server.files


def test_a_server_that_stops_working(make_sshd, start, package):
    server = make_sshd()
    upload = start(server, files={NAME: package(bytes(200_000_000))}, timeout=2)
    while not (server.home / PART).exists():
        time.sleep(0.001)
    server.stop_sessions()
    result = finish(upload)
    assert result.status == UNAVAILABLE
    assert result.error.endswith("the server has not answered for 2 s")


def test_the_answer_to_the_rename_is_lost(make_scripted, put, secret_file):
    server = make_scripted(lose_rename_answer=True)
    result = put(server, key=None, password=secret_file(PASSWORD), attempts=2, first_wait=0)
    assert_delivered(result, server)
    assert len(result.said("warning")) == 1
    assert any(line.endswith(", whole") for line in result.said("info"))


def test_a_file_that_cannot_be_read_back(make_scripted, put, secret_file):
    server = make_scripted(read_forbidden=True)
    password = secret_file(PASSWORD)
    assert put(server, key=None, password=password).status == DONE
    result = put(server, key=None, password=password)
    assert result.status == WRITE
    assert result.error.endswith(
        "a file of that name and size is already there, but whether it is the same cannot be seen: "
        f"the server does not let '{NAME}' be read: permission denied")
    assert server.names() == [NAME]


@pytest.mark.parametrize("greeting", [b"", b"220 mail.example.edu ESMTP\r\n", bytes(100_000),
                                      b"SSH-2.0-x\r\n" + b"\xff" * 5000],
                         ids=["silence", "mail", "zeros", "garbage"])
@BOTH
def test_something_else_listens(kind, greeting, sshd, put, tmp_path):
    class Stranger:
        user, home, account = "alma", sshd.home, False
        known_hosts = tmp_path / "known_hosts"

    listener = socket.create_server(("127.0.0.1", 0))
    Stranger.port = listener.getsockname()[1]
    Stranger.known_hosts.write_text(
        sshd.line("host_ed25519", f"[127.0.0.1]:{Stranger.port}"))

    def answer():
        client, _ = listener.accept()
        with client:
            try:
                client.sendall(greeting)
                client.shutdown(socket.SHUT_WR)
                while client.recv(4096):
                    pass
            except OSError:
                pass

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    result = put(Stranger, kind, timeout=5)
    listener.close()
    assert result.status == UNAVAILABLE
    assert result.error.startswith(f"cannot deliver to '{address(Stranger)}': ")


# What only the system's sftp cannot do

@pytest.mark.parametrize("options, complaint", [
    ({"password": "secret"}, "`transport: openssh` cannot log in with a password"),
    ({"passphrase": "secret"}, "`transport: openssh` takes no pass phrase"),
    ({"known_hosts": None, "fingerprint": "SHA256:" + "A" * 43},
     "`transport: openssh` checks the host key by known_hosts alone, not by a fingerprint"),
    ({"known_hosts": "/nowhere/known_hosts"}, "the file of known hosts cannot be read"),
])
def test_what_openssh_cannot_be_given(options, complaint, sshd, put):
    result = put(sshd, "openssh", **options)
    assert result.status == CONFIG
    assert result.error.endswith(complaint)
    assert result.hint != ""


def test_openssh_and_an_encrypted_key(sshd, keys, put):
    result = put(sshd, "openssh", key=keys.path("encrypted"))
    assert result.status == CONFIG
    assert result.error.endswith("the SFTP key cannot be used: it is encrypted, and `transport: "
                                 "openssh` takes no pass phrase")


def test_openssh_that_is_not_installed(sshd, put, tmp_path):
    result = put(sshd, "openssh", environment={"PATH": str(tmp_path)})
    assert result.status == CONFIG
    assert "the program 'sftp' cannot be started: No such file or directory" in result.error
    assert "openssh-client" in result.hint


# The folder

def test_a_folder_on_a_full_disk(sshd, package, tmp_path):
    if not may_mount():
        pytest.skip("only root with the right to mount can make the file system of this test")
    path = package()
    folder = tmp_path / "full"
    folder.mkdir()
    process = subprocess.run(
        [*UNSHARE, "sh", "-c",
         'mount -t tmpfs -o size=1m full "$1" && "$2" --kind folder --folder "$1" "$3"; '
         'code=$?; ls "$1"; exit $code', "-", folder, BUILD / "tests/support/put_package",
         f"{path}={NAME}"], capture_output=True, text=True)
    assert process.returncode == WRITE
    assert process.stdout.splitlines() == [
        f"error: cannot deliver '{NAME}' to '{folder}': cannot write '{PART}': No space left on "
        "device",
        "hint: Free some space there, then run again.",
        f"delivered: {NAME} no"]


@pytest.mark.parametrize("name, complaint", [
    ("missing", "cannot open the folder: No such file or directory"),
    ("file", "cannot open the folder: Not a directory"),
])
def test_a_folder_that_is_none(name, complaint, sshd, put, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    result = put(sshd, "folder", folder=tmp_path / name, attempts=3)
    assert result.status == WRITE
    assert result.error == f"cannot deliver to '{tmp_path / name}': {complaint}"
    assert result.said("warning") == []


def test_a_package_that_is_not_there(sshd, put, tmp_path):
    result = put(sshd, "folder", {NAME: tmp_path / "missing.zip"})
    assert result.error.endswith(f"cannot read '{tmp_path / 'missing.zip'}': No such file or "
                                 "directory")
    assert sshd.names() == []
