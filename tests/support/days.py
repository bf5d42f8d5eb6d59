"""Days in which a campus and its runs live: what can befall a run does, and whenever Alma has taken what
there is, it knows what the directory says.

    days = Days(folder, seed)
    days.change_settings(SETTINGS)
    for number in range(100):
        days.live(number)
"""

import datetime
import os
import random

from campus import MAPPING, Campus
from killing import Killable
from ledger import Ledger
from power_loss import Disk
from witness import WAYS, State, Witness

FIRST_DAY = datetime.date(2026, 9, 1)
SIZE = 60
GRACE = 2


class Days:
    """The feed, its Alma, and what can befall a run. `publish` is given each day's LDIF."""

    def __init__(self, folder, seed, out=None):
        self.chance = random.Random(seed)
        self.folder = folder / "feed"
        self.out = out or self.folder / "out"
        self.out.mkdir(parents=True)
        self.folder.mkdir(exist_ok=True)
        (folder / "beside").mkdir()
        self.program = Killable(self.folder, folder / "beside")
        self.witness = Witness(self.out, once=False, one_by_one=True)
        self.campus = Campus(self.chance, SIZE)
        self.ledger = Ledger(self.campus, GRACE)
        (self.folder / "mapping.yaml").write_text(MAPPING)
        self.day = FIRST_DAY
        self.oldest = None
        self.since = {}  # uid -> the first of the days on which Alma was to know somebody
        self.calls = 100
        self.clock = 0
        self.incidents = (self.kill, self.kill, self.kill, self.lose_power, self.fill_disk,
                          self.fail_once, self.lose_target, self.cut_off)

    def begin(self, number):
        self.day = FIRST_DAY + datetime.timedelta(days=number)
        midnight = datetime.datetime.combine(self.day, datetime.time(), datetime.timezone.utc)
        self.clock = int(midnight.timestamp()) + 3600
        if number > 0:
            self.campus.live()
        self.publish(self.campus.ldif())
        here = self.campus.records()
        self.since = {uid: self.since.get(uid, self.day) for uid in here}

    def publish(self, ldif):
        (self.folder / "people.ldif").write_text(ldif)

    def change_settings(self, text, oldest=None):
        """`oldest` is how many days old what Alma knows may be from now on."""
        (self.folder / "ldap2alma.yaml").write_text(text)
        self.oldest = oldest

    def tick(self):
        """Each run of a day begins some minutes after the last."""
        self.clock += 600
        return self.clock

    # What can befall a run.

    def some_call(self):
        return 1 + int(self.chance.random() * self.calls)

    def kill(self):
        self.program.run(clock=self.tick(), kill_at=self.some_call())

    def lose_power(self):
        disk = Disk(self.folder)
        self.program.run_for_power_loss(clock=self.tick(), kill_at=self.some_call())
        disk.follow(self.program.log, self.program.shadows)
        disk.fail(self.chance.choice((None, random.Random(self.chance.random()))))

    def fill_disk(self):
        self.program.run(clock=self.tick(), fail_at=self.some_call(), fail_on=1,
                         fail_with="ENOSPC")

    def fail_once(self):
        self.program.run(clock=self.tick(), fail_at=self.some_call())

    def lose_target(self):
        self.out.rename(self.folder / "elsewhere")
        self.program.run(clock=self.tick())
        (self.folder / "elsewhere").rename(self.out)

    def cut_off(self):
        """The LDIF ends within a line. Nothing is delivered, and nobody has left."""
        people = self.folder / "people.ldif"
        whole = people.read_text()
        people.write_text(whole[:self.chance.randint(0, whole.rindex("\n", 0, -2))] + "\nbroken")
        waiting = self.witness.alma.waiting()
        assert self.program.run(clock=self.tick()).returncode == 65
        assert self.witness.alma.waiting() == waiting
        people.write_text(whole)

    # The days.

    def have_incident(self):
        incident = self.chance.choice(self.incidents)
        incident()
        if incident != self.cut_off:
            self.ledger.try_run(self.day)
        self.witness.take(self.chance.choice(WAYS))

    def run_well(self):
        done = self.program.run(clock=self.tick())
        if done.returncode == 69 and "packages are held back" in done.stderr:
            self.ledger.try_run(self.day)
            self.witness.take()
            done = self.program.run(clock=self.tick())
        assert done.returncode == 0, done.stderr
        self.calls = max(100, len(self.program.calls()))
        self.ledger.run(self.day)

    def compare(self):
        self.witness.take(self.chance.choice((".handled", ".old", "removes")))
        self.ledger.compare(self.witness.alma)
        State(self.folder / "memory/state.db").check(self.witness)
        assert self.witness.parts() == []
        assert os.listdir(self.folder / "spool/test") == ["lock"]
        for uid in self.campus.records():
            until = self.witness.alma.find(uid).fields["expiry_date"][:10]
            given = datetime.date.fromisoformat(until).replace(year=self.day.year)
            # Who was not to be sent on the day of a full run, and is as before, is not sent again.
            if self.oldest is not None and (self.day - self.since[uid]).days >= self.oldest:
                assert (self.day - given).days <= self.oldest, uid

    def live(self, number):
        self.begin(number)
        for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
            self.have_incident()
        if self.chance.random() < 0.07:
            return  # no good run today
        for _ in range(self.chance.choice((1, 1, 1, 2))):
            self.run_well()
        if self.chance.random() < 0.9:
            self.compare()

    def end(self):
        """One more day, on which all goes well."""
        self.begin((self.day - FIRST_DAY).days + 1)
        self.run_well()
        self.compare()
