"""What `run --metrics` leaves for Prometheus."""

import datetime
import fcntl
import json
import os
import re
import stat
import struct
import time

import pytest
from conftest import TOP

from feed import Feed
from memory import CHANGED, Memory, person
from photo_feed import RED, PhotoFeed
from photo_feed import person as photo

LABEL = r'[a-z]+="[\w.-]*"'
SAMPLE = re.compile(rf"(?P<name>[a-z][a-z0-9_]*)\{{(?P<labels>{LABEL}(?:,{LABEL})*)\}} (?P<value>\d+(?:\.\d+)?)")


def parse(text):
    """Samples by name and labels, as strictly as the text format 0.0.4 has it: each family once, HELP
    and TYPE before it, no series twice, a newline at the end."""
    samples, families, family = {}, set(), None
    assert text.endswith("\n")
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("# HELP "):
            family, told = line[7:].split(" ", 1)
            assert told.strip() and next(lines) == f"# TYPE {family} gauge"
            assert family.startswith("ldap2alma_") and family not in families
            families.add(family)
            continue
        found = SAMPLE.fullmatch(line)
        assert found and found["name"] == family, line
        labels = dict(re.findall(r'([a-z]+)="([^"]*)"', found["labels"]))
        assert labels.pop("feed") == "test"
        key = (family.removeprefix("ldap2alma_"), *sorted(labels.items()))
        assert key not in samples, line
        samples[key] = float(found["value"])
    return samples


def metrics(feed, *options, status=0):
    path = feed.folder / "ldap2alma.prom"
    result = feed.run("--metrics", path.name, *options)
    assert result.returncode == status, result.stderr
    return parse(path.read_text()) if path.exists() else None


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    return Memory(tmp_path, person(1), person(2), more=CHANGED)


def test_the_manual_names_those_of_photos(tmp_path):
    page = (TOP / "docs/ldap2alma.1").read_text()
    items = re.search(r'begin photo metrics\n(.*?)\.\\" end photo metrics', page, flags=re.S).group(1)
    told = metrics_of_photos(PhotoFeed(tmp_path, photo("ana", RED)))
    assert re.findall(r"[a-z_]{5,}", items) == list(dict.fromkeys(key[0] for key in told))


def feed_metrics(feed, command):
    assert feed.run("--metrics", "some.prom", command=command).returncode == 0
    return (feed.folder / "some.prom").read_text()


def metrics_of_photos(feed, *options, status=0):
    result = feed.run("--metrics", "photos.prom", *options, command="photos")
    assert result.returncode == status, result.stderr
    told = parse((feed.folder / "photos.prom").read_text())
    assert all(key[0].startswith("photos_") for key in told)
    return {(key[0].removeprefix("photos_"), *key[1:]): value for key, value in told.items()}


def of(samples, name):
    return {key[1][1]: value for key, value in samples.items() if key[0] == name}


def test_a_run_that_went_well(feed):
    before = int(time.time())
    told = metrics(feed, "--full")
    assert before <= told["last_run_timestamp_seconds",] == told["last_success_timestamp_seconds",]
    assert of(told, "last_run_outcome") == {"done": 1, "nothing-to-send": 0, "stopped": 0, "failed": 0}
    assert told["last_run_exit_status",] == 0 and told["last_run_full",] == 1
    assert of(told, "last_run_people") == feed.report["counts"]
    assert told["last_run_delivered_packages",] == 1
    assert told["last_run_delivered_bytes",] == feed.report["packages"][0]["bytes"]
    assert told["outbox_packages",] == 0 and told["waiting_packages",] == 1
    assert before <= told["oldest_waiting_package_timestamp_seconds",] <= told["last_run_timestamp_seconds",]
    assert of(told, "people") == {"known": 2, "absent": 0, "expired": 0}
    steps = of(told, "last_run_step_duration_seconds")
    assert set(steps) == set(feed.report["timings"])
    assert told["last_run_duration_seconds",] == pytest.approx(sum(steps.values()), abs=0.001 * len(steps))
    assert stat.S_IMODE((feed.folder / "ldap2alma.prom").stat().st_mode) == 0o644
    assert not [path for path in feed.folder.iterdir() if path.name.startswith(".ldap2alma")]


def test_alma_took_the_package(feed):
    metrics(feed)
    feed.take(".handled")
    told = metrics(feed)
    assert told["waiting_packages",] == told["oldest_waiting_package_timestamp_seconds",] == 0
    assert of(told, "last_run_outcome")["nothing-to-send"] == 1 and told["last_run_full",] == 0


def test_a_run_that_failed_keeps_the_last_success(feed):
    good = metrics(feed)
    (feed.folder / "people.ldif").unlink()
    told = metrics(feed, status=78)
    assert told["last_success_timestamp_seconds",] == good["last_success_timestamp_seconds",]
    assert told["last_run_timestamp_seconds",] >= good["last_run_timestamp_seconds",]
    assert of(told, "last_run_outcome")["failed"] == 1 and told["last_run_exit_status",] == 78
    assert told["last_run_delivered_packages",] == 0


def test_many_failures_hide_no_success(feed):
    good = metrics(feed)
    people = (feed.folder / "people.ldif").read_text()
    (feed.folder / "people.ldif").unlink()
    for _ in range(12):
        told = metrics(feed, status=78)
    assert told["last_success_timestamp_seconds",] == good["last_success_timestamp_seconds",]
    (feed.folder / "people.ldif").write_text(people)


def test_the_first_run_failed(feed):
    (feed.folder / "people.ldif").unlink()
    assert metrics(feed, status=78)["last_success_timestamp_seconds",] == 0


def test_brakes_and_findings(tmp_path):
    feed = Feed(tmp_path, brakes="brakes: { new: off }\n")
    people = "".join(f"dn: uid=p{i}\nuid: p{i}\nsn: Ruiz\nmail: p{i}@example.edu\n\n" for i in range(40))
    feed.write("people.ldif", people)
    assert metrics(feed)["last_run_brake_value", ("brake", "rejected")] == 0
    feed.write("people.ldif", re.sub("(?m)^sn: .*\n", "", people, count=10))
    told = metrics(feed, status=2)
    assert of(told, "last_run_outcome")["stopped"] == 1 and told["last_run_exit_status",] == 2
    assert of(told, "last_run_findings")["required"] == 10
    assert of(told, "last_run_findings")["duplicate"] == 0
    rows = [(brake["name"], brake["field"], brake["value"], brake["limit"], brake["pulled"])
            for brake in feed.report["brakes"]]
    for name, field, *numbers in rows:
        labels = (("brake", name), *([("field", field)] if field else []))
        assert [told[f"last_run_brake_{part}", *labels] for part in ("value", "limit", "pulled")] == numbers
    assert told["last_run_brake_pulled", ("brake", "rejected")] == 1


def test_photos(tmp_path):
    feed = PhotoFeed(tmp_path, photo("ana", RED) + photo("bob", RED) + photo("carl"))
    before = int(time.time())
    told = metrics_of_photos(feed, "--report", "report.json")
    good = told["last_success_timestamp_seconds",]
    assert before <= good == told["last_run_timestamp_seconds",]
    assert of(told, "last_run_outcome")["done"] == 1 and told["last_run_exit_status",] == 0
    assert of(told, "last_run_people") == feed.report["counts"]
    assert told["there",] == of(told, "last_run_people")["added"] == 2
    assert told["last_run_brake_limit", ("brake", "photos_unread")] == 10
    feed.photos.rename(tmp_path / "away")
    feed.write("people.ldif", photo("ana", RED))
    feed.configure(brakes="brakes: { photos: 0% }\n")
    told = metrics_of_photos(feed, status=2)
    assert told["last_run_brake_pulled", ("brake", "photos")] == 1
    feed.configure()
    told = metrics_of_photos(feed, status=73)
    assert of(told, "last_run_outcome")["failed"] == 1 and told["there",] == 2
    assert told["last_success_timestamp_seconds",] == good
    shown = json.loads(feed.run("--format", "json", command="status").stdout)["photos"]
    assert datetime.datetime.fromisoformat(shown["succeeded"].replace("Z", "+00:00")
                                           ).timestamp() == good


def test_photos_are_told_of_in_a_file_of_their_own(tmp_path):
    feed = PhotoFeed(tmp_path, photo("ana", RED))
    names = [{line.split()[2] for line in text.splitlines() if line.startswith("# HELP ")}
             for text in (feed_metrics(feed, command) for command in ("run", "photos"))]
    assert not names[0] & names[1]
    result = feed.run("--dry-run", "--metrics", "x", command="photos")
    assert result.returncode == 64 and "--metrics is not for --dry-run" in result.stderr


def test_another_run_is_at_work(feed):
    metrics(feed)
    before = (feed.folder / "ldap2alma.prom").stat()
    with open(feed.folder / "spool/test/lock", "r+b") as lock:
        fcntl.fcntl(lock, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        metrics(feed, status=75)
    assert (feed.folder / "ldap2alma.prom").stat().st_ino == before.st_ino


def test_a_state_that_cannot_be_read(feed):
    metrics(feed)
    (feed.folder / "spool/test/state.db").chmod(0o644)
    told = metrics(feed, status=77)
    assert ("last_success_timestamp_seconds",) not in told
    assert of(told, "last_run_outcome")["failed"] == 1
