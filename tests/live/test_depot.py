"""Depots (delivery/depot.h), over SFTP and as folders: what replaces and removes files whose names
stay. Each test drives tests/support/put_depot. A file is one letter many times, so that half a file,
or one of two, is seen."""

import itertools
import os
import random
import shutil
import subprocess
import threading

import pytest

import raw_sftp
from conftest import BUILD
from machine import UNSHARE, may_mount
from power_loss import Disk
from raw_sftp import RawSftp, make_raw, packet, status, text  # noqa: F401 (a fixture)
from said import Said, finish, sanitizer_options  # noqa: F401 (a fixture)
from scripted_sftp import PASSWORD, make_relay  # noqa: F401 (fixtures)
from sshd import keys, make_sshd, shared_sshd, sshd  # noqa: F401 (fixtures)

DONE, UNAVAILABLE, WRITE = 0, 69, 73
BYTES = 20_000
BOTH = pytest.mark.parametrize("kind", ["sftp", "folder"])
STRIDE = int(os.environ.get("STRIDE", "1"))


@pytest.fixture
def start(keys, tmp_path, sanitizer_options):
    """Starts put_depot for a server; `lines` are its changes, named arguments its options."""
    def start_one(server, lines, kind="sftp", environment=None, program=None, **options):
        folder = "photos" if isinstance(server, RawSftp) else server.home
        options = {"kind": kind, "port": server.port, "user": getattr(server, "user", "alma"),
                   "folder": folder, "known-hosts": server.known_hosts, "timeout": 20,
                   **{key.replace("_", "-"): value for key, value in options.items()}}
        if isinstance(server, RawSftp):
            secret = tmp_path / "secret"
            secret.write_text(PASSWORD)
            secret.chmod(0o600)
            options["password"] = secret
        else:
            options["key"] = keys.path("ed25519")
        arguments = []
        for key, value in options.items():
            arguments += [f"--{key}"] if value is True else [f"--{key}", str(value)]
        changes = tmp_path / "changes"
        changes.write_text("".join(line + "\n" for line in lines))
        return subprocess.Popen(
            [program or BUILD / "tests/support/put_depot", *arguments], stdin=changes.open(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **sanitizer_options, **(environment or {})})
    return start_one


@pytest.fixture
def work(start):
    """Runs put_depot to its end."""
    return lambda *arguments, **options: finish(start(*arguments, **options))


def names_of(count):
    return [f"{number:04}.JPG" for number in range(count)]


def changes(action, count, letter):
    return [f"{action} {name} {BYTES} {letter}" for name in names_of(count)]


def put_files(server, count, letter="o"):
    for name in names_of(count):
        server.path(name).write_bytes(letter.encode() * BYTES)


def assert_whole(server, count, letters, gone=False):
    """Each file has one of the letters, and is whole; returns how many have which."""
    found = {letter: 0 for letter in letters}
    for name in names_of(count):
        content = server.path(name).read_bytes()
        letter = content[:1].decode()
        assert content == letter.encode() * BYTES and letter in letters, name
        found[letter] += 1
    return found


def assert_done(result, count):
    assert (result.error, result.status, len(result.said("done"))) == ("", DONE, count)


# What it does

@BOTH
def test_it_adds_replaces_and_removes(kind, sshd, work):
    for name in ("foreign.JPG", "ours.JPG", "left.JPG"):
        sshd.path(name).write_bytes(b"before")
    result = work(sshd, ["add new.JPG 20000 a", "add foreign.JPG 20000 b", "replace ours.JPG 1 c",
                         "replace lost.JPG 100000 d", "remove left.JPG", "remove never.JPG",
                         "add empty.JPG 0 e"], kind)
    assert (result.error, result.status) == ("", DONE)
    assert sorted(result.said("done")) == ["empty.JPG", "left.JPG", "lost.JPG", "never.JPG",
                                           "new.JPG", "ours.JPG"]
    assert result.said("foreign") == ["foreign.JPG"] and result.said("warning") == []
    assert sshd.names() == ["empty.JPG", "foreign.JPG", "lost.JPG", "new.JPG", "ours.JPG"]
    assert sshd.path("new.JPG").read_bytes() == b"a" * 20000
    assert sshd.path("foreign.JPG").read_bytes() == b"before"
    assert sshd.path("ours.JPG").read_bytes() == b"c"
    assert sshd.path("lost.JPG").read_bytes() == b"d" * 100000
    assert sshd.path("empty.JPG").read_bytes() == b""


@pytest.mark.parametrize("umask", ["022", "077"])
def test_everybody_may_read_whatever_the_servers_umask(umask, make_sshd, work):
    server = make_sshd(sftp=f"internal-sftp -u {umask}")
    assert_done(work(server, ["add a.JPG 20000 a"]), 1)
    assert server.path("a.JPG").stat().st_mode & 0o777 == 0o644


@BOTH
def test_refusals_of_single_names(kind, sshd, work):
    long = "n" * 252 + ".JPG"
    sshd.path("folder.JPG").mkdir()
    result = work(sshd, ["replace folder.JPG 20000 a", f"add {long} 20000 b",
                         f"replace {long} 20000 c", "remove folder.JPG", "add good.JPG 20000 d"],
                  kind)
    assert (result.error, result.status) == ("", DONE)
    assert result.said("done") == ["good.JPG"]
    refused = sorted(line.partition(": ")[0] for line in result.said("refused"))
    assert refused == ["folder.JPG", "folder.JPG", long, long]
    assert sshd.names() == ["folder.JPG", "good.JPG"]


@BOTH
def test_whoever_reads_gets_a_whole_file(kind, sshd, start):
    put_files(sshd, 40)
    lines = [line for letter in "abc" for line in changes("replace", 40, letter)]
    seen = set()
    # Each name once in one work.
    for begin in range(0, len(lines), 40):
        process = start(sshd, lines[begin:begin + 40], kind)
        while process.poll() is None:
            for name in names_of(40):
                content = sshd.path(name).read_bytes()
                assert content == content[:1] * BYTES
                seen.add(content[:1])
        result = finish(process)
        assert_done(result, 40)
        # It would say so if there were a gap.
        assert result.said("warning") == []
    assert b"o" in seen or b"a" in seen
    assert assert_whole(sshd, 40, "c") == {"c": 40}


# Killed

@pytest.fixture
def killable(tmp_path):
    """kill_at.c counts only the calls of programs of our name."""
    library = BUILD / "tests/support/.libs/kill_at.so"
    assert library.exists(), "`make check` builds it"
    program = tmp_path / "ldap2alma-depot"
    shutil.copy(BUILD / "tests/support/put_depot", program)
    log = tmp_path / "calls"

    def environment(folder, **settings):
        log.unlink(missing_ok=True)
        return {"LD_PRELOAD": str(library), "KILL_FOLDER": str(folder), "KILL_LOG": str(log),
                **{name.upper(): str(value) for name, value in settings.items()}}

    return program, environment, lambda: log.read_text().splitlines()


def is_sanitized():
    return b"__asan_init" in (BUILD / "tests/support/put_depot").read_bytes()


@pytest.mark.skipif(is_sanitized(), reason="a sanitized program takes no other preloaded library")
@pytest.mark.parametrize("kind, count, points", [("sftp", 60, 10), ("folder", 6, 60)])
def test_killed_at_any_call(kind, count, points, sshd, start, work, killable):
    program, environment, calls = killable
    foreign = {".ldap2alma-another-00c0ffee-0.part": b"x", "foreign.txt": b"y", ".part": b"z"}
    for name, content in foreign.items():
        sshd.path(name).write_bytes(content)
    put_files(sshd, count)
    lines = changes("replace", count, "n")
    assert_done(work(sshd, lines, kind, environment(sshd.home), program), count)
    total = len(calls())
    assert total > 20
    letters = itertools.cycle("abcdefgh")
    before = "n"
    cut_short = 0
    for at in range(1, total + 1, max(1, total // points) * STRIDE):
        letter = next(letters)
        process = start(sshd, changes("replace", count, letter), kind,
                        environment(sshd.home, kill_at=at), program)
        out, _ = process.communicate(timeout=60)
        cut_short += process.returncode == -9
        found = assert_whole(sshd, count, [before, letter])
        assert found[letter] >= len(Said(process, out).said("done"))
        assert_done(work(sshd, changes("replace", count, letter), kind, clean=True), count)
        assert sshd.names() == sorted([*names_of(count), *foreign])
        assert assert_whole(sshd, count, letter) == {letter: count}
        before = letter
    assert cut_short >= min(points, total // STRIDE) // 2
    for name, content in foreign.items():
        assert sshd.path(name).read_bytes() == content


@pytest.mark.skipif(is_sanitized(), reason="a sanitized program takes no other preloaded library")
@pytest.mark.parametrize("fault", ["EIO", "ENOSPC"])
def test_each_call_on_a_folder_fails_once(fault, sshd, work, killable):
    program, environment, calls = killable
    put_files(sshd, 5)
    lines = changes("replace", 5, "n")
    assert_done(work(sshd, lines, "folder", environment(sshd.home), program), 5)
    failed = 0
    for at in range(1, len(calls()) + 1, STRIDE):
        result = work(sshd, lines, "folder",
                      environment(sshd.home, fail_at=at, fail_with=fault), program)
        assert result.status in (DONE, WRITE)
        assert (result.status == DONE) == (len(result.said("done")) == 5)
        failed += result.status == WRITE
        left = set(sshd.names()) - set(names_of(5))
        # What could not be removed is said.
        assert len(left) == len(result.said("warning")) <= 1
        assert_whole(sshd, 5, "no")
        for name in left:
            sshd.path(name).unlink()
    assert failed > 5


@pytest.mark.skipif(is_sanitized(), reason="a sanitized program takes no other preloaded library")
@pytest.mark.parametrize("action, call", [("add", "rename"), ("replace", "rename"),
                                          ("remove", "unlink")])
def test_a_name_in_a_folder_that_is_forbidden(action, call, sshd, work, killable):
    """It concerns this name alone."""
    program, environment, calls = killable
    lines = [line[:len("remove 0000.JPG")] if action == "remove" else line
             for line in changes(action, 3, "n")]

    def act(**fault):
        shutil.rmtree(sshd.home)
        sshd.home.mkdir()
        put_files(sshd, 0 if action == "add" else 3)
        return work(sshd, lines, "folder", environment(sshd.home, **fault), program)

    assert_done(act(), 3)
    number = next(at for at, line in enumerate(calls(), 1) if line.split("\t")[1] == call)
    result = act(fail_at=number, fail_with="EACCES")
    assert (result.error, result.status) == ("", DONE)
    assert result.said("refused") == ["0000.JPG: Permission denied"]
    assert result.said("done") == names_of(3)[1:]


@pytest.mark.skipif(is_sanitized(), reason="a sanitized program takes no other preloaded library")
def test_power_fails_at_any_call_on_a_folder(sshd, start, work, killable, tmp_path):
    """What was told to be done is so for good, and what has a name is whole."""
    program, environment, calls = killable
    shadows = tmp_path / "shadows"
    shadows.mkdir()
    lines = ["add 0.JPG 20000 n", "add 1.JPG 20000 n", "replace 2.JPG 20000 n",
             "replace 3.JPG 20000 n", "remove 4.JPG", "remove 5.JPG"]
    before = {f"{number}.JPG": b"o" * BYTES for number in (2, 3, 4, 5)}
    after = {f"{number}.JPG": b"n" * BYTES for number in range(4)}

    def fail_at(number):
        for name in sshd.names():
            sshd.path(name).unlink()
        for name, content in before.items():
            sshd.path(name).write_bytes(content)
        disk = Disk(sshd.home)
        process = start(sshd, lines, "folder", environment(sshd.home, kill_at=number,
                                                           kill_shadow=shadows), program)
        out, _ = process.communicate(timeout=60)
        disk.follow(tmp_path / "calls", shadows)
        disk.fail()
        there = {name: sshd.path(name).read_bytes() for name in sshd.names()
                 if not name.endswith(".part")}
        for name in {*before, *after}:
            assert there.get(name) in (before.get(name), after.get(name)), name
        assert all(there.get(name) == after.get(name) for name in Said(process, out).said("done"))
        return process.returncode, there

    assert fail_at(0) == (DONE, after)
    total = len(calls())
    assert total > 15
    for number in range(1, total + 1, STRIDE):
        assert fail_at(number)[0] == -9


def test_cleaning_removes_its_own_alone(sshd, work):
    for name in (".ldap2alma-mark-00c0ffee-0.part", ".ldap2alma-mark-00c0ffee-1f.part",
                 ".ldap2alma-marked-00c0ffee-0.part", ".ldap2alma-mark-x.JPG", "a.JPG"):
        sshd.path(name).write_bytes(b"before")
    put_files(sshd, 300)
    result = work(sshd, [], clean=True)
    assert result.status == DONE
    assert [line for line in result.said("info") if "temporary" in line] == [
        f"removed 2 temporary files from 'sftp://{sshd.user}@127.0.0.1:{sshd.port}{sshd.home}', "
        "which a run that was cut short had left"]
    assert sshd.names() == sorted([".ldap2alma-marked-00c0ffee-0.part", ".ldap2alma-mark-x.JPG",
                                   "a.JPG", *names_of(300)])


def test_cleaning_stays_in_its_folder(make_raw, work):
    server = make_raw()
    server.files = {".ldap2alma-mark-1/../a.part": b"", "a.part": b"foreign"}
    assert work(server, [], clean=True).status == DONE
    assert "a.part" in server.files


def test_what_may_not_be_listed_is_not_cleaned(make_raw, work):
    server = make_raw(refuse={raw_sftp.OPENDIR: raw_sftp.PERMISSION_DENIED})
    result = work(server, ["add a.JPG 20000 a"], clean=True)
    assert_done(result, 1)
    assert any("cannot be seen: the server does not list the directory: permission denied" in line
               for line in result.said("info"))


# Servers with little room, few rights, bad networks

def test_a_full_disk(make_sshd, work):
    server = make_sshd(account=True, home_size="2m")
    result = work(server, changes("add", 200, "a"))
    assert result.status == WRITE
    assert "cannot deliver to 'sftp://" in result.error
    assert "the server says only 'failure'" in result.error
    assert result.said("hint")[0].startswith("Make room there: only ")
    left = server.names()
    assert set(result.said("done")) <= set(left) <= set(names_of(200)) and len(left) < 200
    assert all(server.path(name).read_bytes() == b"a" * BYTES for name in left)


def test_a_folder_on_a_full_disk(tmp_path):
    if not may_mount():
        pytest.skip("only root with the right to mount can make the file system of this test")
    folder = tmp_path / "full"
    folder.mkdir()
    process = subprocess.run(
        [*UNSHARE, "sh", "-c",
         'mount -t tmpfs -o size=1m full "$1" && "$2" --kind folder --folder "$1" --quiet; '
         'code=$?; ls -A "$1" | grep -v JPG; exit $code', "-", folder,
         BUILD / "tests/support/put_depot"],
        input="".join(line + "\n" for line in changes("add", 200, "a")), capture_output=True,
        text=True)
    assert process.returncode == WRITE
    out = process.stdout.splitlines()
    assert out[0].startswith(f"error: cannot deliver to '{folder}': cannot write '.ldap2alma-mark-")
    assert out[0].endswith(": No space left on device")
    assert out[1:] == ["hint: Free some space there, then run again.", "settled: 0 of 200"]


def test_a_directory_that_may_not_be_written(make_sshd, work):
    server = make_sshd(account=True)
    server.path("").chmod(0o555)
    result = work(server, changes("add", 3, "a"))
    assert result.status == WRITE
    assert "the server does not create '.ldap2alma-mark-" in result.error
    assert result.error.endswith("permission denied")
    assert "full disk" not in "".join(result.said("hint"))


@pytest.mark.parametrize("name, complaint", [
    ("missing", "the directory '{}' cannot be used: no such file or directory"),
    ("file", "'{}' is not a directory at the server"),
])
def test_a_directory_that_is_none(name, complaint, sshd, work):
    sshd.path("file").write_bytes(b"")
    result = work(sshd, [], folder=sshd.path(name))
    assert result.status == WRITE
    assert result.error.endswith(": " + complaint.format(sshd.path(name)))
    assert ("begin in" in "".join(result.said("hint"))) == (name == "missing")


def test_a_connection_that_is_cut(sshd, work, make_relay, tmp_path):
    put_files(sshd, 100)
    relay = make_relay(sshd.port, cut=400_000)
    known = tmp_path / "known"
    known.write_text(sshd.line("host_ed25519", f"[127.0.0.1]:{relay.port}"))
    options = {"port": relay.port, "known_hosts": known}
    result = work(sshd, changes("replace", 100, "n"), **options)
    assert result.status == UNAVAILABLE
    assert result.error.endswith("SFTP broke off: the connection was lost")
    assert assert_whole(sshd, 100, "on")["n"] < 100
    assert_done(work(sshd, changes("replace", 100, "n"), clean=True, **options), 100)
    assert sshd.names() == names_of(100)


def test_a_connection_that_falls_silent(sshd, work, make_relay, tmp_path):
    relay = make_relay(sshd.port, stall=400_000)
    known = tmp_path / "known"
    known.write_text(sshd.line("host_ed25519", f"[127.0.0.1]:{relay.port}"))
    result = work(sshd, changes("add", 100, "n"), port=relay.port, known_hosts=known, timeout=1)
    assert result.status == UNAVAILABLE
    assert result.error.endswith("SFTP broke off: the server has not answered for 1 s")


@pytest.mark.parametrize("kind", [raw_sftp.STAT, raw_sftp.OPEN, raw_sftp.WRITE])
def test_a_server_that_only_dribbles(kind, make_raw, work):
    """Something moves all the time."""
    server = make_raw(bend=raw_sftp.dribble(kind))
    result = work(server, changes("replace", 3, "a"), timeout=2)
    assert result.status == UNAVAILABLE
    assert result.error.endswith("SFTP broke off: less than 1000 bytes a second have moved for 2 s")


def test_keys_that_are_changed_on_the_way(make_sshd, work):
    server = make_sshd(options="RekeyLimit 300K")
    # libssh2 1.10 itself loses the old host key each time.
    leaky = {"ASAN_OPTIONS": "fast_unwind_on_malloc=0:detect_leaks=0"}
    assert_done(work(server, changes("add", 200, "a"), environment=leaky), 200)
    assert assert_whole(server, 200, "a") == {"a": 200}


# Servers that do it their way

def test_many_files_are_on_their_way_at_once(make_raw, work):
    """The server answers no request to create before it has 64 of them."""
    held = []

    def hold(server, request, answers):
        if request[0] != raw_sftp.OPEN or held is None:
            return answers
        held.extend(answers)
        return held if len(held) == 64 else []

    server = make_raw(bend=hold)
    assert_done(work(server, changes("replace", 64, "a")), 64)


@pytest.mark.parametrize("order", ["reversed", "random"])
def test_answers_in_another_order(order, make_raw, work):
    shuffled = []

    def shuffle(answers):
        shuffled.append(len(answers))
        answers.reverse() if order == "reversed" else random.Random(5).shuffle(answers)

    server = make_raw(shuffle=shuffle)
    server.files = {name: b"before" for name in names_of(200)}
    assert_done(work(server, changes("replace", 200, "a")), 200)
    assert server.files == {name: b"a" * BYTES for name in names_of(200)}
    assert max(shuffled) > 10


def test_no_posix_rename(make_raw, work):
    server = make_raw(extensions=())
    server.files = {"a.JPG": b"before", "b.JPG": b"before", "c.JPG": b"foreign"}
    result = work(server, ["replace a.JPG 9 a", "replace b.JPG 9 b", "add c.JPG 9 c",
                           "add d.JPG 9 d", "replace e.JPG 9 e"])
    assert_done(result, 4)
    assert result.said("foreign") == ["c.JPG"]
    assert server.files == {"a.JPG": b"a" * 9, "b.JPG": b"b" * 9, "c.JPG": b"foreign",
                            "d.JPG": b"d" * 9, "e.JPG": b"e" * 9}
    assert len(result.said("warning")) == 1
    assert "cannot replace a file in one step" in result.said("warning")[0]
    assert server.open == {}


def test_a_plain_rename_that_replaces(make_raw, work):
    server = make_raw(extensions=(), replaces=True)
    server.files = {"a.JPG": b"before", "c.JPG": b"foreign"}
    result = work(server, ["replace a.JPG 9 a", "add c.JPG 9 c"])
    assert_done(result, 1)
    assert result.said("foreign") == ["c.JPG"] and result.said("warning") == []
    assert server.files == {"a.JPG": b"a" * 9, "c.JPG": b"foreign"}


def test_posix_rename_that_is_offered_but_not_done(make_raw, work):
    server = make_raw(refuse={raw_sftp.POSIX_RENAME: raw_sftp.UNSUPPORTED}, replaces=True)
    server.files = {"a.JPG": b"before"}
    assert_done(work(server, ["replace a.JPG 9 a"]), 1)
    assert server.files == {"a.JPG": b"a" * 9}


def test_only_posix_rename(make_raw, work):
    server = make_raw(refuse={raw_sftp.RENAME: raw_sftp.FAILURE})
    assert_done(work(server, ["add a.JPG 9 a"]), 1)
    assert server.files == {"a.JPG": b"a" * 9}


def test_a_file_that_appears_meanwhile_is_not_replaced(make_raw, work):
    def appear(server, request, answers):
        if request[0] == raw_sftp.CLOSE:
            server.files["a.JPG"] = b"foreign"
        return answers

    server = make_raw(bend=appear)
    result = work(server, ["add a.JPG 9 a"])
    assert (result.status, result.said("foreign")) == (DONE, ["a.JPG"])
    assert server.files == {"a.JPG": b"foreign"}


def test_what_is_there_and_is_not_told_is_not_replaced(make_raw, work):
    def hide(server, request, answers):
        if request[0] == raw_sftp.CLOSE:
            server.files["a.JPG"] = b"foreign"
        if request[0] == raw_sftp.LSTAT and "a.JPG" in server.files:
            return [status(request[1], raw_sftp.PERMISSION_DENIED)]
        return answers

    server = make_raw(bend=hide)
    result = work(server, ["add a.JPG 9 a"])
    assert (result.status, result.said("refused")) == (
        DONE, ["a.JPG: whether it is there is not told: permission denied"])
    assert server.files == {"a.JPG": b"foreign"}


def test_rights_that_are_not_set_are_asked_for_once(make_raw, work):
    server = make_raw(refuse={raw_sftp.FSETSTAT: raw_sftp.UNSUPPORTED})
    assert_done(work(server, changes("add", 300, "a")), 300)
    assert server.requests[raw_sftp.FSETSTAT] <= 64


def test_few_files_may_be_open(make_raw, work):
    server = make_raw(most_open=5)
    assert_done(work(server, changes("add", 200, "a")), 200)
    assert server.files == {name: b"a" * BYTES for name in names_of(200)}


@pytest.mark.skipif(is_sanitized(), reason="a sanitized program needs room for its shadow memory")
def test_large_files_are_not_all_loaded_at_once(sshd, work, tmp_path):
    """64 of 4 MB are more than the program may have."""
    limited = tmp_path / "limited"
    limited.write_text("#!/bin/sh\nulimit -v 120000\n"
                       f"exec '{BUILD}/tests/support/put_depot' \"$@\"\n")
    limited.chmod(0o755)
    lines = [f"add {name} 4000000 a" for name in names_of(64)]
    assert_done(work(sshd, lines, program=limited), 64)
    assert {sshd.path(name).stat().st_size for name in names_of(64)} == {4_000_000}


@pytest.mark.parametrize("request_type, verb", [
    (raw_sftp.OPEN, "create"), (raw_sftp.WRITE, "write"), (raw_sftp.FSYNC, "sync"),
    (raw_sftp.CLOSE, "finish")])
def test_what_one_file_tells_of_all(request_type, verb, make_raw, work):
    server = make_raw(refuse={request_type: raw_sftp.FAILURE})
    server.files = {"0001.JPG": b"before"}
    result = work(server, changes("replace", 100, "a"))
    assert result.status == WRITE
    assert f": the server does not {verb} '.ldap2alma-mark-" in result.error
    assert result.error.endswith("the server says only 'failure'")
    assert server.files == {"0001.JPG": b"before"}
    assert result.said("done") == result.said("refused") == []


def test_what_a_server_says_of_a_failure_is_passed_on(make_raw, work):
    def tell(server, request, answers):
        if request[0] == raw_sftp.WRITE:
            return [status(request[1], raw_sftp.FAILURE, b"Disk quota exceeded\x1b[2J")]
        return answers

    result = work(make_raw(bend=tell), ["add a.JPG 9 a"])
    assert result.error.endswith(": the server says 'Disk quota exceeded?[2J'")


def test_renames_that_are_all_refused(make_raw, work):
    server = make_raw(refuse={raw_sftp.POSIX_RENAME: raw_sftp.PERMISSION_DENIED})
    server.files = {"0001.JPG": b"before"}
    result = work(server, changes("replace", 50, "a"))
    assert (result.error, result.status) == ("", DONE)
    assert sorted(result.said("refused")) == [
        f"{name}: it cannot be renamed to its name: permission denied" for name in names_of(50)]
    assert server.files == {"0001.JPG": b"before"}
    result = work(server, changes("replace", 300, "a"))
    assert result.status == WRITE and ": the first 100 files were all refused, '0" in result.error
    assert server.files == {"0001.JPG": b"before"}


def test_many_renames_that_are_refused_behind_one_that_is_not(make_raw, work):
    def forbid(server, request, answers):
        if request[0] != raw_sftp.POSIX_RENAME or b"0000.JPG" in request[2]:
            return answers
        return [status(request[1], raw_sftp.PERMISSION_DENIED)]

    result = work(make_raw(bend=forbid), changes("replace", 150, "a"))
    assert_done(result, 1)
    assert len(result.said("refused")) == 149


def test_temporary_names_never_come_again(make_raw, work):
    server = make_raw()
    for letter in "ab":
        assert_done(work(server, changes("replace", 20, letter)), 20)
    assert len(set(server.created)) == len(server.created) == 40


def test_a_probe_tells_of_all(make_raw, work):
    server = make_raw(extensions=())
    result = work(server, [], probe=True)
    assert result.status == DONE
    verdicts = [line.split(":")[0] for line in result.said("probe")]
    assert verdicts == ["ok delivery.connection", "ok delivery.host_key", "ok delivery.login",
                        "ok delivery.directory", "ok delivery.space", "ok delivery.write",
                        "ok delivery.stat", "ok delivery.rights", "warning delivery.replace",
                        "ok delivery.delete"]
    assert server.files == {}


@pytest.mark.parametrize("request_type, failing", [
    (raw_sftp.WRITE, "delivery.write"), (raw_sftp.POSIX_RENAME, "delivery.replace"),
    (raw_sftp.LSTAT, "delivery.write")])
def test_a_probe_that_fails_says_where(request_type, failing, make_raw, work):
    server = make_raw(refuse={request_type: raw_sftp.PERMISSION_DENIED})
    result = work(server, [], probe=True)
    assert result.status != DONE
    assert [line for line in result.said("probe") if line.startswith("failure")][0].startswith(
        f"failure {failing}: ")
    assert server.files == {}


# Servers that do not keep to the protocol

def instead(kind, make):
    """Answers requests of that type otherwise: make(number) → packets."""
    return lambda server, request, answers: make(request[1]) if request[0] == kind else answers


UNASKED = "the server does not keep to SFTP: it answers what it was not asked"
NO_ANSWER = "the server does not keep to SFTP: its answer is none to what it was asked"
SHORT = "the server does not keep to SFTP: an answer is too short, or of no kind"
LENGTH = "the server does not keep to SFTP: the length of an answer cannot be"


@pytest.mark.parametrize("bend, complaint", [
    (instead(raw_sftp.OPEN, lambda n: [packet(raw_sftp.HANDLE, n + 1, text(b"h"))]), UNASKED),
    (instead(raw_sftp.OPEN, lambda n: [packet(raw_sftp.HANDLE, 0xffffffff, text(b"h"))]), UNASKED),
    (instead(raw_sftp.CLOSE, lambda n: 2 * [status(n, 0)]), UNASKED),
    (instead(raw_sftp.OPEN, lambda n: [status(n, 0)]), NO_ANSWER),
    (instead(raw_sftp.CLOSE, lambda n: [packet(raw_sftp.HANDLE, n, text(b"h"))]), NO_ANSWER),
    (instead(raw_sftp.WRITE, lambda n: [packet(raw_sftp.NAME, n, bytes(4))]), NO_ANSWER),
    (instead(raw_sftp.LSTAT, lambda n: [packet(raw_sftp.HANDLE, n, text(b"h"))]), NO_ANSWER),
    (instead(raw_sftp.OPEN, lambda n: [packet(raw_sftp.HANDLE, n, text(257 * b"h"))]), SHORT),
    (instead(raw_sftp.OPEN, lambda n: [packet(raw_sftp.HANDLE, n, b"\0\0\0\5h")]), SHORT),
    (instead(raw_sftp.WRITE, lambda n: [packet(raw_sftp.STATUS, n, b"\0\0")]), SHORT),
    (instead(raw_sftp.WRITE, lambda n: [packet(199, n)]), SHORT),
    (instead(raw_sftp.WRITE, lambda n: [text(b"e")]), SHORT),
    (instead(raw_sftp.WRITE, lambda n: [b"\xff\xff\xff\xff"]), LENGTH),
    (instead(raw_sftp.WRITE, lambda n: [bytes(4)]), LENGTH),
])
def test_answers_that_cannot_be(bend, complaint, make_raw, work):
    result = work(make_raw(bend=bend), ["add a.JPG 9 a"])
    assert result.status == UNAVAILABLE
    assert result.error.endswith(": " + complaint)
    assert result.said("done") == []


@pytest.mark.parametrize("greeting, complaint", [
    (b"Welcome to the server\n", "the server says 'Welcome to the server"),
    (packet(raw_sftp.VERSION, 2), "the server speaks version 2 of SFTP and not 3"),
    (packet(raw_sftp.VERSION, 6), "the server speaks version 6 of SFTP and not 3"),
    (packet(raw_sftp.STATUS, 3), "it does not begin with a version"),
    (packet(raw_sftp.VERSION, 3, b"\0\0\0\5x"), "it does not begin with a version"),
])
def test_greetings_that_cannot_be(greeting, complaint, make_raw, work):
    result = work(make_raw(greeting=greeting), ["add a.JPG 9 a"])
    assert result.status == UNAVAILABLE
    assert complaint in result.error


def test_a_server_without_sftp(make_sshd, work):
    result = work(make_sshd(sftp=None), [])
    assert result.status == UNAVAILABLE
    assert "the server starts no SFTP for " in result.error


def test_a_server_that_ends_sftp(make_raw, work):
    def end(server, request, answers):
        if request[0] == raw_sftp.WRITE:
            server.channel.close()
            return []
        return answers

    result = work(make_raw(bend=end), ["add a.JPG 9 a"])
    assert result.status == UNAVAILABLE
    assert result.error.endswith(": SFTP broke off: the connection was lost")
