"""The part `push` of the bench: N people who are put, in one stream and one by one, into the same store,
and delivered from it to a folder.
"""
import subprocess
import sys
import threading
import time

from figures import Figure, best, measured, table

ONCE, THREADS, EACH = 30, 8, 25
STREAM_SECONDS, SINGLE_SECONDS = 30, 0.020  # of 100,000 people, and of one
NEW, SAME, SINGLE, BARE, ALL, FEW = (
    "put, everybody in one stream", "put, the same again", "put of one person", "ldap2alma --version",
    "deliver, everybody", "deliver, one person put")
SETTINGS = """\
name: pushed
directory: {{ push: {{}} }}
mapping: {folder}/mapping.yaml
delivery: {{ folder: {folder}/there }}
changes: {{ mode: changed }}
spool: {folder}/spool
"""
MAPPING = """\
mapping: 1
match_id: primary_id
user:
  primary_id: ${uid}
  first_name: ${givenName}
  last_name: ${sn}
  emails: [{ email_address: "${mail}", email_types: [work] }]
  user_identifiers: [{ id_type: BARCODE, value: "${employeeNumber}" }]
"""


def person(number, title="Librarian"):
    return (f"dn: uid=u{number:06d},ou=people,dc=example,dc=edu\nobjectClass: inetOrgPerson\n"
            f"uid: u{number:06d}\ncn: Ana Person {number}\nsn: Person {number}\ngivenName: Ana\n"
            f"mail: u{number:06d}@example.edu\nemployeeNumber: 9{number:06d}\ntitle: {title}\n"
            "telephoneNumber: +1 555 0100\nl: Springfield\npostalCode: 01101\n"
            "street: 1 Main Street\n\n")


class PushBench:
    def __init__(self, build, folder, count, repeat):
        self.build, self.folder = build, folder / "pushes"
        self.count, self.repeat, self.turn = count, repeat, 0
        (self.folder / "there").mkdir(parents=True)
        (self.folder / "mapping.yaml").write_text(MAPPING)
        self.settings = self.folder / "ldap2alma.yaml"
        self.settings.write_text(SETTINGS.format(folder=self.folder))
        self.everybody = self.folder / "everybody.ldif"
        with self.everybody.open("w") as file:
            file.writelines(map(person, range(count)))

    def command(self, *arguments):
        return [self.build / ".libs/ldap2alma", "-q", "-c", self.settings, *arguments]

    def run(self, *arguments, ldif=None):
        environment = {"LD_LIBRARY_PATH": str(self.build / ".libs"), "PATH": "/usr/bin:/bin"}
        if ldif is not None:
            (self.folder / "input").write_text(ldif)
        with open(self.folder / "input" if ldif is not None else "/dev/null", "rb") as stdin:
            return measured(self.build, self.folder, self.command(*arguments), stdin=stdin,
                            stdout=subprocess.DEVNULL, env=environment)[0]

    def put_one(self, number):
        self.turn += 1
        return self.run("put", ldif=person(number, title=f"turn {self.turn}"))

    def at_once(self):
        """Each of eight puts one person after another; the wall time of all, and the slowest put."""
        walls = []

        def put(thread):
            for turn in range(EACH):
                ldif = person((thread * EACH + turn) % self.count, title=f"thread {thread}")
                begun = time.monotonic()
                subprocess.run(self.command("put"), input=ldif.encode(), check=True,
                               env={"LD_LIBRARY_PATH": str(self.build / ".libs")})
                walls.append(time.monotonic() - begun)
        threads = [threading.Thread(target=put, args=(number,)) for number in range(THREADS)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if len(walls) != THREADS * EACH:
            sys.exit("bench: a put failed")
        return time.monotonic() - begun, max(walls)

    def runs(self):
        """The lines to print, and the figures."""
        (self.folder / "input").touch()
        runs = {name: [] for name in (NEW, SAME, SINGLE, BARE, ALL, FEW)}
        runs[NEW].append(self.run("put", self.everybody))
        runs[ALL].append(self.run("deliver", "--release", "min_users"))
        for _ in range(self.repeat):
            runs[SAME].append(self.run("put", self.everybody))
            self.put_one(0)
            runs[FEW].append(self.run("deliver"))
        for number in range(ONCE):
            runs[SINGLE].append(self.put_one(number % self.count))
            runs[BARE].append(self.run("--version"))
        wall, slowest = self.at_once()
        store = (self.folder / "spool/pushed/state.db-pushed").stat().st_size / 1e6
        return [f"{self.count} people who are put", "", *table(runs)], [
            Figure("wall, everybody put in one stream", best(runs[NEW], "wall"), " s",
                   STREAM_SECONDS * max(self.count, 10_000) / 100_000),
            Figure("wall, one person put", best(runs[SINGLE], "wall"), " s", SINGLE_SECONDS),
            Figure("  of that without the bare start",
                   best(runs[SINGLE], "wall") - best(runs[BARE], "wall"), " s"),
            Figure(f"wall, {THREADS * EACH} put, {THREADS} at once", wall, " s"),
            Figure("  the slowest of them", slowest, " s"),
            Figure("the store", store, " MB")]
