"""Whatever a run of photos is killed at, or whatever fails: each photo is whole, and ours, and the
next run ends as if nothing had been."""

import os
import shutil

import pytest
from killing import KILLED, Killable
from photo_feed import BLUE, GREEN, RED, PhotoFeed, person

FOREIGN = b"not ours"
BEFORE = "".join([person("kept", RED), person("other", RED), person("leaver", RED),
                  person("renamed", GREEN), person("without", RED)])
AFTER = "".join([person("kept", RED), person("other", BLUE), person("newname", GREEN, key="renamed"),
                 person("without"), person("new", BLUE), person("newer", GREEN),
                 person("taken", RED)])


class Stage:
    """The morning of the run that goes wrong, which is played again and again in one place: photos
    are known by the folder that they were delivered to."""

    def __init__(self, folder, first):
        self.folder, self.morning, self.beside = folder / "here", folder / "morning", folder / "log"
        self.folder.mkdir()
        self.beside.mkdir()
        self.feed = PhotoFeed(self.folder, BEFORE)
        (self.feed.photos / "taken.JPG").write_bytes(FOREIGN)
        if not first:
            self.feed.step(added=5)
        self.old = self.feed.there()
        self.feed.write("people.ldif", AFTER)
        shutil.copytree(self.folder, self.morning)
        program = Killable(self.folder, self.beside)
        assert program.run(verb="photos").returncode == 0
        self.calls = len(program.calls())
        self.new = self.feed.there()
        assert self.new["taken.JPG"] == FOREIGN and len(self.new) == 6

    def play(self, **settings):
        """The run that goes wrong, what lies there then, and the next one."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.morning, self.folder)
        result = Killable(self.folder, self.beside).run(verb="photos", **settings)
        for name, data in self.feed.there().items():
            if not name.startswith("."):
                assert data in (self.old.get(name), self.new.get(name)), name
        again = self.feed.run_photos()
        assert again.returncode == 0, again.stderr
        assert self.feed.there() == self.new
        assert self.feed.run_photos().returncode == 0
        assert self.feed.report["outcome"] == "nothing-to-send", self.feed.report["counts"]
        return result


@pytest.fixture(scope="module", params=[False, True], ids=["later", "first"])
def stage(request, tmp_path_factory):
    return Stage(tmp_path_factory.mktemp("photos"), request.param)


def each_call(stage, step):
    return range(1, stage.calls + 1, step * int(os.environ.get("STRIDE", "1")))


def test_killed_at_many_calls(stage):
    for number in each_call(stage, 5):
        assert stage.play(kill_at=number).returncode == KILLED


def test_killed_after_many_calls(stage):
    for number in each_call(stage, 11):
        assert stage.play(kill_at=number, kill_after=1).returncode == KILLED


def test_failing_calls(stage):
    """A disk that is full, or broken: it is said, or it does not matter."""
    for number in each_call(stage, 11):
        stage.play(fail_at=number, fail_on=1, fail_with="ENOSPC")
