"""The plug-in check_ldap2alma: one line, perfdata and the exit status that monitoring systems read."""

import os
import re
import socket
import subprocess

import pytest

from feed import PROGRAM
from memory import CHANGED, DAY, Memory, person
from photo_feed import RED, PhotoFeed
from photo_feed import person as photo

PLUGIN = os.path.join(os.path.dirname(os.path.abspath(PROGRAM)), "check_ldap2alma")
STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"]
VALUE = r"[a-z_]+=-?\d+s?;[^; ]*;[^; ]*;0"


class Told:
    """What the plug-in said, in the form that all such plug-ins have."""

    def __init__(self, result):
        assert result.stderr == ""
        self.lines = result.stdout.splitlines()
        self.state = STATES[result.returncode]
        found = re.fullmatch(rf"LDAP2ALMA {self.state} - ([^|]*?)(?: \|((?: {VALUE})+))?", self.lines[0])
        assert found, result.stdout
        self.text, data = found.groups()
        self.data = dict(item.split("=") for item in (data or "").split())

    def value(self, name):
        return int(re.match(r"-?\d+", self.data[name]).group())


def check(feed, *options, config="ldap2alma.yaml"):
    return Told(subprocess.run([PLUGIN, "-f", config, *options], cwd=feed.folder, capture_output=True,
                               text=True, check=False, timeout=60))


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    feed = Memory(tmp_path, person(1), person(2), more=CHANGED)
    feed.send()
    return feed


def test_all_is_well(feed):
    told = check(feed)
    assert told.state == "OK" and told.lines[1:] == []
    assert re.fullmatch(r"test: last success \S+Z, last run \S+Z done: 2 read, 2 sent", told.text)
    assert list(told.data) == ["age", "failed", "stopped", "rejected", "held", "outbox", "waiting",
                               "waiting_age", "running", "people"]
    assert told.data["age"].endswith("s;93600;180000;0") and 0 <= told.value("age") < 3600
    assert told.data["failed"] == "0;0;1;0" and told.data["stopped"] == "0;;0;0"
    assert told.data["people"] == "2;;;0" and told.data["waiting"] == "1;;;0"


@pytest.mark.parametrize("hours, state", [(25, "OK"), (27, "WARNING"), (51, "CRITICAL")])
def test_age_of_the_last_success(feed, hours, state):
    feed.take()
    feed.grow_older(hours * 3600)
    assert check(feed).state == state
    assert check(feed, "-w", "1d", "-c", "60d").state == "WARNING"
    assert check(feed, "-w", "age=", "-c", "age=").state == "OK"


def test_nothing_has_gone_well_yet(tmp_path):
    feed = Memory(tmp_path, person(1))
    told = check(feed)
    assert told.state == "CRITICAL" and told.text == "age unknown - test: there is no state yet"
    (feed.folder / "people.ldif").unlink()
    feed.send(status=78)
    told = check(feed)
    assert told.state == "CRITICAL" and "no run has gone well yet, last run" in told.text
    assert check(feed, "-c", "age=").state == "WARNING"
    assert check(feed, "-c", "age=", "-w", "age=", "-w", "failed=").state == "OK"


def test_runs_that_failed(feed):
    people = (feed.folder / "people.ldif").read_text()
    (feed.folder / "people.ldif").unlink()
    feed.send(status=78)
    told = check(feed)
    assert told.state == "WARNING" and told.text.startswith("failed 1 - test: last success")
    assert "failed (exit 78): " in told.text and "people.ldif" in told.text
    feed.send(status=78)
    assert check(feed).state == "CRITICAL"
    feed.write("people.ldif", people)
    feed.send()
    assert check(feed).state == "OK"


def test_a_brake_stopped_the_run(feed):
    feed.settings("brakes: { missing: 0 }\n" + CHANGED)
    text = (feed.folder / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", re.sub("(?m)^brakes: .* off }\n", "", text))
    feed.give(person(1))
    feed.send(status=2)
    told = check(feed)
    assert told.state == "CRITICAL" and "stopped 1" in told.text and "'missing'" in told.text


def test_people_who_are_held(feed):
    feed.give(person(1), person(2).replace("P2", "p1"), person(3))
    feed.send()
    assert check(feed).value("held") == 2
    assert check(feed, "-w", "held=0").state == "WARNING"
    assert check(feed, "-w", "held=2").state == "OK"
    assert check(feed, "-c", "held=0:1").state == "CRITICAL"


def test_packages_that_alma_does_not_take(feed):
    feed.sql("UPDATE package SET changed = changed - ?", 2 * DAY)
    told = check(feed)
    assert told.state == "WARNING" and told.text.startswith("waiting_age ")
    assert told.value("waiting_age") >= 2 * DAY
    feed.take()
    told = check(feed)
    assert (told.state, told.value("waiting"), told.value("waiting_age")) == ("OK", 0, 0)
    unasked = check(feed, "-o", "-w", "waiting=0")
    assert (unasked.state, unasked.value("waiting")) == ("WARNING", 1)  # as was seen last
    assert check(feed, "-o").state == "OK"
    assert check(feed, "-c", "waiting_age=1d", "-o").state == "CRITICAL"


def test_the_outbox(feed):
    feed.sql("UPDATE package SET fate = 0")
    assert check(feed).text.startswith("outbox 1 - ")


@pytest.mark.parametrize("limit, seen, state", [
    ("people=2", "2", "OK"), ("people=1", "1", "CRITICAL"), ("people=3:", "3:", "CRITICAL"),
    ("people=2:", "2:", "OK"), ("people=~:1", "~:1", "CRITICAL"), ("people=~:2", "~:2", "OK"),
    ("people=1:2", "1:2", "OK"), ("people=3:9", "3:9", "CRITICAL"), ("people=@2:3", "@2:3", "CRITICAL"),
    ("people=@3:9", "@3:9", "OK"), ("people=@2", "@2", "CRITICAL"), ("people=:", "0:", "OK"),
    ("people=0.5:1.5", "0.5:1.5", "CRITICAL"), ("people=-3:2", "-3:2", "OK"), ("age=2d", "172800", "OK"),
    ("age=1h:2h", "3600:7200", "CRITICAL"), ("age=90m", "5400", "OK"), ("3d", "259200", "OK"),
])
def test_ranges(feed, limit, seen, state):
    told = check(feed, "--critical", limit)
    assert told.state == state
    assert told.data[limit.split("=")[0] if "=" in limit else "age"].split(";")[2] == seen


@pytest.mark.parametrize("options", [
    ["-w", ""], ["-w", "x"], ["-w", "5:4"], ["-w", "1:2:3"], ["-w", "nothing=1"], ["-c", "people=1x"],
    ["-c", "people=@"], ["-c", "people=1e400x"], ["-w", "~"], ["-t", "0"], ["-t", "x"], ["-t", "99999"],
    ["-t", "-1"], ["--nothing"], ["-w"], ["more"],
], ids=" ".join)
def test_wrong_use(feed, options):
    told = check(feed, *options)
    assert told.state == "UNKNOWN" and told.data == {} and len(told.lines) == 1


def test_settings_with_faults(feed):
    feed.write("broken.yaml", "nam: x|y\n")
    told = check(feed, config="broken.yaml")
    assert told.state == "UNKNOWN" and "broken.yaml" in told.text and "nam" in told.text
    assert "missing.yaml" in check(feed, config="missing.yaml").text


def test_a_bar_in_a_message_is_no_perfdata(feed):
    feed.sql("UPDATE run SET outcome = 'failed', exit_status = 69, error = 'no | pipe'")
    assert "no / pipe" in check(feed).text


def test_a_success_that_is_yet_to_come(feed):
    """A clock that was wrong must not keep the feed well for ever."""
    feed.sql("UPDATE run SET finished = finished + 1800")
    assert (check(feed).state, check(feed).value("age")) == ("OK", 0)
    feed.sql("UPDATE run SET finished = finished + 864000")
    told = check(feed)
    assert told.state == "CRITICAL" and told.text.startswith("age -8") and told.value("age") < -860000


def test_what_is_done_to_the_state_is_no_success(feed):
    feed.sql("UPDATE run SET mode = 'rebuild'")
    assert check(feed).text.startswith("age unknown")


def test_verbose(feed):
    told = check(feed, "-v")
    assert told.state == "OK" and "People" in told.lines


def test_photos(tmp_path):
    """Only where a limit is given, as not every feed has them."""
    feed = PhotoFeed(tmp_path, photo("ana", RED))
    assert feed.run().returncode == 0
    assert check(feed, "-w", "photos_age=1d").state == "WARNING"
    feed.step(added=1)
    told = check(feed)
    assert told.state == "OK" and 0 <= told.value("photos_age") < 3600
    assert check(feed, "-w", "photos_age=@0:1h").state == "WARNING"
    feed.photos.rename(tmp_path / "away")
    feed.write("people.ldif", photo("bob", RED))
    assert feed.run_photos().returncode == 73
    assert check(feed, "-w", "photos_age=1h").state == "OK"


def test_help_and_version(feed):
    told = subprocess.run([PLUGIN, "--help"], capture_output=True, text=True, check=False, timeout=60)
    assert told.returncode == 3  # the guidelines: "should also result in Unknown state"
    assert set(re.findall(r"(?m)^  ([a-z_]+) ", told.stdout)) == {
        *check(feed).data, "photos_age", "kept", "pending", "refused", "refused_age"}
    for option in ("-V", "--version"):
        told = subprocess.run([PLUGIN, option], capture_output=True, text=True, check=False, timeout=60)
        assert told.returncode == 3 and re.fullmatch(r"check_ldap2alma \d\S*\n", told.stdout)


def sftp(feed, port):
    """The feed delivers to a server now, and its package waits there."""
    feed.write("key", "x")
    (feed.folder / "key").chmod(0o600)
    text = (feed.folder / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", text.replace(
        "delivery: { folder: out }",
        f"delivery: {{ sftp: {{ host: 127.0.0.1, port: {port}, user: alma, password: {{ file: key }}, "
        f"fingerprint: 'SHA256:{'A' * 43}', directory: /alma }}, retry: {{ attempts: 1 }} }}"))
    feed.sql("UPDATE package SET target = ?", f"sftp://alma@127.0.0.1:{port}/alma")


def test_a_server_that_is_not_there(feed):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        sftp(feed, closed.getsockname()[1])
        told = check(feed)
        assert told.state == "UNKNOWN" and "the server could not be asked: " in told.text
        assert told.value("waiting") == 1
        assert check(feed, "--offline").state == "OK"
        assert check(feed, "-c", "people=1").state == "CRITICAL"  # what is known counts


def test_a_server_that_says_nothing(feed):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sftp(feed, silent.getsockname()[1])
        told = check(feed, "-t", "1")
        assert (told.state, told.text) == ("UNKNOWN", "no answer within the time limit")
