"""What a run can still do once foreign bytes may come, and by whom a feed is run."""

import ctypes
import os
import pwd
import re
import signal
import socket
import stat
import subprocess

import pytest

from conftest import BUILD, PROGRAM
from feed import PEOPLE, Feed, is_sanitized

HIJACK = BUILD / "tests/support/.libs/hijack.so"
LANDLOCK_CREATE_RULESET = 444
VERSION = ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, 1)
PORTS, SCOPES = 4, 6  # versions of Landlock that brought them
ROOT = os.geteuid() == 0
OFF = "rights: { confine: 'off' }\n"
# An account that every Linux has, and that owns nothing.
OTHER = "nobody"

needs_root = pytest.mark.skipif(not ROOT, reason="only root can give files to another account")
needs_landlock = pytest.mark.skipif(VERSION < 1, reason="this kernel has no Landlock")


def start_hijacked(feed, *deeds):
    assert HIJACK.exists(), "`make check` builds it"
    return subprocess.Popen([PROGRAM, "run"], text=True, cwd=feed.folder, stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**os.environ, "LD_PRELOAD": str(HIJACK), "HIJACK_AT": "people.ldif",
                                 "HIJACK": "\n".join(deeds)})


def hijacked(feed, *deeds, status=0):
    """What came of each deed in the middle of a run, which then goes on."""
    with start_hijacked(feed, *deeds) as process:
        errors = process.communicate(timeout=60)[1]
    assert process.returncode == status, errors
    said = dict(line.rsplit(": ", 1) for line in errors.splitlines()[:len(deeds)])
    return [said[deed] for deed in deeds]


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    if is_sanitized():
        pytest.skip("sanitizers must be loaded before anything else, and need more rights")
    (tmp_path / "feed").mkdir()
    return Feed(tmp_path / "feed")


@pytest.fixture(name="victim")
def start_victim():
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process.pid
        process.kill()


def both(feed, *deeds):
    """With and without confinement."""
    confined = hijacked(feed, *deeds)
    for package in (feed.folder / "out").glob("*.zip"):
        package.unlink()
    path = feed.folder / "ldap2alma.yaml"
    path.write_text(path.read_text() + OFF)
    return list(zip(deeds, confined, hijacked(feed, *deeds)))


@needs_landlock
def test_files_of_others(feed, tmp_path):
    """Another feed's secrets, what only root may read, programs: none of it is read or touched."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "secret").write_text("s3cret")
    (other / "secret").chmod(0o600)
    deeds = [f"read {other}/secret", f"read {other}", f"write {other}/secret", f"write {other}/new",
             f"open-to-all {other}/secret", f"move {other}/secret", f"write {tmp_path}/crontab",
             "start /bin/true", *["read /etc/shadow"] * ROOT]
    assert [(deed, confined) for deed, confined, _ in both(feed, *deeds) if confined not in ("EACCES", "EPERM")] == []
    assert not (other / "secret").exists(), "without confinement, it was moved"


@needs_landlock
def test_files_of_its_own(feed, tmp_path):
    """What a run needs is left to it; also what rights.read names."""
    more = tmp_path / "more"
    more.mkdir()
    (more / "site.conf").write_text("x")
    path = feed.folder / "ldap2alma.yaml"
    path.write_text(path.read_text() + "rights: { read: ../more }\n")
    deeds = [f"read {feed.folder}/people.ldif", f"read {feed.folder}/out", f"write {feed.folder}/out/new",
             f"write {feed.folder}/spool/test/new", f"read {more}/site.conf", "read /etc/hosts",
             "read /etc/nsswitch.conf", "read /etc/passwd", "read /usr/bin/env", "read /proc/self/status",
             "read /dev/urandom", "write /dev/null", "signal 0"]
    assert [(deed, *results) for deed, *results in zip(deeds, hijacked(feed, *deeds)) if results != ["done"]] == []


@needs_landlock
def test_folders_below_etc_of_feeds(feed):
    """Feeds in /etc/ldap2alma are told from what libraries have there."""
    if not ROOT or os.path.exists("/etc/ldap2alma"):
        pytest.skip("only root can make /etc/ldap2alma, where there is none")
    os.mkdir("/etc/ldap2alma")
    try:
        with open("/etc/ldap2alma/secret", "w", encoding="ascii") as file:
            file.write("x")
        assert hijacked(feed, "read /etc/ldap2alma/secret", "read /etc/ldap2alma") == ["EACCES"] * 2
    finally:
        os.unlink("/etc/ldap2alma/secret")
        os.rmdir("/etc/ldap2alma")


def test_other_processes(feed, victim):
    deeds = [f"{deed} {victim}" for deed in ["trace", "peek", "limit", "bind", "slow"]]
    deeds += [f"signal {victim}", f"pidfd {victim}"] * (VERSION >= SCOPES)
    for deed, confined, free in both(feed, *deeds):
        assert (deed, confined) == (deed, "EPERM")
        assert free != "EPERM" or not ROOT


@pytest.mark.parametrize("deed, refused", [
    ("listen 1", "EPERM"), ("type x", "EPERM"), ("namespace x", "EPERM"), ("socket 17", "EAFNOSUPPORT"),
    ("netlink 9", "EPROTONOSUPPORT"), ("raw x", "EPROTONOSUPPORT"),
    ("call unshare", "EPERM"),
    ("call setuid", "EPERM"), ("call mount", "EPERM"), ("call chroot", "EPERM"), ("call bpf", "EPERM"),
    ("call keyctl", "EPERM"), ("call io_uring", "EPERM"), ("call perf", "EPERM"), ("call module", "EPERM"),
    ("call userfaultfd", "EPERM")])
def test_calls(feed, deed, refused):
    """Whoever is root would be let, which shows who refuses."""
    [(_, confined, free)] = both(feed, deed)
    assert confined == refused
    assert free != refused or not ROOT


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers of calls are those of another machine")
@pytest.mark.parametrize("kind", ["x32", "i386"])
def test_calls_by_other_numbers(feed, kind):
    """The rules are for the calls' numbers, of which this machine knows three lists."""
    assert hijacked(feed, f"kind {kind}") == ["EPERM"]


def test_files_that_are_open(feed):
    """Nobody becomes somebody else by a file that may be read: root's programs among them."""
    people = feed.folder / "people.ldif"
    for deed, confined, free in both(feed, *(f"{deed} {people}" for deed in ["lend", "attribute", "touch", "watch"]),
                                     *[f"give {people}"] * ROOT):
        assert (deed, confined) == (deed, "EPERM")
        assert free in ("done", "ENOTSUP")


SFTP = """sftp: { host: 127.0.0.1, port: %d, user: alma, password: { env: HOME }, timeout: 1s, directory: /,
  fingerprint: 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }, retry: { attempts: 1 }"""


@pytest.mark.skipif(VERSION < PORTS, reason="this kernel's Landlock leaves ports alone")
def test_ports(feed):
    """Of TCP the feed's servers' and DNS's; sockets of this machine, such as an agent's, all."""
    agent = str(feed.folder / "agent")
    path = feed.folder / "ldap2alma.yaml"
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as other, \
            socket.socket(socket.AF_UNIX) as local:
        ports = [at.getsockname()[1] for at in (server, other)]
        local.bind(agent)
        local.listen(1)
        path.write_text(path.read_text().replace("folder: out", SFTP % ports[0]))
        deeds = [f"connect {ports[0]}", "connect 53", f"connect {ports[1]}", f"agent {agent}",
                 f"fast {ports[1]}", f"fast-message {ports[1]}", f"multipath {ports[1]}"]
        assert hijacked(feed, *deeds, status=69) == [
            "done", "ECONNREFUSED", "EACCES", "done", "EPERM", "EPERM", "EPROTONOSUPPORT"]


def verbose(feed, *words):
    return subprocess.run([PROGRAM, "-v", "-c", feed.folder / "ldap2alma.yaml", *(words or ["run"])], text=True,
                          capture_output=True, check=False)


@needs_landlock
def test_what_is_said(feed):
    done = verbose(feed)
    assert re.search(r"confined to the feed's files.* \(Landlock \d+\)", done.stderr)
    (feed.folder / "ldap2alma.yaml").write_text((feed.folder / "ldap2alma.yaml").read_text() + OFF)
    assert "confined" not in verbose(feed).stderr


def test_on_needs_the_kernel(feed):
    """`on` is no promise that is broken in silence."""
    path = feed.folder / "ldap2alma.yaml"
    path.write_text(path.read_text() + "rights: { confine: 'on' }\n")
    kill_at = BUILD / "tests/support/.libs/kill_at.so"
    done = subprocess.run([PROGRAM, "-c", path, "run"], text=True, capture_output=True, cwd=feed.folder,
                          env={**os.environ, "LD_PRELOAD": str(kill_at), "KILL_SHADOW": "/nowhere",
                               "KILL_FOLDER": "/nowhere"}, check=False)
    assert done.returncode == 78
    assert done.stderr.startswith("ldap2alma: this run cannot be confined, as 'rights.confine: on' asks: ")
    assert not list((feed.folder / "out").iterdir())


@needs_landlock
@pytest.mark.parametrize("version, confine, said", [
    (0, "auto", "files and ports are not confined: this kernel has no Landlock"),
    (0, "on", "cannot be confined, as 'rights.confine: on' asks: this kernel has no Landlock"),
    *((old, "auto", f"confined to the feed's files (Landlock {old})") for old in (1, 2, 3)),
    (3, "on", "cannot be confined, as 'rights.confine: on' asks: this kernel's Landlock leaves ports alone")])
def test_older_kernels(feed, version, confine, said):
    path = feed.folder / "ldap2alma.yaml"
    path.write_text(path.read_text() + f"rights: {{ confine: '{confine}' }}\n")
    done = subprocess.run([PROGRAM, "-v", "-c", path, "run"], text=True, capture_output=True, check=False,
                          env={**os.environ, "LD_PRELOAD": str(HIJACK), "HIJACK_LANDLOCK": str(version)})
    assert said in done.stderr
    assert done.returncode == (78 if confine == "on" else 0)


@needs_landlock
def test_links_are_followed(feed):
    elsewhere = feed.folder.parent / "elsewhere"
    (feed.folder / "people.ldif").rename(elsewhere)
    (feed.folder / "people.ldif").symlink_to(elsewhere)
    assert verbose(feed).returncode == 0


@needs_landlock
def test_a_refusal_is_explained(feed):
    """Rules are for files, not for names: one that takes another's place in mid-run is refused."""
    (feed.folder / "spool/test").mkdir(parents=True, mode=0o700)
    fifos = [feed.folder / "spool/test" / name for name in ("begun", "replaced")]
    for fifo in fifos:
        os.mkfifo(fifo)
    with start_hijacked(feed, *(f"read {fifo}" for fifo in fifos)) as process:
        fifos[0].write_text("")
        (feed.folder / "people.ldif").unlink()
        (feed.folder / "people.ldif").write_text(PEOPLE)
        fifos[1].write_text("")
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 77
    assert said.splitlines()[2:] == [
        "warning: the run was confined to what the settings name: if it goes well with 'rights: { confine: off }', "
        "name the file in 'rights.read'",
        "ldap2alma: cannot read 'people.ldif': Permission denied"]


def test_who_is_told_has_all_rights(feed):
    """Mail is sent by programs that get privileges, and write where we cannot."""
    told = feed.folder.parent / "told"
    script = feed.folder / "tell"
    script.write_text(f"#!/bin/sh\ngrep NoNewPrivs /proc/self/status > {told}\nwc -c >> {told}\nls /proc/self/fd\n"
                      "echo $LDAP2ALMA_EVENT\n")
    script.chmod(0o700)
    path = feed.folder / "ldap2alma.yaml"
    path.write_text(path.read_text() + "notify: { success: ./tell }\n")
    done = verbose(feed)
    assert done.returncode == 0
    lines = told.read_text().split()
    assert lines[:2] == ["NoNewPrivs:", "0"] and int(lines[2]) > 500
    assert "notify.success: success" in done.stderr
    assert "notify.success: 4" not in done.stderr, "it has three streams and the folder it reads"


@needs_landlock
def test_much_has_changed(feed):
    """SQLite takes files elsewhere for what is much; where those are refused, state would be as it was, though Alma
    has the people."""
    people = [f"dn: uid=u{i}\nuid: u{i}\nsn: S{i}\ngivenName: G\n" for i in range(40000)]
    (feed.folder / "people.ldif").write_text("\n".join(people))
    assert verbose(feed).returncode == 0
    mapping = feed.folder / "mapping.yaml"
    mapping.write_text(mapping.read_text().replace("${givenName}", "${sn}"))
    assert verbose(feed).returncode == 0


# ---- root ----

def owned(feed, *paths):
    account = pwd.getpwnam(OTHER)
    for path in paths:
        (feed.folder / path).mkdir(parents=True, exist_ok=True)
        os.chown(feed.folder / path, account.pw_uid, account.pw_gid)


@pytest.fixture(name="plain")
def make_plain(tmp_path):
    return Feed(tmp_path)


@needs_root
@pytest.mark.parametrize("place", ["spool", "spool/test"])
@pytest.mark.parametrize("words", [["run"], ["photos"], ["state", "rebuild"], ["state", "forget", "x"],
                                   ["identity", "accept", "x"], ["identity", "relink"]])
def test_root_leaves_the_feeds_of_others_alone(plain, place, words):
    owned(plain, place)
    done = subprocess.run([PROGRAM, "-c", plain.folder / "ldap2alma.yaml", *words], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 77
    assert done.stderr == (
        f"ldap2alma: '{plain.folder}/{place}' belongs to the account 'nobody', and this is root\n"
        "Type 'runuser -u nobody -- ' in front of the command: what root makes there would stand in the way of "
        "'nobody'. '--allow-root' or 'rights: { root: allow }' lets root.\n")
    assert not list((plain.folder / "spool").rglob("*.db"))


@needs_root
def test_root_leaves_the_state_of_others_alone(plain):
    owned(plain, "kept")
    path = plain.folder / "ldap2alma.yaml"
    path.write_text(path.read_text() + "state: kept/state.db\n")
    done = verbose(plain)
    assert (done.returncode, "kept' belongs to the account 'nobody'" in done.stderr) == (77, True)


@needs_root
@pytest.mark.parametrize("options, more, status", [
    (["--allow-root"], "", 0), ([], "rights: { root: allow }\n", 0), ([], "rights: { root: refuse }\n", 77),
    (["--allow-root"], "rights: { root: refuse }\n", 0)])
def test_root_that_is_told(plain, options, more, status):
    owned(plain, "spool")
    path = plain.folder / "ldap2alma.yaml"
    path.write_text(path.read_text() + more)
    done = subprocess.run([PROGRAM, *options, "-c", path, "run"], text=True, capture_output=True, check=False)
    assert done.returncode == status, done.stderr


@needs_root
def test_roots_own_feed(plain):
    assert verbose(plain).returncode == 0
    done = verbose(plain, "check")
    assert done.returncode == 0
    assert "warning: the feed is run by root, who has more rights than it needs (account)" in done.stdout


@needs_root
def test_a_rehearsal_is_roots_too(plain):
    owned(plain, "spool")
    assert plain.run("--dry-run").returncode == 0


# ---- what it leaves to others ----

def test_nothing_is_for_others(plain):
    """Whatever the caller's umask: the files for Alma are the only ones that others may read."""
    umask = os.umask(0)
    try:
        assert plain.run("--report", "report.json", "--worklist", "worklist.csv").returncode == 0
    finally:
        os.umask(umask)
    ours = [*plain.folder.glob("spool/**/*"), plain.folder / "report.json", plain.folder / "worklist.csv"]
    assert {path.name: oct(path.stat().st_mode) for path in ours if stat.S_IMODE(path.stat().st_mode) & 0o077} == {}


def test_no_core_is_left(plain):
    """Neither as a file nor for a program that takes cores."""
    os.mkfifo(plain.folder / "fifo")
    path = plain.folder / "ldap2alma.yaml"
    path.write_text(path.read_text().replace("people.ldif", "fifo"))
    with subprocess.Popen([PROGRAM, "-c", path, "run"], stderr=subprocess.DEVNULL) as process:
        with open(plain.folder / "fifo", "w", encoding="ascii"):
            limits = (open(f"/proc/{process.pid}/limits", encoding="ascii").read())
            assert re.search(r"Max core file size +0 +0 ", limits)
            # What belongs to root here is a process that is not dumpable (proc(5)).
            assert os.stat(f"/proc/{process.pid}/mem").st_uid == 0
            process.send_signal(signal.SIGKILL)
