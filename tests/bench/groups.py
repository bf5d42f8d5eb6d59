"""How long it takes to know everybody's groups: 50,000 people in 2,000 nested groups of a private slapd.

Each person is in ten groups; each group is in one or two others of the next higher of eight levels,
and some of the highest are in some of the lowest, so that there are circles. Measured is one read of
the people alone, and one with `groups` and `groups.nested`.
"""
import random
import subprocess
import sys

from figures import Figure, best, measured, table
from machine import program
from slapd import PEOPLE, READER, READER_PASSWORD, SUFFIX, Certificates, Slapd, person, tree

COUNT, GROUPS, OF_EACH, LEVELS = 50_000, 2_000, 10, 8
LEVEL = GROUPS // LEVELS
SEED = 6
ALONE, WITH_GROUPS = "people alone", "people and their groups"


def group_dn(number):
    return f"cn=g{number},ou=services,{SUFFIX}"


def groups():
    draw = random.Random(SEED)
    members = [[] for _ in range(GROUPS)]
    for number in range(COUNT):
        for group in draw.sample(range(GROUPS), OF_EACH):
            members[group].append(f"uid=u{number:06d},{PEOPLE}")
    for number in range(GROUPS):
        above = number // LEVEL + 1
        if above < LEVELS:
            for _ in range(draw.randint(1, 2)):
                members[above * LEVEL + draw.randrange(LEVEL)].append(group_dn(number))
        elif number % 10 == 0:
            members[draw.randrange(LEVEL)].append(group_dn(number))
    for number, names in enumerate(members):
        yield f"dn: {group_dn(number)}\nobjectClass: groupOfNames\ncn: g{number}\n"
        yield "".join(f"member: {name}\n" for name in sorted(set(names))) + "\n"


class GroupsBench:
    def __init__(self, build, folder, repeat):
        self.build, self.folder, self.repeat = build, folder, repeat
        self.slapd = Slapd(folder / "groups", Certificates(folder / "certificates-of-groups"),
                           limits="limits * size=unlimited time=unlimited\nmultival member 100,20\n"
                                  "sortvals member\n")
        self.password = folder / "password-of-groups"
        self.password.touch(0o600)
        self.password.write_text(READER_PASSWORD)

    def load(self):
        loading = subprocess.Popen(
            [program("slapadd"), "-q", "-f", self.slapd.folder / "slapd.conf", "-b", SUFFIX],
            stdin=subprocess.PIPE, text=True)
        with loading.stdin:
            loading.stdin.write(tree())
            for number in range(COUNT):
                loading.stdin.write(person(number))
            loading.stdin.writelines(groups())
        if loading.wait():
            raise RuntimeError("slapadd failed")

    def read(self, *attributes):
        run, output = measured(self.build, self.folder, [
            self.build / "tests/support/read_directory", "--uri", self.slapd.ldap_uri, "--tls",
            "none", "--dn", READER, "--password", self.password, "--search",
            f"subtree,(uid=*),{PEOPLE}", "--page", 1000, "--count", "--attribute", "uid",
            *attributes], stdout=subprocess.PIPE)
        if f"entries={COUNT} " not in output.decode():
            sys.exit(f"bench: not {COUNT} people were read")
        return run

    def runs(self):
        """The lines to print, and the figures."""
        runs = {ALONE: [], WITH_GROUPS: []}
        self.load()
        self.slapd.start()
        try:
            self.read()  # not measured: slapd's pages come into memory
            for _ in range(self.repeat):
                runs[ALONE].append(self.read())
                runs[WITH_GROUPS].append(self.read("--attribute", "groups", "--attribute",
                                                   "groups.nested"))
        finally:
            self.slapd.stop()
        return ([f"{COUNT} people in {GROUPS} nested groups", "", *table(runs)],
                [Figure(f"{what}, groups of {COUNT} people",
                        best(runs[WITH_GROUPS], what) - best(runs[ALONE], what), " s", 3)
                 for what in ("wall", "cpu")])
