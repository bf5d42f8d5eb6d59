"""What `status` tells of runs, people and packages."""

import json
import os
import re
import signal
import subprocess

import pytest

from feed import Feed
from memory import CHANGED, DAY, EXPIRE, Memory, person
from terminal import on_terminal, without_color


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED + EXPIRE)
    feed.send()
    return feed


def status(feed, *options, exit_status=0):
    result = feed.run("--format", "json", *options, command="status")
    assert result.returncode == exit_status, result.stderr
    return json.loads(result.stdout)


def places(feed, *options):
    return [package["place"] for package in status(feed, *options)["packages"]]


def test_without_a_state(tmp_path):
    feed = Feed(tmp_path)
    result = feed.run(command="status")
    assert (result.returncode, result.stdout, result.stderr) == (
        0, "test\n  there is no state yet: spool/test/state.db\n", "")
    assert status(feed)["known"] is False
    assert not (feed.folder / "spool").exists()
    (feed.folder / "spool/test").mkdir(parents=True)
    (feed.folder / "spool/test/state.db").touch(0o600)  # a run has just made it
    assert status(feed)["known"] is False
    assert feed.run("--dry-run").returncode == 0


def test_people_and_runs(feed):
    feed.give(person(1))
    feed.send()
    told = status(feed)
    assert told["feed"] == "test" and told["at_work"] is None
    assert told["people"] == {"known": 2, "absent": 1, "expired": 0, "grace": 2,
                              "leavers": [{"absent": 1, "people": 1}]}
    assert [(run["outcome"], run["exit"], run["changes"], run["counts"]["sent"]) for run in told["runs"]] \
        == [("nothing-to-send", 0, "changed", 0), ("done", 0, "changed", 2)]
    assert told["runs"][0]["counts"]["leavers"] == 1
    text = feed.run(command="status").stdout
    assert "         1  absent from 1 complete run: the next one sends the last record\n" in text
    feed.send()
    assert status(feed)["people"] == {"known": 2, "absent": 0, "expired": 1, "grace": 2, "leavers": []}


def test_a_run_that_failed(feed):
    (feed.folder / "people.ldif").unlink()
    feed.send(status=78)
    run = status(feed)["runs"][0]
    assert (run["outcome"], run["exit"]) == ("failed", 78)
    assert "people.ldif" in run["error"]
    assert "    " + run["error"] + "\n" in feed.run(command="status").stdout


def test_what_became_of_a_package(feed):
    name = feed.report["packages"][0]["name"]
    assert places(feed) == ["waiting"]
    feed.take(".handled")
    told = status(feed)
    assert told["asked"] is True
    package, = told["packages"]
    assert (package["place"], package["taken_as"]) == ("taken", name + ".handled")
    (feed.folder / "out" / (name + ".handled")).rename(feed.folder / "out" / name.replace(".zip", ".old"))
    assert places(feed) == ["taken"]
    (feed.folder / "out" / name.replace(".zip", ".old")).unlink()
    assert places(feed) == ["gone"]
    (feed.folder / "out" / name).write_text("something else")
    assert places(feed) == ["foreign"]


def test_offline_asks_nobody(feed):
    assert places(feed, "--offline") == ["unknown"]
    feed.take()
    feed.give(person(1), person(2, sn="Cole"))
    feed.send()  # sees that the first was taken
    assert places(feed, "--offline") == ["unknown", "taken"]
    assert status(feed, "--offline")["asked"] is False


def test_a_target_that_cannot_be_asked(feed):
    (feed.folder / "out").rename(feed.folder / "away")
    told = status(feed, exit_status=73)
    assert "cannot open the folder" in told["unreachable"]
    assert [package["place"] for package in told["packages"]] == ["unknown"]
    result = feed.run(command="status")
    assert "This is what was seen last, as nobody could be asked.\n" in result.stdout
    assert result.stderr.startswith(f"ldap2alma: cannot deliver to '{feed.folder}/out': ")
    assert places(feed, "--offline") == ["unknown"]


def test_old_packages_that_still_wait_are_told(feed):
    feed.grow_older(DAY)
    for _ in range(11):
        feed.send()
    assert len(status(feed)["runs"]) == 10
    assert places(feed) == ["waiting"]
    feed.take()
    feed.give(person(1), person(2, sn="Cole"))
    feed.send()
    assert places(feed) == ["waiting"]


def test_what_a_killed_run_left(feed):
    feed.sql("INSERT INTO package (run, name, target, records, bytes, sha256, fate, changed) "
             "SELECT run, 'planned.zip', target, 1, 9, '', 0, changed FROM package")
    feed.sql("INSERT INTO package (run, name, target, records, bytes, sha256, fate, changed) "
             "SELECT run, 'renaming.zip', target, 1, 4, '', 1, changed FROM package WHERE fate = 2")
    (feed.folder / "out/renaming.zip").write_text("four")
    told = status(feed)
    assert [(package["name"], package["fate"], package["place"]) for package in told["outbox"]] == [
        ("renaming.zip", "renaming", "waiting"), ("planned.zip", "planned", "unknown")]
    text = feed.run(command="status").stdout
    assert "it arrived; the next run takes note of it\n" in text
    assert "never delivered; the next run sends its people\n" in text


def test_while_a_run_is_at_work_and_when_it_was_killed(tmp_path):
    feed = Memory(tmp_path, more=CHANGED)
    feed.write("ldap2alma.yaml", (feed.folder / "ldap2alma.yaml").read_text().replace("people.ldif", '"-"'))
    with subprocess.Popen([feed.program, "-v", "run"], cwd=feed.folder, stdin=subprocess.PIPE,
                          stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        while not (feed.state.exists() and feed.sql("SELECT name FROM sqlite_schema WHERE name = 'run'")
                   and feed.sql("SELECT 1 FROM run")):
            assert process.poll() is None
        told = status(feed)
        assert told["at_work"]["pid"] == int((feed.folder / "spool/test/lock").read_text().split()[1])
        assert told["runs"][0]["outcome"] == "at-work"
        assert re.match(r"test: a run is at work \(pid \d+, since \S+Z\)\n",
                        feed.run(command="status").stdout)
        os.kill(told["at_work"]["pid"], signal.SIGKILL)
    told = status(feed)
    assert (told["at_work"], told["runs"][0]["outcome"]) == (None, "cut-short")


def test_it_changes_nothing(feed):
    before = {path.name: path.read_bytes() for path in feed.state.parent.iterdir()}
    status(feed)
    after = {path.name: path.read_bytes() for path in feed.state.parent.iterdir()}
    assert after.pop("state.db-wal") == b"" and after.pop("state.db-shm")  # what SQLite shares
    assert after == before


def test_a_state_of_another_feed(feed):
    feed.sql("UPDATE fact SET text = ? WHERE name = 'feed'", b"students")
    result = feed.run(command="status")
    assert (result.returncode, result.stdout) == (78, "")
    assert "belongs to the feed 'students', not to 'test'" in result.stderr


def test_on_a_terminal(feed):
    text = on_terminal([feed.program, "status"], feed.folder, columns=60)
    assert "\x1b[32mdone\x1b[m" in text and "\x1b[33mwaits for Alma\x1b[m" in text
    assert without_color(text).splitlines()[0] == "test"
    assert "\x1b" not in on_terminal([feed.program, "status"], feed.folder, NO_COLOR="1")


@pytest.mark.parametrize("options, text", [
    (["--format", "xml"], "ldap2alma status: no format 'xml': it is text, color, json or line\n"),
    (["more"], "ldap2alma status: too many arguments: 'more'\n"),
    (["--online"], "ldap2alma status: unknown option '--online'\n"),
])
def test_wrong_use(feed, options, text):
    result = feed.run(*options, command="status")
    assert (result.returncode, result.stdout) == (64, "")
    assert result.stderr == text + "Try 'ldap2alma --help'.\n"
