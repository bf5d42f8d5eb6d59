"""People that are pushed by change records, beside an OpenLDAP that gets the same records from
ldapmodify: both refuse the same, and have the same people afterwards."""

import base64
import io
import os
import random
import subprocess

import ldap
import ldap.dn
import ldif
import pytest

from feed import Feed
from machine import program
from slapd import ADMIN, ADMIN_PASSWORD, SUFFIX, certificates, make_slapd, tree  # noqa: F401
from slapd import ldif as record

SEED = int(os.environ.get("SEED") or random.randrange(1 << 32))
ROUNDS, CHANGES = 40, 40

SETTINGS = "name: test\ndirectory: { push: {} }\nmapping: mapping.yaml\ndelivery: { folder: out }\n" \
           "spool: spool\nstate: state.db\n"
MAPPING = "mapping: 1\nmatch_id: primary_id\n" \
          "user: { primary_id: '${employeeNumber}', last_name: '${sn}' }\n"

UNITS = [f"ou=people,{SUFFIX}", f"ou=guests,{SUFFIX}"]

# No two values of a pool match: a directory compares by the schema, a push feed has none.
TEXTS = ["alpha", "beta two", "Núñez, Ana + Co; \"x\" <y>\\z", "#1=one", "אבג", "𝔄𝔟", "x" * 200,
         "two\nlines", ":colon", "<less", "a\u00a0b"]
POOLS = {
    "description": [text.encode() for text in TEXTS],
    "Description;lang-fr": [text.encode() for text in TEXTS[:4]],
    "title": [text.encode() for text in TEXTS[:3]],
    "mail": [b"a@example.edu", b"b@example.edu", b"c@example.com"],
    "labeledURI": [b"http://example.edu/a", b"http://example.edu/A"],
    "userPassword": [b"\0\xff", b"\0\xfe", bytes(range(256))],  # compares by bytes
}
NAMES = ["ana", "Bob", "Ruiz, Ana", "Núñez+Co", "#7", "a\\b", "x=y", "אב", "dee dee"]
TYPES = {"uid": "0.9.2342.19200300.100.1.1", "cn": "2.5.4.3"}


class Writer:
    """Spells the same in many ways."""

    def __init__(self, rng):
        self.rng = rng

    def escaped(self, value):
        """As RFC 4514 lets it be written, but in hexadecimal, which OpenLDAP does not take."""
        rng, text = self.rng, ""
        for at, letter in enumerate(value):
            if rng.random() < 0.1:
                text += "".join(f"\\{byte:02x}" for byte in letter.encode())
            elif letter in ",+\"\\<>;" or (at == 0 and letter == "#"):
                text += "\\" + letter
            else:
                text += letter
        return text

    def rdn(self, pairs, case=str):
        rng = self.rng
        pairs = list(pairs)
        rng.shuffle(pairs)
        return rng.choice(["+", " + "]).join(
            rng.choice([kind, kind.upper(), TYPES[kind]]) + "=" + self.escaped(case(value))
            for kind, value in pairs)

    def other_case(self, text):
        return "".join(self.rng.choice([letter.lower(), letter.upper()]) for letter in text)

    def dn(self, name, case=None):
        """In any case: only what adds an entry says how its values are to be written."""
        pairs, unit = name
        return self.rdn(pairs, case or self.other_case) + self.rng.choice([",", ", ", " ,"]) + \
            self.other_case(unit).replace(",", self.rng.choice([",", ", "]))

    def line(self, name, value):
        data = value if isinstance(value, bytes) else value.encode()
        plain = all(32 <= byte < 127 for byte in data) and data[:1] not in (b" ", b":", b"<") \
            and data[-1:] != b" "
        if plain and self.rng.random() < 0.8:
            line = f"{name}: {data.decode()}"
        else:
            line = f"{name}:: {base64.b64encode(data).decode()}"
        # Behind the colons: ldapmodify does not know them when there is a break between.
        width = self.rng.choice([len(name) + 3, 76, 1000])
        return "\n ".join(line[at:at + width] for at in range(0, len(line), width)) + "\n"


class Changes(Writer):
    """Random change records about people who may be there."""

    numbers = 0

    def name(self):
        kinds = self.rng.choice([["uid"], ["cn"], ["cn", "uid"]])
        return (tuple((kind, self.rng.choice(NAMES)) for kind in kinds), self.rng.choice(UNITS))

    def begin(self, name, kind):
        return self.rng.choice(["", "# comment\n", "#\n of lines\n"]) + \
            self.line("dn", self.dn(name, str if kind == "add" else None)) + \
            f"changetype: {kind}\n"

    def add(self, name):
        self.numbers += 1
        lines = [("objectClass", "inetOrgPerson"), ("sn", "Anchor"), ("cn", "anchor"),
                 ("uid", "anchor"), ("employeeNumber", str(self.numbers))]
        for attribute, pool in POOLS.items():
            lines += [(attribute, value)
                      for value in self.rng.sample(pool, self.rng.randrange(len(pool)))]
        if self.rng.random() < 0.1:
            lines.append(self.rng.choice(lines[:-1]))
        lines += [pair for pair in name[0] if self.rng.random() < 0.5]
        self.rng.shuffle(lines)
        return self.begin(name, "add") + "".join(self.line(*line) for line in lines)

    def modify(self, name):
        text = self.begin(name, "modify")
        for _ in range(self.rng.choice([0, 1, 1, 2, 3])):
            word = self.rng.choice(["add", "delete", "replace"])
            attribute = self.rng.choice([*POOLS, *POOLS, "uid", "cn"])
            pool = POOLS.get(attribute) or [value.encode() for value in NAMES]
            least = 0 if attribute in POOLS and word != "add" else 1
            values = self.rng.choices(pool, k=self.rng.randrange(least, 3))
            if word == "delete":  # OpenLDAP takes one away twice
                values = sorted(set(values))
            if word == "replace" and attribute not in POOLS:
                values.append(b"anchor")
            text += self.line(word, attribute)
            text += "".join(self.line(attribute, value) for value in values) + "-\n"
        return text

    def rename(self, name, new):
        text = self.begin(name, self.rng.choice(["modrdn", "moddn"]))
        text += self.line("newrdn", self.rdn(new[0]))
        text += f"deleteoldrdn: {self.rng.randrange(2)}\n"
        if new[1] != name[1] or self.rng.random() < 0.2:
            text += self.line("newsuperior", self.other_case(new[1]))
        return text

    def delete(self, name):
        return self.begin(name, "delete")

    def stream(self, there):
        """Mostly about those who are there."""
        text = self.rng.choice(["", "version: 1\n\n"])
        there = list(there)
        for _ in range(CHANGES):
            known = there and self.rng.random() < 0.8
            name = self.rng.choice(there) if known else self.name()
            kind = self.rng.choices(["add", "modify", "rename", "delete"], [2, 8, 3, 1])[0]
            if kind == "add" and known:
                name = self.name()
            if kind == "rename":
                new = self.name()
                text += self.rename(name, new)
                there.append(new)
            else:
                text += getattr(self, kind)(name)
            if kind == "add":
                there.append(name)
            text += "\n" * self.rng.randrange(1, 3)
        return text


def folded(dn):
    """One form of all spellings."""
    kinds = {oid: kind for kind, oid in TYPES.items()}
    return tuple(frozenset((kinds.get(kind, kind.lower()), value.lower()) for kind, value, _ in rdn)
                 for rdn in ldap.dn.str2dn(dn))


def entries(text):
    """{folded DN: {attribute: values}}"""
    reader = ldif.LDIFRecordList(io.BytesIO(text))
    reader.parse()
    return {folded(dn): {name.lower(): sorted(values) for name, values in entry.items()}
            for dn, entry in reader.all_records}


def differences(ours, theirs):
    """Who is other here than there, or not there."""
    return [(dn, ours.get(dn), theirs.get(dn)) for dn in {*ours, *theirs}
            if ours.get(dn) != theirs.get(dn)]


class Pair:
    """The directory and the feed."""

    def __init__(self, server, folder):
        self.server = server
        self.feed = Feed(folder, mapping=MAPPING)
        self.feed.write("ldap2alma.yaml", SETTINGS)

    def modify(self, text):
        """What is said of records that the directory refuses."""
        result = subprocess.run(
            [program("ldapmodify"), "-c", "-x", "-H", self.server.ldap_uri, "-D", ADMIN, "-w",
             ADMIN_PASSWORD], input=text.encode(), capture_output=True, check=False)
        lines = result.stderr.decode().splitlines()
        return [line for line in lines if line.startswith("ldap_")]

    def put(self, text):
        """What is said of refused records."""
        result = self.feed.run(command="put", stdin=text.encode())
        lines = result.stderr.splitlines()
        refused = [line for line in lines if "cannot take" in line]
        assert result.returncode == (65 if refused else 0), result.stderr
        assert f" {len(refused)} refused" in lines[-1], result.stderr
        return refused

    def in_directory(self):
        found = self.server.ldap().search_s(SUFFIX, ldap.SCOPE_SUBTREE,
                                            "(objectClass=inetOrgPerson)")
        return {folded(dn): {name.lower(): sorted(values) for name, values in entry.items()}
                for dn, entry in found}

    def kept(self):
        result = self.feed.run(command="list")
        assert result.returncode == 0 and not result.stderr
        return entries(result.stdout.encode())


def people_of(found):
    """Their names, as Changes has them."""
    units = {folded(unit): unit for unit in UNITS}
    names = {name.lower(): name for name in NAMES}
    return [(tuple((kind, names[value]) for kind, value in sorted(dn[0])), units[dn[1:]])
            for dn in sorted(found, key=lambda dn: (sorted(dn[0]), units[dn[1:]]))]


@pytest.fixture
def pair(make_slapd, tmp_path):  # noqa: F811
    guests = record(f"ou=guests,{SUFFIX}", "objectClass: organizationalUnit", "ou: guests")
    return Pair(make_slapd(tree() + guests), tmp_path)


def test_changes_mean_what_they_mean_to_a_directory(pair):
    print(f"SEED={SEED}")
    changes = Changes(random.Random(SEED))
    there, refused, taken = [], 0, 0
    for _ in range(ROUNDS):
        text = changes.stream(there)
        pair.feed.write("last.ldif", text)
        theirs, ours = pair.modify(text), pair.put(text)
        found = pair.in_directory()
        assert differences(pair.kept(), found) == [], (theirs, ours)
        assert len(theirs) == len(ours), (theirs, ours)
        refused, taken = refused + len(ours), taken + CHANGES - len(ours)
        there = people_of(found)
    assert refused > ROUNDS and taken > ROUNDS and there
    name = changes.rng.choice(there)
    got = pair.feed.run(changes.dn(name), command="get")
    assert got.returncode == 0, got.stderr
    (dn, entry), = entries(got.stdout.encode()).items()
    assert entry == found[dn] and dn in found
