"""Brakes against a directory that hides what it gave the day before: it refuses nothing, it just answers
with less."""

import pytest
import yaml_text
from alma import Alma
from feed import Feed
from slapd import PEOPLE, READER, READER_PASSWORD, SUFFIX, certificates, ldif, make_slapd  # noqa: F401
from slapd import people, person, tree

STUDENTS = f"ou=students,{SUFFIX}"
READ = f'access to * by dn.subtree="ou=services,{SUFFIX}" read by * none'
MAPPING = """\
mapping: 1
match_id: primary_id
user:
  primary_id: ${uid}
  last_name: ${sn}
  emails:
    - { email_address: "${mail}", email_types: [work] }
"""

# What the server hides, and what Alma then would make of it: with 40 people of the staff and two
# students, two of 42 are not many.
HIDDEN = {
    "empty_search": (f'access to dn.one="{STUDENTS}" by * none',
                     lambda user: user.fields.get("status") == "INACTIVE", {"u000101", "u000102"}),
    "field_loss": ("access to attrs=mail by * none", lambda user: "emails" not in user.segments,
                   {f"u{number:06d}" for number in (*range(1, 41), 101, 102)}),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_hidden_is_not_taken_away(tmp_path, make_slapd, name):  # noqa: F811
    rule, is_damaged, damaged = HIDDEN[name]
    server = make_slapd(tree() + ldif(STUDENTS, "objectClass: organizationalUnit", "ou: students")
                        + people(40) + person(101, unit="students") + person(102, unit="students"))
    feed = Feed(tmp_path, mapping=MAPPING)
    feed.write("secret", READER_PASSWORD + "\n")
    (tmp_path / "secret").chmod(0o600)
    feed.write("ldap2alma.yaml", yaml_text.dump({
        "name": "test", "mapping": "mapping.yaml", "spool": "spool", "delivery": {"folder": "out"},
        "leavers": {"policy": "expire", "grace": 1}, "brakes": {"changed": "off"},
        "directory": {
            "uri": [server.ldap_uri], "tls": {"mode": "none"},
            "bind": {"method": "simple", "dn": READER, "password": {"file": "secret"}},
            "searches": [{"base": PEOPLE, "filter": "(uid=*)"},
                         {"base": STUDENTS, "filter": "(uid=*)"},
                         {"base": STUDENTS, "filter": "(uid=none*)"}]}}))
    alma = Alma(tmp_path / "out")

    def run(*options, status=0):
        result = feed.run(*options)
        assert result.returncode == status, result.stderr
        alma.load()
        return result

    def found():
        return {user.primary_id for user in alma.users if is_damaged(user)}
    run()
    run()  # a search that always was empty is none that has become so
    server.stop()
    server.access = f"{rule}\n{READ}"
    server.write_configuration()
    server.start()
    result = run(status=2)
    assert [brake["name"] for brake in feed.report["brakes"] if brake["pulled"]] == [name]
    assert (len(alma.users), found()) == (42, set())
    if name == "empty_search":
        assert (f"the search below '{STUDENTS}' for (uid=*) found nobody, and 2 people at the last run"
                in result.stderr)
    run("--release", name)
    assert found() == damaged
    run()  # what was let through is how it is now
