"""push_feed: a feed whose people are put one by one.

    feed = PushFeed(folder)
    feed.put(entry("aruiz") + entry("bcole"))    # LDIF on standard input
    feed.kept()                                  # {DN: record of LDIF} as `list` prints them
"""

import pathlib
import sqlite3

from feed import MAPPING, NO_BRAKES, UNBRAKED, Feed

SETTINGS = """\
name: test
directory: {{ push: {{}} }}
mapping: mapping.yaml
delivery: {{ folder: out }}
changes: {{ mode: changed }}
{brakes}spool: spool
{more}"""

BASE = "ou=people,dc=example,dc=edu"
ID = "3f2504e0-4f89-41d3-9a0c-0305e82c33"


def entry(name, *more, sn="Ruiz", base=BASE):
    return "\n".join([f"dn: uid={name},{base}", f"uid: {name}", f"sn: {sn}", *more]) + "\n\n"


def modify(name, *lines):
    return "\n".join([f"dn: uid={name},{BASE}", "changetype: modify", *lines]) + "\n\n"


def delete(name):
    return f"dn: uid={name},{BASE}\nchangetype: delete\n\n"


def records(ldif):
    """{DN: lines of the record} of what `list` and `get` print."""
    found = {}
    for record in ldif.replace("\n ", "").split("\n\n"):
        if record:
            lines = record.split("\n")
            assert lines[0].startswith("dn: "), record
            assert lines[0][4:] not in found
            found[lines[0][4:]] = lines[1:]
    return found


class PushFeed(Feed):
    def __init__(self, folder, mapping=MAPPING, more="", brakes=UNBRAKED):
        folder = pathlib.Path(folder)
        (folder / "out").mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.write("ldap2alma.yaml", SETTINGS.format(brakes=brakes, more=more))
        self.write("mapping.yaml", mapping)
        self.report = None
        self.store = folder / "spool/test/state.db-pushed"

    def put(self, ldif, *options):
        return self.run(*options, command="put", stdin=ldif.encode())

    def put_well(self, ldif):
        result = self.put(ldif)
        assert result.returncode == 0, result.stderr
        return result

    def kept(self, *options):
        result = self.run(*options, command="list")
        assert result.returncode == 0, result.stderr
        return records(result.stdout)

    def names(self):
        return {dn.split(",")[0][4:] for dn in self.kept()}

    def deliver(self, *options, status=0):
        result = self.run(*options)
        assert result.returncode == status, result.stderr
        return self.report

    def rows(self, query):
        with sqlite3.connect(self.store) as store:
            return store.execute(query).fetchall()

    def sent(self):
        """The users of the newest package, by their primary_id."""
        newest = self.packages()[-1]
        return {user.findtext("primary_id") for user in self.users_of(newest)}
