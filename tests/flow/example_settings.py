"""example_settings: examples of settings: each is loaded, made whole by what it lacks.

`ldap2alma test` loads the settings and runs the mapping's tests, and needs no server.
"""

import re

FRAME = {
    "directory": "directory: { ldif: people.ldif }\n",
    "mapping": "mapping: people.yaml\n",
    "delivery": "delivery: { folder: outgoing }\n",
    "spool": "spool: spool\n",
}
MAPPING = "mapping: 1\nmatch_id: primary_id\nuser:\n  primary_id: ${uid}\n"
TEST = """\
mapping: MAPPING
today: 2026-09-01
cases:
  - name: a person
    entry: |
      dn: uid=aruiz,ou=people,dc=example,dc=edu
      uid: aruiz
    expect: { primary_id: aruiz }
"""


def complete(settings):
    present = re.findall(r"(?m)^(\w+):", settings)
    return settings + "".join(text for key, text in FRAME.items() if key not in present)


def check(story, text):
    folder = story.folder / "settings"
    folder.mkdir(exist_ok=True)
    settings = complete(text)
    (folder / "example.yaml").write_text(settings)
    name = re.search(r"(?m)^mapping: (\S+)\.yaml$", settings).group(1).rpartition("/")[2]
    (folder / f"{name}.yaml").write_text(MAPPING)
    (folder / f"{name}.test.yaml").write_text(TEST.replace("MAPPING", f"{name}.yaml"))
    status, output = story.shell("ldap2alma -c settings/example.yaml test")
    assert status == 0, f"\n{settings}\n{output}"
