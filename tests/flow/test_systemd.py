"""The units that come with the program, and what they claim."""

import json
import os
import pathlib
import re
import shutil
import stat
import subprocess

import pytest
from conftest import BUILD, TOP

import photo_feed
from feed import PROGRAM
from memory import CHANGED, Memory, person
from photo_feed import PhotoFeed

SYSTEMD = TOP / "contrib/systemd"
BUILT = BUILD / "contrib/systemd/ldap2alma@.service"
MOST_EXPOSED = 1.5

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do it")


def run(*words, status=0, **options):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=120,
                            **options)
    assert result.returncode == status, result.stdout + result.stderr
    return result.stdout + result.stderr


def directives(text):
    """The lines NAME=VALUE of a unit, in their order."""
    return [tuple(line.split("=", 1)) for line in text.splitlines() if line and line[0] not in "#["]


def value(name):
    found = [text for key, text in directives(BUILT.read_text()) if key == name]
    assert len(found) == 1, (name, found)
    return found[0]


@pytest.fixture(name="units")
def make_units(tmp_path):
    """An instance of both, whose program is the one under test."""
    text = BUILT.read_text()
    program = re.search(r"(?m)^ExecStart=(\S+)", text)[1]
    (tmp_path / "ldap2alma@people.service").write_text(text.replace(program, os.path.abspath(PROGRAM)))
    shutil.copy(SYSTEMD / "ldap2alma@.timer", tmp_path / "ldap2alma@people.timer")
    return [tmp_path / "ldap2alma@people.service", tmp_path / "ldap2alma@people.timer"]


@needs_systemd
def test_systemd_understands_the_units(units):
    assert run("systemd-analyze", "verify", "--man=no", *units) == ""


@needs_systemd
def test_what_is_misspelled_would_be_seen(units):
    units[0].write_text(units[0].read_text().replace("ProtectHome=", "ProtectHouse="))
    assert "ProtectHouse" in run("systemd-analyze", "verify", "--man=no", *units)


@needs_systemd
def test_it_is_exposed_to_little(units):
    told = run("systemd-analyze", "security", "--offline=true", units[0])
    assert float(re.search(r"Overall exposure level for \S+: ([\d.]+)", told)[1]) <= MOST_EXPOSED


@needs_systemd
def test_each_night(units):
    timer = dict(directives(units[1].read_text()))
    assert timer["Persistent"] == "yes" and timer["RandomizedDelaySec"] == "30min"
    assert "Next elapse" in run("systemd-analyze", "calendar", timer["OnCalendar"])
    run("systemd-analyze", "timespan", timer["RandomizedDelaySec"])


@needs_systemd
@needs_root
def test_account_and_folders(tmp_path):
    """Both twice, as at each start of the machine."""
    (tmp_path / "etc").mkdir()
    for _ in range(2):
        run("systemd-sysusers", f"--root={tmp_path}", SYSTEMD / "ldap2alma.sysusers")
        run("systemd-tmpfiles", f"--root={tmp_path}", "--create", SYSTEMD / "ldap2alma.tmpfiles")
    account, = [line.split(":") for line in (tmp_path / "etc/passwd").read_text().splitlines()
                if line.startswith("ldap2alma:")]
    assert account[5:] == ["/var/spool/ldap2alma", "/usr/sbin/nologin"] and 0 < int(account[2]) < 1000

    def seen(path):
        info = (tmp_path / path).stat()
        return oct(stat.S_IMODE(info.st_mode)), info.st_uid, info.st_gid

    user, group = int(account[2]), int(account[3])
    assert seen("var/spool/ldap2alma") == ("0o700", user, group)
    assert seen("etc/ldap2alma") == ("0o750", 0, group)
    assert seen("etc/ldap2alma/secrets") == ("0o700", 0, 0)
    assert (value("User"), value("Group")) == ("ldap2alma", "ldap2alma")


def test_paths_are_those_of_account_and_folders():
    folders = [line.split()[1] for line in (SYSTEMD / "ldap2alma.tmpfiles").read_text().splitlines()]
    assert value("ReadWritePaths") in folders and value("ReadOnlyPaths") in folders
    name, source = value("LoadCredential").split(":")
    assert name == "secret" and source == "/etc/ldap2alma/secrets/%i" and os.path.dirname(source) in folders
    # systemd.exec(5): what is set stands in where there is nothing to load; it must not be empty.
    assert value("SetCredential").startswith(f"{name}:") and not value("SetCredential").endswith(":")
    assert value("InaccessiblePaths") == "-/etc/ldap2alma/secrets"
    assert value("ExecStart").endswith("/ldap2alma -c /etc/ldap2alma/%i.yaml run")


def test_secrets_are_credentials(tmp_path):
    """As systemd hands over a folder of them: NAME becomes secret_NAME."""
    feed = Memory(tmp_path, person(1))
    text = (feed.folder / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", text.replace("delivery: { folder: out }",
               "delivery: { sftp: { host: 127.0.0.1, port: 1, user: alma, directory: /alma, known_hosts: known, "
               "password: { credential: secret_sftp } }, retry: { attempts: 1 } }"))
    feed.write("known", "")
    (tmp_path / "given").mkdir()
    (tmp_path / "given/secret_sftp").write_text("open sesame\n")
    result = feed.run(wrapper=["env", f"CREDENTIALS_DIRECTORY={tmp_path}/given"])
    assert result.returncode == 69, result.stderr  # it came as far as the connection
    (tmp_path / "given/secret_sftp").unlink()
    assert "secret_sftp" in feed.run(wrapper=["env", f"CREDENTIALS_DIRECTORY={tmp_path}/given"]).stderr


def calls_of(name):
    """The system calls of a set, with those of the sets in it."""
    names = set()
    for line in run("systemd-analyze", "syscall-filter", name).splitlines()[1:]:
        line = line.strip()
        if line.startswith("@"):
            names |= calls_of(line)
        elif line and not line.startswith("#"):
            names.add(line)
    return names


def allowed_calls():
    allowed = set()
    for key, text in directives(BUILT.read_text()):
        if key == "SystemCallFilter":
            named = set().union(*(calls_of(name) if name.startswith("@") else {name}
                                  for name in text.lstrip("~").split()))
            allowed = allowed - named if text.startswith("~") else allowed | named
    return allowed


@needs_systemd
@pytest.mark.skipif(not shutil.which("strace"), reason="there is no strace here")
def test_system_calls(tmp_path, monkeypatch):
    """What the filter refuses is nothing that a run needs: it goes as well without."""
    # Who looks for leaks cannot be traced.
    monkeypatch.setenv("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED)
    assert feed.run(wrapper=["strace", "-f", "-qq", "-o", "calls"]).returncode == 0
    used = set(re.findall(r"(?m)^\d+ +([a-z_0-9]+)\(", (feed.folder / "calls").read_text()))
    assert {"execve", "openat", "write"} <= used
    refused = used - allowed_calls()
    assert refused <= {"fchown", "setrlimit"}  # SQLite's, as root; cores are off already
    if refused:
        feed.give(person(1), person(2), person(3))
        result = feed.run(wrapper=["strace", "-f", "-qq", "-o", "calls", "-e", "trace=all",
                                   *(word for name in refused for word in ("-e", f"inject={name}:error=EPERM"))])
        assert result.returncode == 0 and set(feed.records()) == {"p3"}


@needs_systemd
@pytest.mark.skipif(not shutil.which("strace"), reason="there is no strace here")
def test_system_calls_for_photos(tmp_path, monkeypatch):
    monkeypatch.setenv("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0")
    feed = PhotoFeed(tmp_path, photo_feed.person("a", photo_feed.RED))
    assert feed.run().returncode == 0
    assert feed.run_photos(wrapper=["strace", "-f", "-qq", "-o", "calls"]).returncode == 0
    used = set(re.findall(r"(?m)^\d+ +([a-z_0-9]+)\(", (feed.folder / "calls").read_text()))
    assert "seccomp" in used and len(feed.there()) == 1
    assert "landlock_restrict_self" in allowed_calls()  # which a sanitized program goes without
    assert used - allowed_calls() <= {"fchown", "setrlimit"}  # see above


CONFINED = """
set -e
mount --make-rprivate /
mount --bind "$1/spool" "$1/spool"
mount --bind "$1/out" "$1/out"
mount -o remount,bind,ro /
for mounted in $(awk '$4 ~ /^rw/ && $2 != "/" { print $2 }' /proc/mounts); do
    case $mounted in
    "$1"/spool | "$1"/out | /proc*) ;;
    *) mount -o remount,bind,ro "$mounted" 2>/dev/null || : ;;
    esac
done
! touch "$1/elsewhere" 2>/dev/null || exit 99
shift
exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""


@needs_root
@pytest.mark.skipif(not shutil.which("setpriv"), reason="there is no setpriv here")
def test_a_run_needs_no_more(tmp_path):
    """A user without rights, everything but spool and target read-only, no network, no new programs."""
    if not all(folder.stat().st_mode & 0o001 for folder in pathlib.Path(os.path.abspath(PROGRAM)).parents):
        pytest.skip("others cannot reach the program that is under test")
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED)
    (feed.folder / "spool").mkdir()
    for path in [tmp_path, *tmp_path.parents]:
        if stat.S_IMODE(path.stat().st_mode) & 0o005 != 0o005:
            path.chmod(path.stat().st_mode | 0o055)
    for name in ("spool", "out"):
        os.chown(feed.folder / name, 65534, 65534)
        (feed.folder / name).chmod(0o700)
    result = subprocess.run(
        ["unshare", "-m", "-n", "sh", "-c", CONFINED, "sh", str(tmp_path), os.path.abspath(PROGRAM), "-c",
         str(tmp_path / "ldap2alma.yaml"), "--log-format", "json", "run", "--report",
         str(tmp_path / "spool/report.json")],
        capture_output=True, text=True, check=False, timeout=120, cwd="/")
    assert result.returncode == 0, result.stderr
    assert json.loads((tmp_path / "spool/report.json").read_text())["counts"]["sent"] == 2
    assert stat.S_IMODE((tmp_path / "spool/test/state.db").stat().st_mode) == 0o600


MDWE = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(65, 1, 0, 0, 0) != 0:  # PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN
    sys.exit(99)
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_no_memory_is_written_and_run(tmp_path):
    """MemoryDenyWriteExecute=: patterns then go without code made for them."""
    feed = Memory(tmp_path, person(1), more=CHANGED)
    text = (feed.folder / "mapping.yaml").read_text()
    feed.write("mapping.yaml", text.replace("${uid | lower}", "${uid | lower | replace '^p([0-9])$' 'q\\1'}"))
    result = feed.run(wrapper=["/usr/bin/python3", "-c", MDWE])
    if result.returncode == 99:
        pytest.skip("this kernel cannot refuse it to one process")
    assert result.returncode == 0, result.stderr
    assert set(feed.records()) == {"q1"}
    assert value("MemoryDenyWriteExecute") == "yes"


def test_the_journal_gets_priorities(tmp_path):
    assert value("SyslogIdentifier") == "ldap2alma-%i"
    assert not [key for key, _ in directives(BUILT.read_text()) if key.startswith("Standard")]  # the journal
