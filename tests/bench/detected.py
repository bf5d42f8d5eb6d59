"""The part `changes` of the bench: runs in which the directory says who has changed.

One slapd (syncrepl) and one Samba domain controller (DirSync), each with people of its own size.
The packages go to a folder: a login by SFTP alone would cost more than such a run. The program is
run without libtool's wrapper, a shell script that would cost as much again.
"""
import json
import os
import subprocess
import sys
import time

from figures import Figure, best, measured, table, take_packages
from samba import Samba
from slapd import ADMIN, ADMIN_PASSWORD

# The domain's people are in no group that the sample mapping knows: their units tell their kinds.
DOMAIN_MAPPING = """\
mapping: 1
extends: {sample}
tables:
  kinds: {{ Staff: STAFF, Students: STUDENT, Alumni: ALUMNI, Guests: GUEST }}
define:
  kind: ${{dn | extract '(?i),OU=([^,]+),OU=People,' | lookup kinds}}
"""
FULL, FEW, NOBODY = "a full run", "1 % changed", "nobody changed"
MOST = 5  # percent of a full run
STEPS = ("state", "read", "compare", "plan", "deliver", "remember")
SETTINGS = """\
name: {name}
directory:
  uri: {uri}
  tls: {{ {tls} }}
  bind: {{ method: simple, dn: "{user}", password: {{ file: {password} }} }}
  searches: [{{ base: "{base}", filter: "{filter}" }}]
changes: {{ mode: changed, detect: {way} }}
mapping: {mapping}
delivery: {{ folder: {target} }}
brakes: {{ rejected: off, held: off }}
spool: {folder}/spool
state: {folder}/state.db
"""


class Feed:
    """The feed of one server. `change` changes the people of the DNs it is given."""

    def __init__(self, build, folder, change, **settings):
        self.build, self.folder, self.change = build, folder, change
        self.way = settings["way"]
        self.target = folder / "delivered"
        self.target.mkdir(parents=True, exist_ok=True)
        password = folder / "password"
        password.touch(0o600)
        password.write_text(settings.pop("password"))
        self.settings = folder / "feed.yaml"
        self.settings.write_text(SETTINGS.format(folder=folder, target=self.target,
                                                 password=password, **settings))

    def run(self, who, least, most, read):
        time.sleep(1)  # two runs within a second wait for the next one, whose name packages bear
        report = self.folder / "run.json"
        run, _ = measured(
            self.build, self.folder,
            [self.build / ".libs/ldap2alma", "-q", "-c", self.settings, "run", who, "--report",
             report],
            env={**os.environ, "LD_LIBRARY_PATH": str(self.build / ".libs")})
        detect = json.loads(report.read_text())["detect"]
        if (detect["way"], detect["read"]) != (self.way, read):
            sys.exit(f"bench: {read} were to be read by {self.way}, not {detect}")
        users, _ = take_packages(self.target)
        if not least <= users <= most:
            sys.exit(f"bench: {users} users arrived, not {least:.0f} to {most:.0f}")
        return run

    def runs(self, count, few, repeat):
        self.run("--full", count * 0.9, count, "all")
        runs = {FULL: [], FEW: [], NOBODY: []}
        for _ in range(repeat):
            runs[FULL].append(self.run("--full", count * 0.9, count, "all"))
            self.change(few)
            runs[FEW].append(self.run("--changed", len(few) * 0.85, len(few), "changed"))
            runs[NOBODY].append(self.run("--changed", 0, 0, "changed"))
        return runs


def figures(name, runs):
    for kind, what in ((FEW, "wall"), (FEW, "cpu")):
        share = 100 * best(runs[kind], what) / best(runs[FULL], what)
        yield Figure(f"{what.replace('cpu', 'CPU')}, {kind} to {FULL}, {name}", share, " %", MOST)
    yield Figure(f"wall, {NOBODY}, {name}", best(runs[NOBODY], "wall"), " s", 1)


def feed_of_slapd(build, folder, slapd, reader, people, mapping):
    """The feed, and the lines of LDIF that name its people. `slapd` runs with syncprov; `reader` is
    the DN and password of who may read everything."""
    user, password = reader
    found = subprocess.run(
        ["ldapsearch", "-LLL", "-x", "-o", "ldif-wrap=no", "-H", slapd.ldap_uri, "-D", user, "-w",
         password, "-b", people, "(objectClass=person)", "1.1"],
        stdout=subprocess.PIPE, check=True, text=True).stdout
    names = [line for line in found.splitlines() if line.startswith("dn")]

    def change(few):
        subprocess.run(
            ["ldapmodify", "-x", "-H", slapd.ldap_uri, "-D", ADMIN, "-w", ADMIN_PASSWORD],
            input="".join(f"{dn}\nchangetype: modify\nreplace: title\ntitle: since {time.time()}"
                          "\n\n" for dn in few),
            stdout=subprocess.DEVNULL, check=True, text=True)

    feed = Feed(build, folder, change, name="changes-slapd", uri=slapd.ldap_uri, tls="mode: none",
                user=user, password=password, base=people, filter="(objectClass=person)",
                way="syncrepl", mapping=mapping)
    return feed, names


def of_slapd(*where, repeat):
    feed, names = feed_of_slapd(*where)
    runs = feed.runs(len(names), names[::100], repeat)
    return ([f"slapd by syncrepl, {len(names)} people, packages to a folder", "", *table(runs)],
            list(figures("syncrepl", runs)))


def of_million(*where):
    """How large the roster makes state and a run, and what it costs to write and to load."""
    feed, names = feed_of_slapd(*where)
    few = names[::100]
    steps, runs = [], {}

    def run(name, *how):
        runs[name] = [feed.run(*how)]
        timings = json.loads((feed.folder / "run.json").read_text())["timings"]
        steps.append(f"{name:36} " + ", ".join(f"{step} {timings[step]:.2f} s" for step in STEPS
                                               if step in timings))

    run("the very first run", "--full", len(names) * 0.9, len(names), "all")
    run(FULL, "--full", len(names) * 0.9, len(names), "all")
    feed.change(few)
    run(FEW, "--changed", len(few) * 0.85, len(few), "changed")
    run(NOBODY, "--changed", 0, 0, "changed")
    size = sum(path.stat().st_size for path in feed.folder.glob("state.db*"))
    peak = max(run.peak for (run,) in runs.values())
    return ([f"slapd by syncrepl, {len(names)} people, packages to a folder", "", *table(runs), "",
             *steps],
            [Figure("size of state with its roster", size / 1e6, " MB", 250 * len(names) / 1e6),
             Figure("peak memory with a roster", peak, " MB", 150)])


def of_samba(build, folder, certificates, people, sample, repeat):
    mapping = folder / "mapping.yaml"
    folder.mkdir()
    mapping.write_text(DOMAIN_MAPPING.format(sample=sample))
    domain = Samba(folder / "samba", certificates, people=people)
    domain.start()
    try:
        connection = domain.ldap()
        base, condition = f"OU=People,{domain.base}", "(&(objectCategory=person)(objectClass=user))"
        names = [dn for dn, _ in connection.search_s(base, 2, condition, ["1.1"]) if dn]

        def change(few):
            for dn in few:
                connection.modify_s(dn, [(2, "title", f"since {time.time()}".encode())])

        feed = Feed(build, folder, change, name="changes-samba", uri=domain.ldaps_uri,
                    tls=f"ca_file: {domain.ca}", user=domain.replicator,
                    password=domain.replicator_password, base=base, filter=condition,
                    way="dirsync", mapping=mapping)
        runs = feed.runs(len(names), names[::100], repeat)
    finally:
        domain.stop()
    return ([f"Samba by DirSync, {len(names)} people, packages to a folder", "", *table(runs)],
            list(figures("DirSync", runs)))
