"""ldap2alma check: what it tries beside mapping and people, where no server is needed."""

import fcntl
import os
import re
import sqlite3

import pytest
from conftest import TOP
from feed import MAPPING, PEOPLE, SETTINGS, UNBRAKED, Feed
from machine import UNSHARE, may_mount
from probed import probed, without_figures

CLEAN = MAPPING.replace("select: (!(employeeType=guest))\n", "")
DAY = 86400

needs_mounts = pytest.mark.skipif("not may_mount()",
                                  reason="only root with the right to mount can fill a disk")
assert may_mount  # pytest's own evaluation of the condition is not seen by linters


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    return Feed(tmp_path, mapping=CLEAN)


@pytest.fixture(name="used")
def make_used(feed):
    assert feed.run().returncode == 0
    return feed


def settings(feed, text):
    feed.write("ldap2alma.yaml", SETTINGS.format(ldif="people.ldif", brakes=UNBRAKED, more=text))


def change_state(feed, *statements):
    with sqlite3.connect(feed.folder / "spool/test/state.db") as state:
        for statement in statements:
            state.execute(statement)
    state.close()


# ---- when all is well


def test_before_the_first_run(feed):
    result = feed.run(command="check")
    assert (result.returncode, result.stderr) == (0, "")
    assert without_figures(result.stdout) == f"""\
ok: the settings 'ldap2alma.yaml' have no fault (settings)
ok: the mapping 'mapping.yaml' has no fault (mapping)
ok: there is no state 'spool/test/state.db' yet; the first run makes it (state.open)
ok: there is no spool 'spool/test' yet; the first run makes it (spool.folder)
ok: # GB are free for 'spool/test' (spool.space)
ok: the clock of this machine says # (clock)
ok: all records are valid by the schema of Alma's users (people.schema)
ok: a full run makes 1 package at least, and may make 20 (package.limits)
ok: '{feed.folder}/out' can be used (delivery.directory)
ok: # GB are free at '{feed.folder}/out' (delivery.space)
ok: wrote 'test-check.probe.part' to '{feed.folder}/out' (delivery.write)
ok: its size there is what was written (delivery.stat)
ok: the clock agrees with that of '{feed.folder}/out' (delivery.clock)
ok: renamed it to 'test-check.probe' (delivery.rename)
ok: it reads as it was written (delivery.read)
ok: deleted it (delivery.delete)
2 entries of 'people.ldif': 2 would be sent, 0 skipped, 0 rejected; 0 warnings
"""
    assert os.listdir(feed.folder / "out") == []
    assert not (feed.folder / "spool").exists()


def test_after_a_run(used):
    package, = used.packages()
    found = probed(used)
    assert found.all_well()
    assert found.lines["state.sound"] == [
        "the state 'spool/test/state.db' is sound and knows 2 people"]
    assert found.lines["spool.folder"] == ["the spool 'spool/test' can be written"]
    waiting, = found.lines["delivery.waiting"]
    assert waiting.startswith(f"1 of 20 packages wait at '{used.folder}/out', since 20")
    assert not [name for name in os.listdir(used.folder / "spool/test") if "check" in name]
    assert used.packages() == [package]


def test_nothing_waits(used):
    for package in used.packages():
        package.rename(package.with_suffix(".zip.handled"))
    assert probed(used).lines["delivery.waiting"] == [f"no package waits at '{used.folder}/out'"]


def test_what_a_check_left_that_was_killed_goes(feed):
    feed.write("out/test-check.probe", "old")
    feed.write("out/test-check.probe.part", "older")
    assert probed(feed).all_well()
    assert os.listdir(feed.folder / "out") == []


def test_json_of_a_probe(feed):
    (feed.folder / "out").rmdir()
    found = probed(feed)
    assert found.json["probes"][0] == {
        "name": "settings", "verdict": "ok", "code": None, "hint": None,
        "text": "the settings 'ldap2alma.yaml' have no fault"}
    assert found.json["probes"][-1]["code"] == "cannot-write"


# ---- it goes on


def test_it_goes_on_after_each_failure_and_tells_the_gravest(feed):
    (feed.folder / "out").rmdir()
    feed.write("spool", "a file")
    feed.write("mapping.yaml", CLEAN.replace("| lower", "| low"))
    found = probed(feed)
    assert found.failures == ["mapping", "state.open", "spool.folder", "delivery.directory"]
    assert found.failed["spool.folder"] == (
        "cannot make the folder 'spool': Not a directory",
        "Make it by hand, owned by the account that runs ldap2alma.")
    assert found.status == 78
    assert found.stderr == (
        "error: mapping.yaml:5:23: unknown transform 'low'; did you mean 'lower'?\n"
        "ldap2alma: 4 failures, the gravest is: the mapping 'mapping.yaml' has 1 fault\n"
        "Mend the mapping: each fault is told with its place.\n")
    text = feed.run(command="check").stdout
    assert text.endswith("\nnobody was read; 0 warnings, 4 failures\n")


def test_the_hint_stands_below(feed):
    (feed.folder / "out").rmdir()
    result = feed.run(command="check")
    assert result.returncode == 73
    assert (f"failure: cannot deliver to '{feed.folder}/out': cannot open the folder: No such file "
            "or directory (delivery.directory)\n    It must be there, and the account that runs "
            "ldap2alma must have the right to write into it.\n") in result.stdout
    assert result.stdout.endswith("0 rejected; 0 warnings, 1 failure\n")
    assert result.stderr == (
        f"ldap2alma: cannot deliver to '{feed.folder}/out': cannot open the folder: No such file "
        "or directory\nIt must be there, and the account that runs ldap2alma must have the right "
        "to write into it.\n")


def test_strict_minds_warnings_of_probes(used):
    change_state(used, f"UPDATE package SET changed = changed - {3 * DAY}")
    assert probed(used).status == 0
    assert probed(used, "--strict").status == 65


# ---- state


def failure(found, name):
    assert found.failures == [name]
    text, hint = found.failed[name]
    assert text in found.stderr
    return found.status, (text, hint)


def test_a_state_that_is_open_to_others(used):
    (used.folder / "spool/test/state.db").chmod(0o644)
    assert failure(probed(used), "state.open") == (77, (
        "the state 'spool/test/state.db' is open to others (mode 0644)",
        "It says who is in your directory: run 'chmod 600 spool/test/state.db'."))


def test_a_state_that_is_damaged(used):
    path = used.folder / "spool/test/state.db"
    content = bytearray(path.read_bytes())
    content[5000:9000] = bytes(4000)
    path.write_bytes(content)
    status, (text, hint) = failure(probed(used), "state.open")
    assert status == 65
    assert text.endswith("cannot trust the state 'spool/test/state.db': database disk image is "
                         "malformed")
    assert hint == ("The file is damaged. Put back a copy, or move it away: then the next run "
                    "sends everybody, without knowing who has left.")


def test_a_state_of_another_feed(used):
    settings(used, "state: spool/test/state.db\n")
    used.write("ldap2alma.yaml", (used.folder / "ldap2alma.yaml").read_text().replace(
        "name: test", "name: other"))
    assert failure(probed(used), "state.open") == (78, (
        "the state 'spool/test/state.db' belongs to the feed 'test', not to 'other'",
        "Each feed has a state of its own: name another file as 'state', or give the settings the "
        "old 'name'."))


def test_a_state_that_does_not_fit_together(used):
    change_state(used, "INSERT INTO record (key, bytes) VALUES (x'00', x'00')")
    found = probed(used)
    assert found.failures == ["state.sound"] and found.status == 65
    (text, hint), = found.lines["state.sound"]
    assert text == "the state 'spool/test/state.db' holds 1 last records of nobody"
    assert hint


def test_a_state_in_a_file(feed):
    feed.write("file", "")
    settings(feed, "state: file/state.db\n")
    status, text = failure(probed(feed), "state.open")
    assert (status, text) == (73, (
        "cannot look at the state 'file/state.db': Not a directory",
        "Look at 'state' in the settings, and at the file and its folder."))


# ---- spool, disk, clock


def test_a_spool_that_others_may_change(used):
    (used.folder / "spool/test").chmod(0o770)
    assert failure(probed(used), "spool.folder") == (77, (
        "the folder 'spool/test' can be changed by others (mode 0770)",
        "Look at what lies in it, then run 'chmod 700 spool/test'."))


def test_a_run_is_at_work(used):
    with (used.folder / "spool/test/lock").open("r+") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        lock.write("pid 4711 since 1788000000\n")
        lock.flush()
        found = probed(used)
    assert (found.status, found.warnings) == (0, ["spool.lock"])
    assert found.lines["spool.lock"] == [(
        "a run of the feed 'test' is at work (pid 4711)",
        "Check again when it has ended: what is seen meanwhile may change.")]


def test_less_room_than_the_last_run_took(used):
    change_state(used, "UPDATE fact SET text = '999999999000000' WHERE name = 'spool_bytes'")
    assert failure(probed(used), "spool.space") == (73, (
        "only # MB are free for 'spool/test', and the last run took 999999999.0 MB",
        "Make room there, or name another folder as 'spool'."))


def test_hardly_more_room_than_the_last_run_took(used):
    space = os.statvfs(used.folder)
    most = int(space.f_bavail * space.f_frsize * 0.75)
    change_state(used, f"UPDATE fact SET text = '{most}' WHERE name = 'spool_bytes'")
    found = probed(used)
    assert (found.status, found.warnings) == (0, ["spool.space"])
    assert found.lines["spool.space"] == [(
        f"only # MB are free for 'spool/test', and the last run took {most / 1e6:.1f} MB",
        "Make room there before more people come.")]


def test_less_room_at_the_target(used):
    change_state(used, "UPDATE package SET bytes = 999999999000000")
    found = probed(used)
    assert (found.status, found.failures) == (73, ["spool.space", "delivery.space"])
    assert found.lines["delivery.space"] == [(
        f"only # MB are free at '{used.folder}/out', and the last full run delivered "
        "999999999.0 MB", "Make room there.")]


def test_what_a_run_took_is_remembered(used):
    with sqlite3.connect(used.folder / "spool/test/state.db") as state:
        facts = dict(state.execute("SELECT name, CAST(text AS TEXT) FROM fact"))
    state.close()
    assert 500 < int(facts["spool_bytes"]) < 5000


def mounted(script):
    """Words of a wrapper: a file system of its own, made by shell text, then the command."""
    return [*UNSHARE, "sh", "-c", script + ' && exec "$@"', "-"]


@needs_mounts
def test_a_full_disk_for_the_spool(used):
    found = probed(used, wrapper=mounted(
        "cp -a spool/test copy && mount -t tmpfs -o size=148k,mode=700 full spool/test && "
        "cp -a copy/state.db spool/test && head -c 20000 /dev/zero >spool/test/more"))
    assert failure(found, "spool.space") == (73, (
        "only # MB are free for 'spool/test', and the last run took 0.0 MB",
        "Make room there, or name another folder as 'spool'."))


@needs_mounts
def test_a_full_disk_at_the_target(feed):
    found = probed(feed, wrapper=mounted(
        "mount -t tmpfs -o size=4k full out && ! head -c 9000 /dev/zero >out/more 2>/dev/null"))
    assert found.failures == ["delivery.write"]
    assert found.status == 73
    text, hint = found.lines["delivery.write"][0]
    assert text == "cannot write 'test-check.probe.part': No space left on device"
    assert hint == "Free some space there, then run again."


@needs_mounts
def test_a_folder_that_can_only_be_read(feed):
    found = probed(feed, wrapper=mounted(
        "mount -t tmpfs none out && mount -o remount,ro out"))
    assert failure(found, "delivery.directory") == (73, (
        f"cannot deliver to '{feed.folder}/out': cannot write into the folder: Read-only file "
        "system", "Give the account that runs ldap2alma the right to write into it."))


@needs_mounts
def test_a_spool_that_can_only_be_read(used):
    found = probed(used, wrapper=mounted(
        "mount --bind spool spool && mount -o remount,ro,bind spool"))
    assert found.failures == ["state.open", "spool.folder"]
    assert found.status == 77
    assert found.lines["state.open"] == [(
        "the state 'spool/test/state.db' or its folder cannot be written: Read-only file system",
        "The account that runs ldap2alma must own both.")]
    assert found.lines["spool.folder"] == [(
        "spool: cannot make a temporary file in 'spool/test': Read-only file system",
        "The folder has to exist, and the account that runs ldap2alma needs the right to write "
        "there.")]


@needs_mounts
def test_a_spool_that_cannot_be_made(feed):
    settings(feed, "")
    found = probed(feed, wrapper=mounted(
        "mkdir spool && mount --bind spool spool && mount -o remount,ro,bind spool"))
    assert found.failures == ["state.open", "spool.folder"]
    assert found.lines["spool.folder"] == [(
        "cannot make the folder 'spool/test': Read-only file system",
        "Make it by hand, owned by the account that runs ldap2alma.")]


def test_a_clock_that_was_set_back(used):
    change_state(used, "UPDATE run SET started = started + 1000")
    found = probed(used)
    assert (found.status, found.warnings) == (0, ["clock"])
    assert found.lines["clock"] == [(
        "the clock of this machine says #, and the last run began later",
        "Look whether it was set back: the order of packages is that of their time.")]


# ---- the profile's limits


def test_more_packages_than_there_may_be(feed):
    settings(feed, "package: { records_per_file: 1, files_per_package: 1, max_packages: 1 }\n")
    assert failure(probed(feed), "package.limits") == (78, (
        "a full run of 2 people makes 2 packages, but package.max_packages is 1",
        "Raise package.records_per_file or package.files_per_package."))


@pytest.mark.parametrize("more, age, count", [("", 3 * DAY, 20),
                                              ("package: { max_packages: 1 }\n", 0, 1)])
def test_alma_does_not_take_what_is_delivered(used, more, age, count):
    settings(used, more)
    change_state(used, f"UPDATE package SET changed = changed - {age}")
    found = probed(used)
    assert (found.status, found.warnings) == (0, ["delivery.waiting"])
    (text, hint), = found.lines["delivery.waiting"]
    assert text.startswith(f"Alma has not taken 1 package at '{used.folder}/out', the oldest of 20")
    assert text.endswith(f"; {count} may wait")
    assert hint == ("Look whether Alma's integration profile is active, scheduled, and reads this "
                    "directory.")


def test_people_who_cannot_be_read(feed):
    feed.write("people.ldif", "")
    assert failure(probed(feed), "people") == (65, (
        "'people.ldif' gave no entry at all: a run would deliver nothing",
        "Look at the searches, and at 'select' and 'require' of the mapping."))


def test_the_manual_names_each_probe():
    names = set()
    for path in (TOP / "connector").rglob("*.c"):
        names.update(re.findall(r'"((?:state|spool|directory|package|delivery|photos)\.[a-z_]+)"',
                                path.read_text()) if "probe" in path.read_text() else [])
    manual = (TOP / "docs/ldap2alma.1").read_text()
    told = set()
    for section in manual.split("Tried are:")[1:]:
        told.update(re.findall(r"[a-z]+\.[a-z_]+", section.partition("\n.El\n")[0]))
    assert names - {"delivery.sftp"} <= told
    assert len(names) > 20
