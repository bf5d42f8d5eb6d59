"""memory: a feed that remembers what Alma was given, run after run.

    feed = Memory(tmp_path, person(1), person(2))
    feed.give(person(1, sn="Cole"))     # what the directory holds now
    assert feed.send() == {"p1"}        # one run, and whose records it delivered
"""

import contextlib
import sqlite3
import xml.etree.ElementTree as ElementTree
import zipfile

from feed import MAPPING, PROGRAM, Feed

DAY = 86400
CHANGED = "changes: { mode: changed }\n"
EXPIRE = "leavers: { policy: expire, grace: 2 }\n"


def person(number, *more, sn="Ruiz", ou="people", mails=("a", "b"), uuid=None):
    """An entry; by the number the directory knows who it is, whatever else changes."""
    uuid = number if uuid is None else uuid
    return "\n".join([f"dn: uid=p{number},ou={ou},dc=example,dc=edu", f"uid: P{number}",
                      *([f"entryUUID: 3f2504e0-4f89-41d3-9a0c-{uuid:012d}"] if uuid else []),
                      f"sn: {sn}", *(f"mail: {mail}{number}@example.edu" for mail in mails), *more,
                      "", ""])


class Memory(Feed):
    def __init__(self, folder, *people, more=CHANGED, mapping=MAPPING):
        super().__init__(folder, people="".join(people), mapping=mapping, more=more)
        self.state = self.folder / "spool/test/state.db"
        self.program = PROGRAM
        self.last = None

    def give(self, *people):
        self.write("people.ldif", "".join(people))

    def settings(self, more):
        text = (self.folder / "ldap2alma.yaml").read_text()
        self.write("ldap2alma.yaml", text[:text.index("spool: spool\n") + len("spool: spool\n")] + more)

    def send(self, *options, status=0):
        """One run: the people whose records it delivered."""
        self.last = self.run(*options)
        assert self.last.returncode == status, self.last.stderr
        return set(self.records())

    def records(self):
        """What the last run delivered: <user> elements by primary identifier."""
        records = {}
        for package in self.report["packages"]:
            if not package["delivered"]:
                continue
            with zipfile.ZipFile(self.folder / "out" / package["name"]) as archive:
                for name in archive.namelist():
                    for user in ElementTree.fromstring(archive.read(name)).findall("user"):
                        assert user.findtext("primary_id") not in records
                        records[user.findtext("primary_id")] = user
        return records

    def take(self, ending=".handled"):
        """Alma takes what lies there."""
        for package in (self.folder / "out").glob("*.zip"):
            package.rename(package.with_name(package.name + ending))

    def sql(self, statement, *values):
        with contextlib.closing(sqlite3.connect(self.state)) as database, database:
            return database.execute(statement, values).fetchall()

    def grow_older(self, seconds):
        """As if everything so far had happened so long ago."""
        self.sql("UPDATE package SET changed = changed - ?", seconds)
        self.sql("UPDATE run SET started = started - ?1, finished = finished - ?1", seconds)

    def counts(self, *names):
        return tuple(self.report["counts"][name] for name in names)
