"""feed: a feed of a test: settings, mapping and people in a folder, and what a run made of them."""

import json
import pathlib
import subprocess
import xml.etree.ElementTree as ElementTree
import zipfile

from conftest import PROGRAM

# Most feeds of tests are so small that one person is a large part of them.
NO_BRAKES = dict.fromkeys(["missing", "rejected", "held", "changed", "new", "field_loss",
                           "group_shift"], "off")
UNBRAKED = "brakes: { " + ", ".join(f"{name}: off" for name in NO_BRAKES) + " }\n"

SETTINGS = """\
name: test
directory: {{ ldif: {ldif} }}
mapping: mapping.yaml
delivery: {{ folder: out }}
{brakes}spool: spool
{more}"""

MAPPING = """\
mapping: 1
match_id: primary_id
select: (!(employeeType=guest))
require: [last_name]
user:
  primary_id: ${uid | lower}
  first_name: ${givenName}
  last_name: ${sn}
  emails:
    - each: ${mail}
      email_address: ${each}
      email_types: [work]
"""

PEOPLE = """\
dn: uid=ARuiz,ou=people,dc=example,dc=edu
uid: ARuiz
givenName: Ana
sn: Ruiz
mail: a.ruiz@example.edu
mail: ana@example.com

dn: uid=bcole,ou=people,dc=example,dc=edu
uid: bcole
givenName: Bob
sn: Cole
"""


def is_sanitized():
    """A build with a sanitizer needs more rights, and keeps freed memory as it was."""
    return b"__asan_init" in pathlib.Path(PROGRAM).read_bytes()


class Feed:
    """A folder with a feed in it; each run() is one run of the program."""

    def __init__(self, folder, people=PEOPLE, mapping=MAPPING, ldif="people.ldif", more="",
                 brakes=UNBRAKED):
        self.folder = pathlib.Path(folder)
        (self.folder / "out").mkdir(exist_ok=True)
        self.write("ldap2alma.yaml", SETTINGS.format(ldif=ldif, brakes=brakes, more=more))
        self.write("mapping.yaml", mapping)
        self.write("people.ldif", people)
        self.report = None

    def write(self, name, text):
        data = text if isinstance(text, bytes) else text.encode()
        (self.folder / name).write_bytes(data)

    def run(self, *options, command="run", stdin=None, shared=(), wrapper=()):
        """Runs a command; `self.report` is then the report, or None. `wrapper` are words of a
        command that runs the words behind it."""
        report = self.folder / "report.json"
        report.unlink(missing_ok=True)
        arguments = [PROGRAM, *shared, command]
        if command == "run":
            arguments += ["--report", "report.json"]
        result = subprocess.run([*wrapper, *arguments, *options], cwd=self.folder, capture_output=True,
                                input=stdin, timeout=600, check=False)
        result.stdout = result.stdout.decode()
        result.stderr = result.stderr.decode()
        self.report = json.loads(report.read_text()) if report.exists() else None
        return result

    def packages(self):
        return sorted((self.folder / "out").iterdir())

    def users(self):
        """The <user> elements of all packages that were delivered."""
        return [user for package in self.packages() for user in self.users_of(package)]

    @staticmethod
    def users_of(package):
        users = []
        with zipfile.ZipFile(package) as archive:
            assert archive.testzip() is None
            for name in archive.namelist():
                users += ElementTree.fromstring(archive.read(name)).findall("user")
        return users

    def findings(self, code):
        return [finding for finding in self.report["findings"] if finding["code"] == code]


def adds_up(counts):
    return counts["read"] == sum(
        counts[key] for key in ("skipped", "rejected", "held", "unchanged", "sent"))
