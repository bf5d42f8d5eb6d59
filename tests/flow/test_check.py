"""ldap2alma check: what is doubtful in mappings, and in what they make of the people of an LDIF."""

import json
import os

import pytest

from feed import MAPPING, Feed

MANY = """\
mapping: 1
match_id: primary_id
select: (!(employeeType=guest))
require: [last_name]
user:
  primary_id: ${uid | lower}
  first_name: ${givenName}
  last_name: ${sn}
  job_description: ${titel}, ${title}
  expiry_date: ${schacExpiryDate | generalized_time}
  user_group:
    - when: (titel=Dr.)
      value: STAFF
    - PATRON
  user_identifiers:
    - id_type: BARCODE
      value: ${employeeNumber}
    - id_type: UNIV_ID
      value: ${studentNumber}
"""


def entry(number, *lines):
    return "\n".join([f"dn: uid=P{number},dc=example", f"uid: P{number}", *lines]) + "\n\n"


PEOPLE = (entry(1, "sn: Ruiz", "sn: Ortega", "title: Dean", "employeeNumber: x1",
                "studentNumber: X1")
          + entry(2, "sn: Cole", "sn: Coleman", "sn: Colman", "employeeNumber: P2",
                  "givenName: Bob", "schacExpiryDate: never")
          + entry(3, "sn: Ngata", "employeeNumber: X3", "studentNumber: x3",
                  "schacExpiryDate: 20270831000000Z")
          + entry(4, "givenName: No")
          + entry(5, "givenName: Nil")
          + entry(6, "employeeType: guest")
          + entry(7, "sn: Fit", "employeeNumber: X7"))


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    return Feed(tmp_path, mapping=MANY, people=PEOPLE)


def check(feed, *arguments, status=0):
    """What is said of mapping and people; test_probes.py is about the rest."""
    result = feed.run(*arguments, command="check")
    assert (result.returncode, result.stderr) == (status, "")
    return "".join(line for line in result.stdout.splitlines(keepends=True)
                   if not line.startswith("ok: "))


def test_one_line_for_each_place(feed):
    assert check(feed) == """\
mapping.yaml:4:11: rejected: no value for 'last_name', which the mapping requires: 2 people, \
such as 'uid=P4,dc=example' (required)
mapping.yaml:8:14: warning: 'sn' has 2 values, of which 'last_name' takes the first in byte \
order: 2 people, such as 'uid=P1,dc=example' (several_values)
mapping.yaml:9:22: warning: no entry of 'people.ldif' has the attribute 'titel': it is \
misspelled, or without use (unknown_attribute)
mapping.yaml:10:16: warning: 'never' was left out: not a GeneralizedTime, such as \
20260901000000Z: 1 person, 'uid=P2,dc=example' (unreadable)
mapping.yaml:12:14: warning: no entry of 'people.ldif' has the attribute 'titel': it is \
misspelled, or without use (unknown_attribute)
mapping.yaml:17:14: rejected: primary_id 'p2' and BARCODE 'P2' are the same to Alma: 1 person, \
'uid=P2,dc=example' (twice_in_record)
mapping.yaml:19:14: rejected: BARCODE 'x1' and UNIV_ID 'X1' are the same to Alma: 2 people, \
such as 'uid=P1,dc=example' (twice_in_record)
7 entries of 'people.ldif': 1 would be sent, 1 skipped, 5 rejected; 4 warnings
"""


def test_what_the_mapping_alone_shows_is_told_beside_what_it_does(feed):
    feed.write("mapping.yaml", MANY.replace("studentNumber", "uid"))
    result = feed.run(command="check")
    lines = [line for line in result.stdout.splitlines() if line.startswith("mapping.yaml:19:14: ")]
    assert [line[line.rindex(" "):] for line in lines] == [" (twice_in_record)", " (same_identifier)"]
    assert "people, such as" in lines[0] and "people" not in lines[1]
    assert (result.returncode, result.stderr) == (
        65, "ldap2alma: nobody of 'people.ldif' would be sent: a run would deliver nothing\n"
        "Look at the searches, and at 'select' and 'require' of the mapping.\n")


def test_json_has_the_same(feed):
    shown = json.loads(check(feed, "--format", "json"))
    assert {key: shown[key] for key in ("mappings", "source", "read", "skipped", "rejected",
                                        "fit")} == {
        "mappings": 1, "source": "people.ldif", "read": 7, "skipped": 1, "rejected": 5, "fit": 1}
    assert [(finding["code"], finding["severity"], finding["line"], finding["people"])
            for finding in shown["findings"]] == [
        ("required", "reject", 4, 2), ("several_values", "warning", 8, 2),
        ("unknown_attribute", "warning", 9, 0), ("unreadable", "warning", 10, 1),
        ("unknown_attribute", "warning", 12, 0), ("twice_in_record", "reject", 17, 1),
        ("twice_in_record", "reject", 19, 2)]
    assert shown["findings"][1] == {
        "code": "several_values", "severity": "warning", "file": "mapping.yaml", "line": 8,
        "column": 14, "people": 2, "example": "uid=P1,dc=example",
        "text": "'sn' has 2 values, of which 'last_name' takes the first in byte order"}


def test_nothing_doubtful(tmp_path):
    feed = Feed(tmp_path, mapping=MAPPING.replace("select: (!(employeeType=guest))\n", ""))
    assert check(feed, "--strict") == (
        "2 entries of 'people.ldif': 2 would be sent, 0 skipped, 0 rejected; 0 warnings\n")


def test_strict_prints_what_it_found(feed):
    result = feed.run("--strict", command="check")
    assert result.returncode == 65
    assert "(several_values)\n" in result.stdout
    assert result.stderr == "ldap2alma: the check found something, and it is strict\n"


def test_it_is_no_run(feed):
    before = sorted(os.listdir(feed.folder))
    check(feed)
    assert sorted(os.listdir(feed.folder)) == before
    assert feed.packages() == []


def test_mappings_alone_need_no_settings(feed):
    (feed.folder / "ldap2alma.yaml").unlink()
    assert check(feed, "mapping.yaml") == "1 mapping without faults; 0 warnings\n"
    feed.write("other.yaml", MAPPING)
    assert check(feed, "--strict", "mapping.yaml", "other.yaml") == (
        "2 mappings without faults; 0 warnings\n")


def test_records_of_ldif_that_cannot_be_read(feed):
    feed.write("people.ldif", "dn: uid=bad,dc=example\nuid P7\n\n" + PEOPLE)
    text = check(feed)
    assert ("rejected: 'people.ldif', record at line 1: " in text
            and ": 1 person, 'uid=bad,dc=example' (bad_entry)\n" in text)
    assert text.endswith(
        "8 entries of 'people.ldif': 1 would be sent, 1 skipped, 6 rejected; 4 warnings\n")


def test_many_people_are_a_few_lines(tmp_path):
    feed = Feed(tmp_path, mapping=MANY,
                people="".join(entry(number, "sn: A", "sn: B") for number in range(5000)))
    lines = check(feed).splitlines()
    assert len(lines) < 12
    assert any(": 5000 people, such as 'uid=P0,dc=example' (several_values)" in line
               for line in lines)
    assert lines[-1].startswith("5000 entries of 'people.ldif': 5000 would be sent, ")


def test_many_places_are_many_lines(tmp_path):
    mapping = MANY + "  user_notes:\n" + "".join(
        f"    - {{ note_type: N{number}, note_text: \"${{sn}}\" }}\n" for number in range(100))
    feed = Feed(tmp_path, mapping=mapping, people=entry(1, "sn: A", "sn: B") + entry(2, "sn: C"))
    lines = [line for line in check(feed).splitlines() if "user_notes.note_text" in line]
    assert [line.split(":")[1] for line in lines] == [str(number) for number in range(21, 121)]
    assert all(line.endswith(": 1 person, 'uid=P1,dc=example' (several_values)")
               for line in lines)


def test_nothing_of_the_directory_moves_the_cursor(feed):
    feed.write("people.ldif", "dn:: dWlkPRtbMko=\nuid: x\nsn: A\nsn: B\n")  # uid=ESC[2J
    text = check(feed)
    assert "such as" not in text and "person, 'uid=\\x1b[2J'" in text
