"""A witness: the simulated Alma that takes packages from a folder and sees that each comes once; and
what state must say in the end.

    witness = Witness(folder)
    witness.look()            # what has a package's name is a whole package
    witness.take(".handled")  # Alma's load; each package and each change comes once
"""

import copy
import hashlib
import sqlite3
import zlib

from alma import Alma, read_documents

# What Alma does between two runs. A package is renamed, or renamed and then removed by somebody.
WAYS = ("leaves", ".handled", ".old", "removes")

DELIVERED = 2
ABANDONED = 3
CLEARED = 4


class Witness:
    def __init__(self, folder, once=True, one_by_one=False):
        # Within one load Alma takes the first record that somebody has and rejects the others.
        self.alma = Alma(folder, most_files=1 if one_by_one else 20)
        self.folder = self.alma.folder
        self.names = set()
        self.digests = {}
        self.once = once  # no record ever comes that changes nothing

    def copy(self, folder):
        """The same Alma, at another folder."""
        other = copy.deepcopy(self)
        other.folder = other.alma.folder = folder
        return other

    def look(self):
        for path in self.alma.waiting():
            assert read_documents(path), path.name

    def take(self, way=".handled"):
        """Alma's job runs until nothing is left to be taken."""
        self.look()
        while way != "leaves" and self.alma.waiting():
            self._load(way)

    def _load(self, way):
        for path in self.alma.waiting()[:self.alma.most_files]:
            assert path.name not in self.names, f"{path.name} came twice"
            self.names.add(path.name)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            assert digest not in self.digests, f"{path.name} is {self.digests.get(digest)} again"
            self.digests[digest] = path.name
        report = self.alma.load(ending=".old" if way == ".old" else ".handled")
        assert (report.rejected, report.failed_files) == ([], [])
        assert not self.once or report.unchanged == 0, f"{report.unchanged} people came twice"
        if way == "removes":
            for path in self.folder.glob("*.handled"):
                path.unlink()

    def users(self, without=()):
        """What Alma knows, by primary identifier; fields `without` left out."""
        return {user.primary_id: ({name: value for name, value in user.fields.items()
                                   if name not in without}, user.segments)
                for user in self.alma.users}

    def parts(self):
        return [path.name for path in self.folder.iterdir()
                if not path.name.endswith((".zip", ".handled", ".old"))]


class State:
    """What the file says, read by other means than the program's."""

    def __init__(self, path):
        # Nobody has it open, and its log is empty: SQLite needs to make no file beside it.
        with sqlite3.connect(f"file:{path}?immutable=1", uri=True) as database:
            database.text_factory = bytes
            self.integrity = database.execute("PRAGMA integrity_check").fetchall()
            self.pending = database.execute("SELECT count(*) FROM pending").fetchone()[0]
            # How long somebody is absent no longer counts when their last record has gone out.
            self.people = database.execute(
                "SELECT key, match_id, digest, fields, expired, CASE expired WHEN 0 THEN absent END"
                "  FROM person ORDER BY key").fetchall()
            self.records = [(key, zlib.decompress(data[4:], -15)) for key, data in database.execute(
                "SELECT key, bytes FROM record ORDER BY key")]
            self.packages = [(name.decode(), fate) for name, fate in
                             database.execute("SELECT name, fate FROM package")]
            self.outcomes = [outcome.decode() for outcome, in
                             database.execute("SELECT outcome FROM run ORDER BY id")]
        database.close()

    def check(self, witness):
        """State is whole, nothing in it is on its way, and what it calls delivered is what Alma
        got."""
        assert self.integrity == [(b"ok",)]
        assert self.pending == 0
        assert {fate for _, fate in self.packages} <= {DELIVERED, ABANDONED, CLEARED}
        assert {name for name, fate in self.packages if fate == DELIVERED} == witness.names
