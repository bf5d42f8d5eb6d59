"""A ledger of what Alma must know after each day, whatever befell the runs of that day. It is kept
from the campus alone; the program and its state are not asked.

    ledger.try_run(day)   # one that failed or was killed: it may have done its work, or some
    ledger.run(day)       # one that did it
    ledger.compare(alma)  # when Alma has taken everything: no difference
"""

from campus import record_in_alma

NOBODY = None  # where Alma need not know somebody


class Ledger:
    def __init__(self, campus, grace):
        self.campus = campus
        self.grace = grace
        self.given = {}    # uid -> the records that Alma may have
        self.absent = {}   # uid -> runs that told nothing of them: surely, and perhaps
        self.expired = {}  # uid -> the day, as text
        self.unsure = set()  # expired, but perhaps known as back since
        self.due = set()   # who was told to have left perhaps, and is there again but incomplete
        self.days = set()  # of runs since the last comparison
        self.farewells = 0

    def _people_who_left(self):
        here = self.campus.records().keys() | self.campus.incomplete()
        return [uid for uid in self.given if uid not in here and
                (uid not in self.expired or uid in self.unsure)]

    def try_run(self, day):
        self.days.add(day)
        for uid, record in self.campus.records().items():
            self.given.setdefault(uid, {NOBODY}).add(record)
            self.unsure.add(uid)
        for uid in self.campus.records().keys() | self.campus.incomplete():
            self.absent[uid] = (0, sum(self.absent.get(uid, (0, 0))))  # seen to be there, perhaps
        for uid in self._people_who_left():
            surely, perhaps = self.absent.get(uid, (0, 0))
            self.absent[uid] = (surely, perhaps + 1)

    def run(self, day):
        self.days.add(day)
        for uid, record in self.campus.records().items():
            self.given[uid] = {record}
            self.expired.pop(uid, None)
            self.due.discard(uid)
        for uid in self.campus.records().keys() | self.campus.incomplete():
            if sum(self.absent.pop(uid, (0, 0))) >= self.grace and uid in self.campus.incomplete():
                self.due.add(uid)
        for uid in self._people_who_left():
            surely, perhaps = self.absent.get(uid, (0, 0))
            self.absent[uid] = (surely + 1, perhaps)

    def compare(self, alma):
        users = {user.primary_id: user for user in alma.users}
        here = self.campus.records()
        for uid in here.keys() | self.given.keys() | users.keys():
            user = users.get(uid)
            has = record_in_alma(user) if user else NOBODY
            assert has in self.given.get(uid, {NOBODY}), (uid, has, self.given.get(uid))
            self.given[uid] = {has}
            if user:
                self._compare_leaving(uid, user, uid in here)
        self.days.clear()
        self.due.clear()
        self.unsure.clear()

    def _compare_leaving(self, uid, user, here):
        status, expiry = user.fields.get("status"), user.fields["expiry_date"][:10]
        surely, perhaps = self.absent.get(uid, (0, 0))
        if here:
            assert status is None, (uid, status)
        elif status == "INACTIVE" and expiry == self.expired.get(uid):
            pass
        elif status == "INACTIVE":
            assert uid not in self.expired or uid in self.unsure, (uid, expiry)
            assert surely + perhaps >= self.grace or uid in self.due, (uid, surely, perhaps)
            assert expiry in map(str, self.days), (uid, expiry)
            self.expired[uid] = expiry
            self.farewells += 1
        else:
            assert self.expired.pop(uid, None) is None or uid in self.unsure, uid
            assert surely < self.grace, (uid, surely, perhaps)
