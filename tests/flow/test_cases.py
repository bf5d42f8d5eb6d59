"""Mapping tests: what `ldap2alma test` says of cases that pass and fail, in each format."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

from feed import Feed

MAPPING = """\
mapping: 1
match_id: primary_id
select: (!(employeeType=guest))
require: [last_name]
tables:
  groups: { staff: STAFF, faculty: FACULTY, student: STUDENT }
user:
  primary_id: ${uid | lower}
  last_name: ${sn}
  job_description: ${title}
  user_group:
    - when: (memberOf=cn=library,dc=example,dc=edu)
      value: LIBSTAFF
    - ${employeeType | lookup groups}
    - PUBLIC
  expiry_date:
    - ${expires | generalized_time}
    - ${today | next 08-31}
  emails:
    - email_address: ${mail}
      email_types: [work]
    - email_address: ${homeMail}
      email_types: [personal]
"""

HEAD = "mapping: mapping.yaml\ntoday: 2026-09-01\ncases:\n"

GOOD = """\
  - name: a professor
    entry: |
      dn: uid=ARuiz,dc=example,dc=edu
      uid: ARuiz
      sn: Ruiz
      employeeType: Faculty
      mail: a@example.edu
    expect:
      primary_id: aruiz
      user_group: FACULTY
      expiry_date: 2027-08-31
      emails[work]: a@example.edu
      emails[1].preferred: true
      emails.count: 1
    absent: [phones, "emails[personal]", job_description]
    finding: none
"""

BAD = """\
  - name: 'a pupil #1 & "co"'
    entry: |
      dn: uid=p,dc=example,dc=edu
      uid: p
      sn: Pascal
      employeeType: pupil
      mail: p@example.edu
      expires: soon
    expect:
      user_group: STUDENT
      job_description: Pupil
      emails[personal]: p@example.com
      gender: F
    absent: [emails]
    finding: bad_text
"""

BAD_TEXT = """\
people.test.yaml
  ok    a professor
  FAIL  a pupil #1 & "co"
        people.test.yaml:20:5
        finding
          expected  bad_text
          got       unreadable expiry_date
        user_group
          expected  STUDENT
          got       PUBLIC
          mapping.yaml:12:7: LIBSTAFF: (memberOf=cn=library,dc=example,dc=edu) does not hold
          mapping.yaml:14:7: ${employeeType | lookup groups}: 'lookup groups' leaves nothing of 'pupil'
          mapping.yaml:15:7: PUBLIC: taken
        job_description
          expected  Pupil
          got       (no value)
          mapping.yaml:10:20: ${title}: 'title' has no value
        emails[personal]
          expected  p@example.com
          got       (no value)
          mapping.yaml:20:7: this item is made
          mapping.yaml:22:7: this item is not made: no value for 'emails.email_address'
          mapping.yaml:22:22: ${homeMail}: 'homeMail' has no value
        gender
          expected  F
          got       (no value)
          mapping.yaml: no rule for 'gender'
        emails
          expected  (no value)
          got       p@example.edu
          mapping.yaml:20:7: this item is made
          mapping.yaml:22:7: this item is not made: no value for 'emails.email_address'
          mapping.yaml:22:22: ${homeMail}: 'homeMail' has no value
        note: unreadable expiry_date (mapping.yaml:17:7): 'soon' was left out: not a GeneralizedTime, \
such as 20260901000000Z
2 cases: 1 passed, 1 failed
"""


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    return Feed(tmp_path, mapping=MAPPING)


def run_cases(feed, cases, *options, head=HEAD, shared=()):
    feed.write("people.test.yaml", head + cases)
    return feed.run(*options, "people.test.yaml", command="test", shared=shared)


def test_cases_pass(feed):
    result = run_cases(feed, GOOD)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "people.test.yaml\n  ok    a professor\n1 case: 1 passed, 0 failed\n"


def test_a_failure_shows_expected_and_got_and_the_rules(feed):
    result = run_cases(feed, GOOD + BAD)
    assert (result.returncode, result.stderr) == (65, "")
    assert result.stdout == BAD_TEXT


def test_a_rejection_shows_what_was_tried_for_the_missing_field(feed):
    feed.write("mapping.yaml", MAPPING.replace("[last_name]", "[emails.email_address, last_name]"))
    case = "  - name: NAME\n    entry: |\n      dn: uid=x\n      uid: x\n      MORE\n" \
           "    expect: { primary_id: x }\n"
    result = run_cases(feed, case.replace("NAME", "no mail").replace("MORE", "sn: X")
                       + case.replace("NAME", "no name").replace("MORE", "mail: x@example.edu"))
    assert (result.returncode, result.stderr) == (65, "")
    assert result.stdout == """\
people.test.yaml
  FAIL  no mail
        people.test.yaml:4:5
        outcome
          expected  a record
          got       rejected: required emails.email_address
          mapping.yaml:20:7: this item is not made: no value for 'emails.email_address'
          mapping.yaml:20:22: ${mail}: 'mail' has no value
          mapping.yaml:22:7: this item is not made: no value for 'emails.email_address'
          mapping.yaml:22:22: ${homeMail}: 'homeMail' has no value
        note: required emails.email_address (mapping.yaml:4:11): no value for 'emails.email_address', \
which the mapping requires
  FAIL  no name
        people.test.yaml:10:5
        outcome
          expected  a record
          got       rejected: required last_name
          mapping.yaml:9:14: ${sn}: 'sn' has no value
        note: required last_name (mapping.yaml:4:33): no value for 'last_name', which the mapping requires
2 cases: 0 passed, 2 failed
"""


def test_the_condition_of_the_rule_that_gave_the_value_is_shown(feed):
    result = run_cases(feed, GOOD.replace("mail: a@", "memberOf: cn=library,dc=example,dc=edu\n"
                                          "      mail: a@"))
    assert "mapping.yaml:12:7: LIBSTAFF: (memberOf=cn=library,dc=example,dc=edu) holds\n" \
        in result.stdout


def test_an_item_that_is_not_made_says_why(feed):
    feed.write("mapping.yaml", MAPPING + """\
  phones:
    - when: (employeeType=staff)
      phone_number: ${telephoneNumber}
      phone_types: [office]
    - each: ${mobile | digits}
      phone_number: ${each}
      phone_types: [mobile]
""")
    result = run_cases(feed, GOOD.replace("      mail:", "      mobile: none\n      mail:")
                       .replace("    expect:", "    expect:\n      phones.count: 1"))
    assert result.returncode == 65
    assert result.stdout.partition("got       0\n")[2] == """\
          mapping.yaml:25:7: this item is not made: (employeeType=staff) does not hold
          mapping.yaml:28:7: this item is not made: no value for 'phones.each'
          mapping.yaml:28:7: ${mobile | digits}: 'digits' leaves nothing of 'none'
1 case: 0 passed, 1 failed
"""


def test_quiet_shows_failures_alone(feed):
    result = run_cases(feed, GOOD, shared=["-q"])
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    result = run_cases(feed, GOOD + BAD, shared=["-q"])
    assert result.returncode == 65
    assert result.stdout == BAD_TEXT.replace("  ok    a professor\n", "")


def test_colors_are_only_added(feed):
    result = run_cases(feed, GOOD + BAD, "--format", "color")
    assert "\033[31mFAIL\033[0m" in result.stdout
    assert re.sub("\033\\[[0-9]*m", "", result.stdout) == BAD_TEXT


def parse_tap(text):
    """The test points [(ok, description, details)] of a TAP 14 stream, strictly."""
    lines = text.splitlines()
    assert lines[0] == "TAP version 14"
    plan = re.fullmatch(r"1\.\.(\d+)", lines[1])
    points, details = [], None
    for line in lines[2:]:
        if details is not None:
            assert line.startswith("  ")
            if line == "  ...":
                details = None
            else:
                details.append(line[2:])
        elif line == "  ---":
            details = points[-1][2]
        elif not line.startswith("#"):
            point = re.fullmatch(r"(not )?ok (\d+) - ((?:[^#\\]|\\[#\\])+)", line)
            assert int(point[2]) == len(points) + 1
            points.append((not point[1], re.sub(r"\\(.)", r"\1", point[3]), []))
    assert details is None and len(points) == int(plan[1])
    return points


def test_tap(feed):
    result = run_cases(feed, GOOD + BAD, "--format", "tap")
    assert (result.returncode, result.stderr) == (65, "ldap2alma: 1 of 2 cases failed\n")
    good, bad = parse_tap(result.stdout)
    assert good == (True, "people.test.yaml: a professor", [])
    assert bad[:2] == (False, 'people.test.yaml: a pupil #1 & "co"')
    assert "not ok 2 - people.test.yaml: a pupil \\#1 & \"co\"" in result.stdout.splitlines()
    assert bad[2][:9] == [
        'at: "people.test.yaml:20:5"',
        'differences:',
        '  - what: "finding"',
        '    at: "people.test.yaml:34:14"',
        '    expected: "bad_text"',
        '    got: "unreadable expiry_date"',
        '  - what: "user_group"',
        '    at: "people.test.yaml:29:7"',
        '    expected: "STUDENT"',
    ]
    assert '    got: ~' in bad[2]
    for line in bad[2]:  # every scalar is one that JSON and YAML read alike
        value = re.sub(r"^ *(- )?(\w+:)? ?", "", line)
        assert value in ("", "~") or isinstance(json.loads(value), str)


def test_junit(feed):
    etree = pytest.importorskip("lxml.etree")
    result = run_cases(feed, GOOD + BAD, "--format", "junit")
    assert (result.returncode, result.stderr) == (65, "ldap2alma: 1 of 2 cases failed\n")
    suites = etree.fromstring(result.stdout.encode())
    assert suites.tag == "testsuites"
    (suite,) = suites
    assert dict(suite.attrib) == {"name": "people.test.yaml", "tests": "2", "failures": "1",
                                  "errors": "0", "skipped": "0", "time": "0"}
    good, bad = suite
    assert dict(good.attrib) == {"name": "a professor", "classname": "people.test.yaml",
                                 "file": "people.test.yaml", "line": "4", "time": "0"}
    assert len(good) == 0
    assert (bad.get("name"), bad.get("line")) == ('a pupil #1 & "co"', "20")
    failure, out = bad
    assert failure.tag == "failure" and failure.get("type") == "difference"
    assert failure.get("message") == ("wrong: finding, user_group, job_description, "
                                      "emails[personal], gender, emails")
    details = BAD_TEXT.partition(":20:5\n")[2].partition("        note:")[0]
    assert failure.text == re.sub("^ {8}", "", details, flags=re.M)
    assert out.tag == "system-out" and out.text.startswith("unreadable expiry_date (mapping.yaml:17:7)")


def test_the_wrong_outcome_is_shown(feed):
    result = run_cases(feed, """\
  - name: no last name
    entry: "dn: uid=a\\nuid: a"
    expect: { primary_id: a }
  - name: rejected for another reason
    entry: "dn: uid=a\\nuid: a"
    rejected: match_id
  - name: another field is required
    entry: "dn: uid=a\\nuid: a"
    rejected: required user_group
  - name: as it is
    entry: "dn: uid=a\\nuid: a"
    rejected: required last_name
  - name: no match identifier
    entry: "dn: uid=a\\nsn: a"
    rejected: match_id
  - name: a guest
    entry: "dn: uid=a\\nemployeeType: Guest"
    skipped: true
  - name: a guest is no record
    entry: "dn: uid=a\\nemployeeType: Guest"
    absent: [phones]
  - name: nobody is skipped
    entry: "dn: uid=a\\nuid: a\\nsn: A"
    skipped: true
  - name: nobody is rejected
    entry: "dn: uid=a\\nuid: a\\nsn: A"
    rejected: match_id
  - name: findings that nobody may have
    entry: "dn: uid=a\\nuid: a\\nsn: A\\nexpires: x"
    finding: none
""", "--format", "tap")
    assert [line.strip() for line in result.stdout.splitlines() if "mapping.yaml:3:9" in line] == [
        '- "mapping.yaml:3:9: (!(employeeType=guest)): does not match"',
        '- "mapping.yaml:3:9: (!(employeeType=guest)): matches"']
    outcomes = [(ok, [line.strip() for line in details if re.match(" *(expected|got):", line)])
                for ok, _, details in parse_tap(result.stdout)]
    assert outcomes == [
        (False, ['expected: "a record"', 'got: "rejected: required last_name"']),
        (False, ['expected: "rejected: match_id"', 'got: "rejected: required last_name"']),
        (False, ['expected: "rejected: required user_group"', 'got: "rejected: required last_name"']),
        (True, []),
        (True, []),
        (True, []),
        (False, ['expected: "a record"', 'got: "skipped"']),
        (False, ['expected: "skipped"', 'got: "a record"']),
        (False, ['expected: "rejected: match_id"', 'got: "a record"']),
        (False, ['expected: "none"', 'got: "unreadable expiry_date"']),
    ]


RECORD = """\
<user><record_type>PUBLIC</record_type>
  <primary_id>a</primary_id> <last_name>A &amp; B</last_name>
  <!-- nobody is a member -->
  <user_group>PUBLIC</user_group><expiry_date>2027-08-31Z</expiry_date>
  <contact_info><emails>
    <email segment_type='External' preferred="true">
      <email_address>a@example.edu</email_address><email_types><email_type>work</email_type></email_types>
    </email>
  </emails></contact_info>
</user>
"""


def test_records_compare_without_their_form(feed):
    entry = "    entry: \"dn: uid=a\\nuid: a\\nsn: A & B\\nmail: a@example.edu\"\n"
    inline = "  - name: inline\n" + entry + "    xml: |\n" + re.sub("^", "      ", RECORD, flags=re.M)
    result = run_cases(feed, inline)
    assert (result.returncode, result.stderr) == (0, "")
    feed.write("a.xml", RECORD)
    result = run_cases(feed, "  - name: a file\n" + entry + "    xml: { file: a.xml }\n")
    assert (result.returncode, result.stderr) == (0, "")
    feed.write("a.xml", RECORD.replace("work", "home").replace("<user_group>PUBLIC</user_group>", ""))
    result = run_cases(feed, "  - name: a file\n" + entry + "    xml: { file: a.xml }\n")
    assert result.returncode == 65
    assert result.stdout == """\
people.test.yaml
  FAIL  a file
        people.test.yaml:4:5
        xml
          +   <user_group>PUBLIC</user_group>
          -           <email_type>home</email_type>
          +           <email_type>work</email_type>
1 case: 0 passed, 1 failed
"""
    result = run_cases(feed, inline.replace("PUBLIC</record", "STAFF</record"),
                       head="record_type: STAFF\n" + HEAD)
    assert (result.returncode, result.stderr) == (0, "")


def test_entries_come_from_files(feed):
    result = run_cases(feed, """\
  - name: by its name
    dn: UID=bcole,ou=people,dc=example,dc=edu
    expect: { primary_id: bcole, last_name: Cole }
  - name: the only one
    ldif: one.ldif
    expect: { last_name: Léa }
""", head="ldif: people.ldif\n" + HEAD)
    assert result.returncode == 78
    assert "cannot read 'one.ldif'" in result.stderr
    feed.write("one.ldif", "version: 1\n\ndn: uid=lea\nuid: lea\nsn: Léa\n")
    result = feed.run("people.test.yaml", command="test")
    assert (result.returncode, result.stderr) == (0, "")


def test_day_and_time_are_those_of_the_file(feed):
    feed.write("mapping.yaml", MAPPING.replace("${title}", "${today} ${now}"))
    case = "  - { name: x, entry: \"dn: uid=a\\nuid: a\\nsn: A\", expect: { job_description: %s } }\n"
    assert run_cases(feed, case % "2026-09-01 2026-09-01T00:00:00Z").returncode == 0
    result = run_cases(feed, case % "2026-09-01 2026-08-31T22:15:16Z",
                       head=HEAD.replace("cases", "now: 2026-08-31T22:15:16Z\ncases"))
    assert (result.returncode, result.stderr) == (0, "")


def test_what_values_hold_does_no_harm_to_a_report(feed):
    etree = pytest.importorskip("lxml.etree")
    case = """\
  - name: signs
    entry: |
      dn: uid=a
      uid: a
      sn:: %s
    expect: { last_name: '<&>"\\' }
""" % "PCY+Il0qXCfigK4jIO+/vQ=="
    text = run_cases(feed, case).stdout
    assert "got       <&>\"]*\\'\\u{202e}# \ufffd\n" in text
    junit = run_cases(feed, case, "--format", "junit").stdout
    failure = etree.fromstring(junit.encode()).find(".//failure")
    assert failure.text in text.replace("\n        ", "\n")
    (point,) = parse_tap(run_cases(feed, case, "--format", "tap").stdout)
    got = next(line for line in point[2] if line.startswith("    got: "))
    assert json.loads(got[9:]) == "<&>\"]*\\'\\u{202e}# \ufffd"


def test_what_a_mapping_holds_does_no_harm_to_a_report(feed):
    etree = pytest.importorskip("lxml.etree")
    feed.write("signs.yaml", "mapping: 1\nmatch_id: primary_id\nuser:\n  primary_id: ${uid}\n"
               """  last_name: "${sn | extract 'q\\e\\u202e\\uFFFE'}"\n""")
    case = ("  - name: signs\n    entry: |\n      dn: uid=a\n      uid: a\n      sn: b\n"
            """    expect: { last_name: "\\uFFFFc" }\n""")
    head = HEAD.replace("mapping.yaml", "signs.yaml")
    for form in ("text", "tap", "junit"):
        text = run_cases(feed, case, "--format", form, head=head).stdout
        assert "leaves nothing of" in text and not set(text) & set("\x1b\u202e\ufffe\uffff")
    assert etree.fromstring(text.encode()).find(".//failure") is not None


def test_coverage_names_what_no_case_reached(feed):
    result = run_cases(feed, GOOD, "--coverage")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == """\
people.test.yaml
  ok    a professor
1 case: 1 passed, 0 failed
coverage of mapping.yaml: 8 of 17 parts, 47.0 %
  mapping.yaml:6:13: row of groups: staff
  mapping.yaml:6:45: row of groups: student
  mapping.yaml:10:20: alternative of job_description: ${title}
  mapping.yaml:12:7: alternative of user_group: LIBSTAFF
  mapping.yaml:15:7: alternative of user_group: PUBLIC
  mapping.yaml:17:7: alternative of expiry_date: ${expires | generalized_time}
  mapping.yaml:22:7: item of emails
  mapping.yaml:22:22: alternative of emails.email_address: ${homeMail}
  mapping.yaml:23:21: alternative of emails.email_types: personal
"""


MORE = """\
  - name: a librarian
    entry: |
      dn: uid=b
      uid: b
      sn: B
      title: Dr.
      memberOf: cn=Library, dc=example, dc=edu
      expires: 20270101000000Z
      homeMail: b@example.com
    expect: { user_group: LIBSTAFF }
  - { name: staff, entry: "dn: uid=c\\nuid: c\\nsn: C\\nemployeeType: staff", expect: { user_group: STAFF } }
  - { name: a student, entry: "dn: uid=d\\nuid: d\\nsn: D\\nemployeeType: STUDENT",
      expect: { user_group: STUDENT } }
"""


def test_coverage_is_that_of_all_files_of_a_mapping(feed):
    feed.write("more.test.yaml", HEAD.replace("mapping.yaml", "./mapping.yaml") + MORE)
    feed.write("last.test.yaml", HEAD + """\
  - { name: a visitor, entry: "dn: uid=e\\nuid: e\\nsn: E", expect: { user_group: PUBLIC } }
""")
    result = run_cases(feed, GOOD, "more.test.yaml", "--coverage", "--coverage-min", "95")
    assert result.returncode == 65
    assert result.stdout.endswith("""\
4 cases: 4 passed, 0 failed
coverage of ./mapping.yaml: 16 of 17 parts, 94.1 %, less than 95 %
  mapping.yaml:15:7: alternative of user_group: PUBLIC
""".replace("  mapping", "  ./mapping"))
    assert run_cases(feed, GOOD, "more.test.yaml", "--coverage-min", "94").returncode == 0
    result = run_cases(feed, GOOD, "more.test.yaml", "last.test.yaml", "--coverage-min", "100")
    assert (result.returncode, result.stderr) == (0, "")
    assert "coverage" not in result.stdout


def test_coverage_in_formats_for_programs(feed):
    etree = pytest.importorskip("lxml.etree")
    tap = run_cases(feed, GOOD, "--coverage", "--format", "tap").stdout
    assert len(parse_tap(tap)) == 1
    assert "# coverage of mapping.yaml: 8 of 17 parts, 47.0 %\n# mapping.yaml:6:13: row of" in tap
    result = run_cases(feed, GOOD, "--coverage-min", "48", "--format", "tap")
    assert result.returncode == 65
    assert result.stderr == "ldap2alma: the cases reach less than 48 % of 'mapping.yaml'\n"
    assert parse_tap(result.stdout)[1] == (
        False, "coverage of mapping.yaml: 8 of 17 parts, 47.0 %, less than 48 %", [])
    assert "# mapping.yaml" not in result.stdout
    result = run_cases(feed, GOOD, "--coverage-min", "47", "--format", "tap")
    assert result.returncode == 0
    assert parse_tap(result.stdout)[1][0]
    for minimum, tag in (("47", "system-out"), ("48", "failure")):
        result = run_cases(feed, GOOD, "--coverage-min", minimum, "--format", "junit")
        suite = etree.fromstring(result.stdout.encode())[1]
        assert suite.get("failures") == str(int(tag == "failure"))
        assert suite[0].get("classname") == "mapping.yaml"
        assert suite[0][0].tag == tag
        assert len(suite[0][0].text.splitlines()) == 10


def test_files_are_found_beside_the_mapping(feed):
    (feed.folder / "more").mkdir()
    for name in ("b.test.yaml", "a.test.yaml", ".c.test.yaml", "d.yaml", "more/e.test.yaml"):
        feed.write(name, HEAD.replace("mapping.yaml", "../mapping.yaml" if "/" in name else "mapping.yaml")
                   + GOOD)
    names = re.compile("^[^ ]*test.yaml$", flags=re.M)
    assert names.findall(feed.run(command="test").stdout) == ["a.test.yaml", "b.test.yaml"]
    assert names.findall(feed.run("more", "b.test.yaml", ".", command="test").stdout) == [
        "more/e.test.yaml", "b.test.yaml", "a.test.yaml", "b.test.yaml"]


def test_cases_are_chosen_by_name(feed):
    def chosen(pattern):
        return re.findall("^  ok    (.*)$", run_cases(feed, GOOD + MORE, "--case", pattern).stdout,
                          flags=re.M)
    assert chosen("PROF") == ["a professor"]
    assert chosen("st[au]") == ["staff", "a student"]
    assert chosen("a *ian") == ["a librarian"]
    assert run_cases(feed, GOOD, "--case", "nobody").returncode == 64


def test_cases_go_the_way_of_a_run(tmp_path, people_ldif, university_mapping):
    """Whatever a run makes of a person is what a case expects of the same entry."""
    ldif = people_ldif(300, "--defects=all")
    feed = Feed(tmp_path, people=ldif, mapping=university_mapping)
    assert feed.run().returncode == 0
    rejected = {finding["dn"]: finding for finding in feed.report["findings"]
                if finding["severity"] == "reject" and finding["dn"]}
    held = {finding["dn"] for finding in feed.report["findings"] if finding["severity"] == "hold"}
    users = {user.findtext("primary_id"): user for user in feed.users()}
    cases, sent, refused = [], 0, 0
    for entry in re.split(rb"\n\n+", re.sub(rb"\n ", b"", ldif)):
        dn = re.search(rb"^dn: (.*)$", entry, flags=re.M)
        name = re.search(rb"^eduPersonPrincipalName: (.*)$", entry, flags=re.M)
        if not dn or dn[1].decode() in held:
            continue
        dn, name = dn[1].decode(), name[1].decode().lower() if name else None
        case = f"  - name: {json.dumps(dn)}\n    dn: {json.dumps(dn)}\n"
        if dn in rejected:
            refused += 1
            cases.append(case + f"    rejected: {rejected[dn]['code']}\n")
        elif name in users:
            sent += 1
            feed.write(f"{sent}.xml", ElementTree.tostring(users[name]))
            cases.append(case + f"    xml: {{ file: {sent}.xml }}\n")
    assert sent > 100 and refused > 3
    head = "ldif: people.ldif\n" + HEAD.replace("2026-09-01", feed.report["started"][:10])
    result = run_cases(feed, "".join(cases), head=head, shared=["-q"])
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
