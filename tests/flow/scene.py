"""A scene that is played again and again: some days of a small feed, the last of which may go wrong.

    cast = Cast(two_scenes(folder, DAYS))
    def act(scene, case):
        scene.program.run(clock=scene.morning, kill_at=case)
        scene.play_on()
    cast.play(act, cases)     # each time Alma and state must end as they do when all goes well
"""

import concurrent.futures
import os
import pathlib
import queue
import shutil

from feed import UNBRAKED
from killing import Killable
from witness import State, Witness

DAY_SECONDS = 86400
FIRST_DAY = 1788220800  # 2026-09-01T00:00:00Z
MORNING, NOON = 6 * 3600, 12 * 3600

SETTINGS = """\
name: test
directory: { ldif: people.ldif }
mapping: mapping.yaml
delivery: { folder: out }
spool: spool
state: memory/state.db
package: { records_per_file: 2, files_per_package: 1 }
changes: { mode: changed }
leavers: { policy: expire, grace: 1 }
""" + UNBRAKED

MAPPING = """\
mapping: 1
match_id: primary_id
select: (!(employeeType=guest))
user:
  primary_id: ${uid | lower}
  first_name: ${givenName}
  last_name: ${sn}
  expiry_date: ${today | plus 1y}
  emails:
    - each: ${mail}
      email_address: ${each}
      email_types: [work]
"""


def person(number, *more, sn="Ruiz", mails=("a", "b"), ou="people"):
    """A person's entry. The number is who it is; all else may change."""
    return "\n".join([f"dn: uid=p{number:02d},ou={ou},dc=example,dc=edu", f"uid: P{number:02d}",
                      f"entryUUID: 3f2504e0-4f89-41d3-9a0c-0305e82c33{number:02d}",
                      "givenName: Ana", f"sn: {sn}",
                      *(f"mail: {mail}{number}@example.edu" for mail in mails), *more]) + "\n\n"


EVERYBODY = "".join(person(number) for number in range(1, 10))
BACK = person(10, sn="Gone and back")
CHANGED = (person(1, sn="Cole")                        # married
           + person(2, mails=("c",), ou="library")     # moved
           + person(3, mails=())                       # nothing left of a list
           + person(4, mails=("b", "a"))               # another order: unchanged
           # 5 and 6 have left
           + person(7, "employeeType: guest")          # nobody to Alma any more
           + person(8) + person(9)                     # unchanged
           + BACK + person(11) + person(12))           # back, and new
SENT = {"p01", "p02", "p03", "p05", "p06", "p07", "p10", "p11", "p12"}
LEFT = {"p05", "p06", "p07"}
DAYS = (EVERYBODY + BACK, EVERYBODY, CHANGED)
FIRST_RUN = (CHANGED,)


class Scene:
    """A folder in which the last day can be played as often as one likes."""

    def __init__(self, folder, days, settings=SETTINGS, last_settings=None, out=None):
        """Alma's folder `out` may be a server's; the last day's settings may be others."""
        folder = pathlib.Path(folder).resolve()
        self.stage = folder / "stage"
        self.kept = folder / "kept"
        (folder / "beside").mkdir(parents=True)
        self.program = Killable(self.stage, folder / "beside")
        self.out = out or self.stage / "out"
        self.out.mkdir(parents=True)
        self.stage.mkdir(exist_ok=True)
        (self.stage / "ldap2alma.yaml").write_text(settings)
        (self.stage / "mapping.yaml").write_text(MAPPING)
        self.witness = Witness(self.out)
        for day, people in enumerate(days):
            self.midnight = FIRST_DAY + day * DAY_SECONDS
            self.morning, self.noon = self.midnight + MORNING, self.midnight + NOON
            self.write_people(people)
            if day < len(days) - 1:
                self.run_well(self.morning)
                self.witness.take()
        if last_settings:
            (self.stage / "ldap2alma.yaml").write_text(last_settings)
        shutil.copytree(self.stage, self.kept)
        shutil.copytree(self.out, folder / "kept-out")
        self.before = self.witness

    def write_people(self, people):
        (self.stage / "people.ldif").write_text(people)

    def run_well(self, clock):
        result = self.program.run(clock=clock)
        assert result.returncode == 0, result.stderr
        return result

    def reset(self):
        """To the last day's morning."""
        shutil.rmtree(self.stage)
        shutil.copytree(self.kept, self.stage)
        shutil.rmtree(self.out)
        shutil.copytree(self.kept.parent / "kept-out", self.out)
        self.witness = self.before.copy(self.out)

    def play_on(self, way="leaves"):
        """What follows after a run that went wrong: Alma, the next run, Alma."""
        self.witness.take(way)
        self.run_well(self.noon)
        self.witness.take()

    def state(self):
        return State(self.stage / "memory/state.db")

    def outcome(self):
        """What Alma and state hold in the end; nothing else is left behind."""
        assert self.witness.parts() == []
        assert os.listdir(self.stage / "spool/test") == ["lock"]
        assert sorted(os.listdir(self.stage / "memory")) == ["state.db", "state.db.lock"]
        state = self.state()
        state.check(self.witness)
        return self.witness.users(), state.people, state.records


def two_scenes(folder, days):
    return [Scene(folder / str(number), days) for number in range(2)]


class Cast:
    """Two scenes, side by side, and what comes of the last day when nothing goes wrong: the calls
    that change a file, and the outcome."""

    def __init__(self, scenes):
        self.scenes = scenes
        scene = self.scenes[0]
        scene.reset()
        scene.run_well(scene.morning)
        self.calls = scene.program.calls()
        scene.witness.take()
        self.outcome = scene.outcome()
        self.witness = scene.witness

    def numbers(self):
        return range(1, len(self.calls) + 1)

    def _named(self, number):
        call, path = self.calls[min(number, len(self.calls)) - 1]
        return f"{call} {os.path.basename(path)}"

    def play(self, act, cases, outcome=None):
        """Plays act(scene, *case) for each case; each begins with the number of a call and must come
        to the same end. Where time matters more, $STRIDE lets only each so many-th be played."""
        cases = cases[::int(os.environ.get("STRIDE", "1"))]
        free = queue.Queue()
        for scene in self.scenes:
            free.put(scene)

        def one(case):
            scene = free.get()
            try:
                scene.reset()
                act(scene, *case)
                for mine, good in zip(scene.outcome(), outcome or self.outcome, strict=True):
                    assert mine == good
            except AssertionError as failure:
                return f"{case}, {self._named(case[0])}: {str(failure)[:1000]}"
            finally:
                free.put(scene)
            return None

        with concurrent.futures.ThreadPoolExecutor(len(self.scenes)) as pool:
            failures = [failure for failure in pool.map(one, cases) if failure]
        assert not failures, "\n".join([f"{len(failures)} of {len(cases)}", *failures[:10]])
