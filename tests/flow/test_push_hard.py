"""People who are put one by one, with bad luck: stores that were put back, names that only look
like another, killed first puts, values at the edge of LDIF, and days drawn at random.
"""

import os
import random

import pytest
from alma import Alma
from feed import MAPPING, Feed
from push_feed import BASE, ID, PushFeed, delete, entry, modify
from witness import Witness

PLAIN = MAPPING.replace("${uid | lower}", "${cn}")


@pytest.fixture
def feed(tmp_path):
    return PushFeed(tmp_path)


def dn(name):
    return f"uid={name},{BASE}"


# ---- a store that was put back from a copy ----

@pytest.mark.parametrize("since", [2, 3])
def test_an_older_store_that_went_on_is_found_out(feed, since):
    """Its numbers have come to where the last delivery was, or beyond; those between are others."""
    feed.put_well(entry("aruiz") + entry("bcole"))
    feed.deliver()
    copy = feed.store.read_bytes()
    feed.put_well(entry("cdoe") + modify("aruiz", "replace: sn", "sn: Fox", "-"))
    feed.deliver()
    feed.store.write_bytes(copy)
    feed.put_well("".join([entry("efig"), entry("fgil"), entry("ghall")][:since]))
    result = feed.run()
    assert result.returncode == 2, feed.report
    assert "was put back from a copy that is older than the last delivery" in result.stderr
    assert len(feed.packages()) == 2
    report = feed.deliver("--release", "missing")
    assert (report["detect"]["read"], report["counts"]["leavers"]) == ("all", 1)
    assert feed.deliver()["outcome"] == "nothing-to-send"


def test_a_copy_as_new_as_the_last_delivery_goes_on(feed):
    feed.put_well(entry("aruiz"))
    feed.deliver()
    copy = feed.store.read_bytes()
    feed.put_well(entry("lost"))
    feed.store.write_bytes(copy)
    feed.put_well(entry("bcole") + entry("cdoe"))
    assert feed.deliver()["counts"]["new"] == 2


# ---- match identifiers that only look like another's ----

@pytest.mark.parametrize("delivered, claimed", [
    ("ilker", "\u0131lker"), ("\u0131lker", "ilker"), ("caf\u00e9", "cafe\u0301"),
    ("\u00c9mile", "\u00e9mile"), ("smith", "\uff53mith"), ("ann lee", "ann  lee"),
    ("ann  lee", "ann lee")])
def test_a_match_identifier_that_is_another_s_by_folding(tmp_path, delivered, claimed):
    feed = PushFeed(tmp_path, mapping=PLAIN)
    feed.put_well(entry("one", f"cn: {delivered}", f"entryUUID: {ID}01")
                  + entry("other", "cn: bcole"))
    feed.deliver()
    feed.put_well(delete("one"))
    result = feed.put(entry("two", f"cn: {claimed}", f"entryUUID: {ID}02"))
    assert result.returncode == 2, result.stderr
    assert "was delivered for another person" in result.stderr
    feed.deliver()
    assert feed.findings("reused") and feed.report["counts"]["held"] == 1
    # Nobody has accepted it.
    assert feed.put(modify("two", "replace: sn", "sn: Fox", "-")).returncode == 2


# ---- days drawn at random ----

class Campus:
    """People whom changes come to, and what all of it comes to, without the connector."""

    def __init__(self, chance):
        self.chance = chance
        self.people = {}  # name: [cn, {attribute: values}], who are there
        self.gone = {}    # name: [cn, ...], who were
        self.turn = 0

    def dn(self, name):
        return f"cn={self.people[name][0]},{BASE}"

    def value(self):
        self.turn += 1
        kinds = ["Zo\u00eb", "\u05d3\u05df", "Li", "van  der", "\U0001f4da x"]
        return self.chance.choice(kinds) + str(self.turn)

    def lines(self, name):
        return [f"{key}: {value}" for key, values in self.people[name][1].items()
                for value in values]

    def content(self, name, *kind):
        return "\n".join([f"dn: {self.dn(name)}", *kind, *self.lines(name)]) + "\n\n"

    def come(self, number):
        name = f"p{number}"
        there = name in self.people
        self.people[name] = self.people.get(name) or self.gone.pop(name, None) or [name, {}]
        attributes = {"uid": [name], "sn": [self.value()], "cn": [self.people[name][0]],
                      "mail": [f"m{self.turn}x{mail}@example.edu"
                               for mail in range(self.chance.randrange(3))]}
        if number % 2:
            attributes["entryUUID"] = [f"{ID}{number:02x}"]
        self.people[name][1] = attributes
        kind = [] if there or self.chance.random() < .5 else ["changetype: add"]
        return self.content(name, *kind)

    def change(self, name):
        attributes = self.people[name][1]
        attributes["sn"] = [self.value()]
        attributes["givenName"] = [self.value()]
        return (f"dn: {self.dn(name).upper()}\nchangetype: modify\n"
                f"replace: SN\nsn: {attributes['sn'][0]}\n-\n"
                f"replace: givenName\ngivenName: {attributes['givenName'][0]}\n-\n\n")

    def rename(self, name):
        before = self.dn(name)
        self.turn += 1
        self.people[name][0] = f"{name} {self.turn}"
        self.people[name][1]["cn"] = [self.people[name][0]]
        if name[1:].isdigit() and int(name[1:]) % 2 and self.chance.random() < .5:
            return self.content(name)  # known by its id
        return (f"dn: {before}\nchangetype: modrdn\nnewrdn: cn={self.people[name][0]}\n"
                "deleteoldrdn: 1\n\n")

    def leave(self, name):
        dn_of_name = self.dn(name)
        self.gone[name] = self.people.pop(name)
        return f"dn: {dn_of_name}\nchangetype: delete\n\n"

    def draw(self):
        if not self.people or self.chance.random() < .4:
            return self.come(self.chance.randrange(24))
        act = self.chance.choice([self.change, self.change, self.rename, self.leave])
        return act(self.chance.choice(sorted(self.people)))

    def ldif(self):
        return "".join(map(self.content, sorted(self.people)))


def users_of(alma):
    return {user.primary_id: (user.fields, user.segments) for user in alma.users}


def test_alma_has_what_a_full_run_gives_it(tmp_path):
    """After each delivery of changes alone it has what one gives who reads all of it for the first
    time; and whoever has left is told to have."""
    seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
    print(f"SEED={seed}")
    campus = Campus(random.Random(seed))
    feed = PushFeed(tmp_path / "push", more="leavers: { policy: expire, grace: 1 }\n")
    witness = Witness(feed.folder / "out")
    for day in range(12):
        streams = [[campus.draw() for _ in range(campus.chance.randrange(1, 20))]
                   for _ in range(campus.chance.randrange(3))]
        for stream in streams:
            feed.put_well("".join(stream))
        if not campus.people:
            feed.put_well(campus.come(0))
        feed.deliver()
        witness.take()
        folder = tmp_path / f"full{day}"
        folder.mkdir()
        full = Feed(folder, people=campus.ldif())
        assert full.run().returncode == 0
        alma = Alma(folder / "out")
        alma.load()
        has, wanted = users_of(witness.alma), users_of(alma)
        assert wanted.keys() == {name.lower() for name in campus.people}
        assert {name: has.get(name) for name in wanted} == wanted
        for name in has.keys() - wanted.keys():
            assert has[name][0]["status"] == "INACTIVE", name
