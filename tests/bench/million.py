"""One million people, or as many as are wanted, from LDIF to a folder: how large state becomes, how
long comparing and committing take, how much memory a run takes.

People are known by an entryUUID, as servers give it. They are made while the run reads them, so that
the wall time of reading says nothing; the report's timings say the rest. Groups are left out, as a
search for people does: one entry with a million members is held whole.
"""
import json
import subprocess
import sys

from figures import Figure, measured, take_packages, table

SETTINGS = """\
name: million
directory: {{ ldif: "-" }}
mapping: {mapping}
delivery: {{ folder: {target} }}
spool: {spool}
state: {state}
"""
COMMITTING = ("compare", "plan", "deliver", "remember")


class Million:
    def __init__(self, build, folder, mapping, count):
        self.build, self.folder, self.count = build, folder, count
        self.target, self.state = folder / "alma", folder / "million.db"
        self.target.mkdir()
        self.settings = folder / "million.yaml"
        self.settings.write_text(SETTINGS.format(mapping=mapping, target=self.target,
                                                 spool=folder / "million", state=self.state))

    def run(self, name, who, sent):
        """What a run took, and the seconds that its report names."""
        report = self.folder / "million.json"
        people = subprocess.Popen([self.build / "tests/support/people", "-n", str(self.count),
                                   "--no-groups", "--ids"],
                                  stdout=subprocess.PIPE)
        run, _ = measured(self.build, self.folder,
                          [self.build / "ldap2alma", "-q", "-c", self.settings, "run", who,
                           "--report", report], stdin=people.stdout)
        people.wait()
        users, _ = take_packages(self.target)
        if users < sent:
            sys.exit(f"bench: {users} users arrived, not {sent:.0f} or more")
        print(f"bench: {self.count} people: {name}: {run.wall:.2f} s", file=sys.stderr)
        return run, json.loads(report.read_text())["timings"]

    def runs(self):
        """The lines to print, and the figures."""
        kinds = (("the very first run", "--full", self.count * 0.98),
                 ("a later full run", "--full", self.count * 0.98),
                 ("nothing changed", "--changed", 0))
        runs = {name: self.run(name, who, sent) for name, who, sent in kinds}
        lines = [f"{self.count} people, LDIF to a folder", "",
                 *table({name: [run] for name, (run, _) in runs.items()}), ""]
        for name, (_, timings) in runs.items():
            lines.append(f"{name:36} " + ", ".join(
                f"{step} {timings[step]:.2f} s" for step in ("state", *COMMITTING) if step in timings))
        size = sum(path.stat().st_size for path in self.folder.glob("million.db*"))
        figures = [
            Figure("size of state", size / 1e6, " MB", 250 * self.count / 1e6),
            *(Figure(f"comparing and committing, {name}",
                     sum(timings.get(step, 0) for step in COMMITTING), " s",
                     10 * self.count / 1e6) for name, (_, timings) in runs.items()),
            Figure("peak memory", max(run.peak for run, _ in runs.values()), " MB", 150),
        ]
        return lines, figures
