"""What was acknowledged is never lost, and nothing half is ever kept, wherever a put is killed,
whatever fails, and when the power does. See test_exactly_once.py.
"""

import os
import random
import shutil
import subprocess
import time

import pytest
from conftest import PROGRAM
from killing import KILLED, Killable
from power_loss import Disk
from push_feed import BASE, ID, PushFeed, delete, entry, modify, records

STRIDE = int(os.environ.get("STRIDE") or 1)
SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))

BEFORE = "".join(entry(f"p{number}", "description: " + "x" * 300) for number in range(30))
CHANGES = (entry("p1", sn="Cole") + modify("p2", "replace: sn", "sn: Fox", "-") + delete("p3")
           + f"dn: uid=p4,{BASE}\nchangetype: modrdn\nnewrdn: uid=q4\ndeleteoldrdn: 0\n\n"
           + entry("new", f"entryUUID: {ID}01") + "dn: uid=refused\nuid: refused\n\n")
# What each command left when it went well, and all went well before.
COMMANDS = {"put": ["put", "changes.ldif"], "remove": ["remove", "p5"]}


class Scene:
    """A feed in which one command can be played as often as one likes."""

    def __init__(self, folder, before):
        self.kept = folder / "kept"
        self.stage = folder / "stage"
        (folder / "beside").mkdir()
        feed = PushFeed(self.kept)
        feed.write("changes.ldif", CHANGES)
        if before:
            feed.put_well(before)
            feed.deliver()
        self.program = Killable(self.stage, folder / "beside")
        self.reset()
        self.before = self.kept_now()

    def reset(self):
        shutil.rmtree(self.stage, ignore_errors=True)
        shutil.copytree(self.kept, self.stage)
        self.feed = PushFeed.__new__(PushFeed)
        self.feed.folder = self.stage
        self.feed.store = self.stage / "spool/test/state.db-pushed"

    def kept_now(self):
        return self.feed.kept()

    def stored(self):
        """The same, without the program."""
        return records("".join(entry.decode() for entry, in self.feed.rows(
            "SELECT entry FROM person WHERE entry IS NOT NULL")))

    def play(self, command, **settings):
        verb, *options = COMMANDS[command]
        return self.program.run(*options, verb=verb, **settings)

    def look(self, command, after):
        """All of it is kept or nothing, the file is sound, and the command can be given again."""
        now = self.kept_now()
        assert now in (self.before, after)
        if self.feed.store.exists() and self.feed.rows("PRAGMA integrity_check") != [("ok",)]:
            raise AssertionError("damaged")
        again = self.play(command)
        if command == "put" and now != after:
            assert again.returncode == 65, again.stderr  # one is refused
        assert command == "remove" or self.stored() == after
        assert not [path.name for path in self.feed.store.parent.glob("*-pushed.new*")]
        return now


@pytest.fixture(params=["put", "remove", "first put"])
def played(request, tmp_path):
    """(scene, command, what is kept afterwards, how many calls it makes)"""
    command = request.param.split()[-1]
    scene = Scene(tmp_path.resolve(), "" if request.param == "first put" else BEFORE)
    if request.param == "first put":
        (scene.kept / "changes.ldif").write_text(BEFORE + "dn: uid=refused\nuid: refused\n\n")
        scene.reset()
    result = scene.play(command)
    assert result.returncode == (65 if command == "put" else 0), result.stderr
    return scene, command, scene.kept_now(), len(scene.program.calls())


def test_killed_at_every_call(played):
    scene, command, after, calls = played
    for number in range(1, calls + 1, 3 * STRIDE):
        scene.reset()
        killed = scene.play(command, kill_at=number)
        assert killed.returncode == KILLED, (number, killed.stderr)
        scene.look(command, after)


@pytest.mark.parametrize("reason, lasting", [("EIO", 0), ("EIO", 1), ("ENOSPC", 0), ("ENOSPC", 1)])
def test_every_call_fails(played, reason, lasting):
    scene, command, after, calls = played
    for number in range(1, calls + 1, 7 * STRIDE):
        scene.reset()
        failed = scene.play(command, fail_at=number, fail_on=lasting, fail_with=reason)
        assert failed.returncode in (0, 65, 73, 77), (number, failed.stderr)
        taken = failed.returncode == 0 or "refused" in failed.stderr and "1 refused" in failed.stderr
        now = scene.look(command, after)
        assert not taken or now == after, (number, failed.stderr)


@pytest.mark.parametrize("mixed", [False, True])
def test_power_fails_at_every_call(played, mixed):
    scene, command, after, calls = played
    chance = random.Random(SEED)
    print(f"SEED={SEED}")
    for number in [*range(1, calls + 1, 4 * STRIDE), 0]:
        scene.reset()
        disk = Disk(scene.stage)
        scene.program.shadows.mkdir(exist_ok=True)
        for shadow in scene.program.shadows.iterdir():
            shadow.unlink()
        result = scene.play(command, kill_shadow=scene.program.shadows,
                            **({"kill_at": number} if number else {}))
        disk.follow(scene.program.log, scene.program.shadows)
        disk.fail(chance if mixed else None)
        now = scene.look(command, after)
        if number == 0:  # it was acknowledged
            assert result.returncode != KILLED and now == after


def test_killed_at_random_instants_eight_at_once(tmp_path):
    """Each has told by its exit status what it took; of the killed ones all or nothing is there."""
    chance = random.Random(SEED)
    print(f"SEED={SEED}")
    feed = PushFeed(tmp_path)
    feed.put_well(entry("begin"))
    acknowledged, tried = set(), set()
    for turn in range(6 if STRIDE > 1 else 10):
        puts = []
        for thread in range(8):
            names = [f"t{turn}x{thread}y{number}" for number in range(20)]
            process = subprocess.Popen([PROGRAM, "-q", "put"], cwd=tmp_path,
                                       stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
            process.stdin.write("".join(map(entry, names)).encode())
            process.stdin.close()
            puts.append((process, names))
        time.sleep(chance.random() * 0.2)
        for process, _ in puts[::2]:
            process.kill()
        for process, names in puts:
            tried.update(names)
            if process.wait() == 0:
                acknowledged.update(names)
    names = feed.names() - {"begin"}
    assert acknowledged <= names <= tried
    for turn in {name.split("y")[0] for name in names}:
        assert sum(name.split("y")[0] == turn for name in names) == 20
    assert feed.rows("PRAGMA integrity_check") == [("ok",)]
