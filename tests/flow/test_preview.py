"""ldap2alma preview: one person, from LDIF; what is shown is what a run sends."""

import base64
import json
import os
import unicodedata
import xml.etree.ElementTree as ElementTree

import pytest

from feed import PROGRAM, Feed
from terminal import COLOR, on_terminal, without_color

MAPPING = """\
mapping: 1
match_id: primary_id
select: (!(employeeType=guest))
tables:
  groups: { staff: STAFF }
define:
  place: ${homePostalAddress | line 2}
require: [last_name]
user:
  primary_id: ${uid | lower}
  first_name: ${givenName}
  last_name: ${sn}
  user_group:
    - when: (memberOf=cn=library,dc=example,dc=edu)
      value: LIBSTAFF
    - ${employeeType | lookup groups}
    - COMMUNITY
  web_site_url: ${labeledURI}
  job_description: ${define.place | upper}
  emails:
    - each: ${mail | lower}
      email_address: ${each}
      email_types: [work]
  user_identifiers:
    - id_type: BARCODE
      value: ${employeeNumber}
    - id_type: OTHER_ID
      value: ${objectGUID | guid}
"""

ANA = """\
dn: uid=ARuiz,ou=people,dc=example,dc=edu
uid: ARuiz
givenName: Ana
sn: Ruiz
employeeType: visitor
employeeNumber: B4711
homePostalAddress: 1 Elm Street$Springfield
mail: a.ruiz@example.edu
mail: Ana@example.com
"""

PEOPLE = ANA + """
dn: uid=guest1,ou=people,dc=example,dc=edu
uid: guest1
sn: Guest
employeeType: guest

dn: uid=nobody,ou=people,dc=example,dc=edu
uid: nobody
givenName: No

dn: cn=Cole\\, Bob + uid=bcole,ou=people,dc=example,dc=edu
uid: bcole
sn: Cole
objectGUID:: AAECAwQFBgcICQoLDA0ODw==
"""


@pytest.fixture(name="feed")
def make_feed(tmp_path):
    return Feed(tmp_path, mapping=MAPPING, people=PEOPLE)


def preview(feed, *arguments, **options):
    result = feed.run(*arguments, command="preview", **options)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def person(feed, who):
    shown = json.loads(preview(feed, "--format", "json", who))
    found, = shown["people"]
    assert (shown["who"], shown["more"], shown["repeated"]) == (who, 0, 0)
    assert (shown["source"], shown["mapping"]) == ("people.ldif", "mapping.yaml")
    return found


def fields(found):
    return {field["field"]: field for field in found["fields"]}


@pytest.mark.parametrize("who", [
    "aruiz", "ARUIZ", "  aruiz ", "uid=ARuiz,ou=people,dc=example,dc=edu",
    "UID = aruiz , OU=People, dc=example,dc=edu", "(uid=aruiz)", "(&(sn=ruiz)(!(sn=cole)))",
    "(mail=*@EXAMPLE.com)"])
def test_a_person_is_found(feed, who):
    found = person(feed, who)
    assert found["dn"] == "uid=ARuiz,ou=people,dc=example,dc=edu"
    assert (found["verdict"], found["match_id"], found["found_as"]) == ("sent", "aruiz", None)


def test_a_name_with_escapes_is_found(feed):
    for who in ("cn=Cole\\, Bob+uid=bcole,ou=people,dc=example,dc=edu",
                "UID=BCole+CN=cole\\2C  bob,ou=people,dc=example,dc=edu"):
        assert person(feed, who)["match_id"] == "bcole"


def test_another_identifier_finds_too_and_is_told(feed):
    found = person(feed, "b4711")
    assert (found["match_id"], found["found_as"]) == ("aruiz", "user_identifiers[BARCODE]")
    assert "what was asked for is its user_identifiers[BARCODE]\n" in preview(feed, "b4711")


def test_attributes_are_those_of_the_mapping(feed):
    attributes = person(feed, "aruiz")["attributes"]
    assert sorted(attributes) == [
        "employeeNumber", "employeeType", "givenName", "homePostalAddress", "labeledURI", "mail",
        "memberOf", "objectGUID", "sn", "uid"]
    assert attributes["mail"] == ["a.ruiz@example.edu", "Ana@example.com"]
    assert attributes["memberOf"] == []


def test_a_filter_adds_its_attributes(feed):
    assert person(feed, "(&(uid=aruiz)(!(l=*)))")["attributes"]["l"] == []


def test_bytes_are_shown_as_such(feed):
    guid = bytes(range(16))
    found = person(feed, "bcole")
    assert found["attributes"]["objectGUID"] == [
        {"base64": base64.b64encode(guid).decode(), "bytes": 16}]
    assert "  objectGUID  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n" in preview(feed, "bcole")


def test_every_field_tells_its_rule_and_its_way(feed):
    found = fields(person(feed, "aruiz"))
    assert found["primary_id"] == {
        "field": "primary_id", "value": "aruiz", "rule": "mapping.yaml:10",
        "template": "${uid | lower}", "tried": [],
        "steps": [{"kind": "source", "text": "uid", "values": ["ARuiz"]},
                  {"kind": "transform", "text": "lower", "values": ["aruiz"]}]}
    group = found["user_group"]
    assert (group["value"], group["rule"]) == ("COMMUNITY", "mapping.yaml:17")
    assert [(tried["rule"], tried["outcome"]) for tried in group["tried"]] == [
        ("mapping.yaml:14", "unmet"), ("mapping.yaml:16", "no_value")]
    assert group["tried"][0]["when"] == "(memberOf=cn=library,dc=example,dc=edu)"
    assert group["tried"][1]["steps"][1] == {
        "kind": "transform", "text": "lookup groups", "values": []}
    job, = [step for step in found["job_description"]["steps"] if step["kind"] == "source"]
    assert job["from"]["field"] == "define.place"
    assert job["from"]["tried"][0]["steps"][1]["values"] == ["Springfield"]


def test_a_field_without_value_tells_why(feed):
    field = fields(person(feed, "aruiz"))["web_site_url"]
    assert (field["value"], field["rule"]) == (None, None)
    assert [tried["outcome"] for tried in field["tried"]] == ["no_value"]


def test_items_are_counted_and_absent_ones_told(feed):
    found = person(feed, "aruiz")
    shown = fields(found)
    assert shown["emails[1].email_address"]["value"] == "a.ruiz@example.edu"
    assert shown["emails[2].email_address"]["value"] == "ana@example.com"
    assert shown["emails[1].email_types"]["value"] == ["work"]
    assert shown["emails[1].email_types"]["rule"] == "mapping.yaml:23"
    assert [shown[f"emails[{i}].preferred"]["value"] for i in (1, 2)] == ["true", "false"]
    assert shown["emails[1].segment_type"]["value"] == "External"
    assert shown["record_type"]["value"] == "PUBLIC" and shown["record_type"]["rule"] is None
    assert "user_identifiers[2].value" not in shown
    absent, = found["absent"]
    assert (absent["field"], absent["rule"]) == ("user_identifiers", "mapping.yaml:27")
    assert (absent["when"], absent["lacking"]) == (None, "user_identifiers.value")
    assert [(tried["template"], tried["outcome"]) for tried in absent["tried"]] \
        == [("${objectGUID | guid}", "no_value")]


def test_the_record_is_what_a_run_sends(feed):
    assert feed.run().returncode == 0
    package, = feed.packages()
    os.system(f"cd {feed.folder} && unzip -q {package}")
    document = (feed.folder / "users-0001.xml").read_text()
    records = [person(feed, who)["xml"] for who in ("aruiz", "bcole")]
    assert document.partition("<users>\n")[2] == "".join(records) + "</users>\n"
    assert preview(feed, "--format", "xml", "(sn=*)") == document
    assert records[0] in preview(feed, "aruiz")


def test_xml_has_those_who_would_be_sent(feed):
    document = ElementTree.fromstring(preview(feed, "--format", "xml", "(uid=*)"))
    assert [user.findtext("primary_id") for user in document] == ["aruiz", "bcole"]
    (feed.folder / "shown.xml").write_text(preview(feed, "--format", "xml", "(uid=*)"))
    assert feed.run("shown.xml", command="validate").returncode == 0


def test_somebody_who_is_skipped(feed):
    found = person(feed, "uid=guest1,ou=people,dc=example,dc=edu")
    assert (found["verdict"], found["xml"], found["fields"]) == ("skipped", None, [])
    assert found["attributes"]["sn"] == ["Guest"]
    text = preview(feed, "(uid=guest1)")
    assert ("skipped: the mapping's 'select' does not hold\n"
            "  mapping.yaml:3  (!(employeeType=guest))\n") in text


def test_somebody_who_is_rejected(feed):
    found = person(feed, "nobody")
    assert (found["verdict"], found["xml"]) == ("rejected", None)
    finding, = found["findings"]
    assert (finding["code"], finding["severity"], finding["field"], finding["rule"]) == (
        "required", "reject", "last_name", "mapping.yaml:8")
    assert fields(found)["first_name"]["value"] == "No"
    assert "rejected: not good enough for Alma\n" in preview(feed, "nobody")


def test_a_finding_tells_field_and_rule(feed):
    feed.write("people.ldif", ANA + f"mail: {'m' * 256}@example.edu\n")
    found = person(feed, "aruiz")
    assert [(finding["code"], finding["field"], finding["rule"])
            for finding in found["findings"]] == [
        ("too_long", "emails.email_address", "mapping.yaml:22")]
    assert """
Findings
  too_long  email_address is 268 characters long, Alma takes 255; '| take 255' in the \
mapping would cut it
            mapping.yaml:22  emails.email_address

Attributes
""" in preview(feed, "aruiz")


def test_two_with_one_identifier_are_held(feed):
    feed.write("people.ldif", PEOPLE + "\n" + ANA.replace("uid=ARuiz", "cn=other"))
    shown = json.loads(preview(feed, "--format", "json", "aruiz"))
    assert [found["verdict"] for found in shown["people"]] == ["held", "held"]
    assert [found["findings"][0]["text"] for found in shown["people"]] == [
        f"'aruiz' is also the match identifier of '{dn},ou=people,dc=example,dc=edu'"
        for dn in ("cn=other", "uid=ARuiz")]
    assert ElementTree.fromstring(preview(feed, "--format", "xml", "aruiz")).findall("user") == []


def test_an_entry_that_comes_twice_counts_once(feed):
    feed.write("people.ldif", PEOPLE + "\n" + ANA.replace("ou=people", "OU=People"))
    shown = json.loads(preview(feed, "--format", "json", "aruiz"))
    assert [found["verdict"] for found in shown["people"]] == ["sent", "repeated"]


def many(count):
    return "".join(f"dn: uid=p{i},dc=example\nuid: p{i}\nsn: Cole\n\n" for i in range(count))


def test_ten_are_shown_and_the_others_counted(feed):
    feed.write("people.ldif", many(13))
    shown = json.loads(preview(feed, "--format", "json", "(sn=cole)"))
    assert (len(shown["people"]), shown["more"]) == (10, 3)
    assert preview(feed, "(sn=cole)").endswith("\nand 3 more; --all shows them\n")
    shown = json.loads(preview(feed, "--all", "--format", "json", "(sn=cole)"))
    assert (len(shown["people"]), shown["more"]) == (13, 0)


def test_it_is_no_run(feed):
    before = sorted(os.listdir(feed.folder))
    preview(feed, "aruiz")
    assert sorted(os.listdir(feed.folder)) == before
    assert feed.packages() == []


def test_standard_input(tmp_path):
    feed = Feed(tmp_path, mapping=MAPPING, ldif='"-"')
    assert "would be sent as aruiz" in preview(feed, "aruiz", stdin=PEOPLE.encode())


def test_the_text_reads_well(feed):
    assert preview(feed, "aruiz") == """\
people.ldif through mapping.yaml

uid=ARuiz,ou=people,dc=example,dc=edu
would be sent as aruiz

Attributes
  employeeNumber     B4711
  employeeType       visitor
  givenName          Ana
  homePostalAddress  1 Elm Street$Springfield
  mail               a.ruiz@example.edu
                     Ana@example.com
  sn                 Ruiz
  uid                ARuiz
  no value: labeledURI, memberOf, objectGUID

Fields
  record_type        PUBLIC
  primary_id         aruiz                   mapping.yaml:10  ${uid | lower}
                       uid    ARuiz
                       lower  aruiz
  first_name         Ana                     mapping.yaml:11  ${givenName}
  last_name          Ruiz                    mapping.yaml:12  ${sn}
  job_description    SPRINGFIELD             mapping.yaml:19  ${define.place | upper}
                       define.place  Springfield
                         mapping.yaml:7  ${homePostalAddress | line 2}
                           homePostalAddress  1 Elm Street$Springfield
                           line 2             Springfield
                       upper         SPRINGFIELD
  user_group         COMMUNITY
                     - mapping.yaml:14  LIBSTAFF
                       does not hold: (memberOf=cn=library,dc=example,dc=edu)
                     - mapping.yaml:16  ${employeeType | lookup groups}
                       employeeType   visitor
                       lookup groups  no value
                     + mapping.yaml:17  COMMUNITY
  web_site_url       no value
                     - mapping.yaml:18  ${labeledURI}
                       labeledURI  no value
  emails[1]  mapping.yaml:21
    preferred        true
    email_address    a.ruiz@example.edu      mapping.yaml:22  ${each}
                       each  a.ruiz@example.edu
                         mapping.yaml:21  ${mail | lower}
                           mail   a.ruiz@example.edu
                                  Ana@example.com
                           lower  a.ruiz@example.edu
                                  ana@example.com
    email_types      work                    mapping.yaml:23  work
  emails[2]  mapping.yaml:21
    preferred        false
    email_address    ana@example.com         mapping.yaml:22  ${each}
    email_types      work                    mapping.yaml:23  work
  user_identifiers[1]  mapping.yaml:25
    id_type          BARCODE                 mapping.yaml:25  BARCODE
    value            B4711                   mapping.yaml:26  ${employeeNumber}

Items not made
  user_identifiers.value  mapping.yaml:27
    - mapping.yaml:28  ${objectGUID | guid}
      objectGUID  no value
      guid        no value

Record
<user>
<record_type>PUBLIC</record_type>
<primary_id>aruiz</primary_id>
<first_name>Ana</first_name>
<last_name>Ruiz</last_name>
<job_description>SPRINGFIELD</job_description>
<user_group>COMMUNITY</user_group>
<contact_info>
<emails>
<email preferred="true" segment_type="External"><email_address>a.ruiz@example.edu</email_address>\
<email_types><email_type>work</email_type></email_types></email>
<email preferred="false" segment_type="External"><email_address>ana@example.com</email_address>\
<email_types><email_type>work</email_type></email_types></email>
</emails>
</contact_info>
<user_identifiers>
<user_identifier segment_type="External"><id_type>BARCODE</id_type><value>B4711</value>\
</user_identifier>
</user_identifiers>
</user>
"""


def shown_on_terminal(feed, columns, *arguments, **environment):
    return on_terminal([PROGRAM, "preview", *arguments], feed.folder, columns,
                       **environment)


def width(line):
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line
               if not unicodedata.combining(c))


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_terminal_gets_colors_and_lines_of_its_width(feed, columns):
    feed.write("people.ldif", ANA.replace("sn: Ruiz", "sn: Ruiz 太郎 " + "y Núñez " * 40)
               .replace("visitor", "V" * 300))
    shown = shown_on_terminal(feed, columns, "aruiz")
    assert COLOR.search(shown)
    lines = without_color(shown).split("\nRecord\n")[0].splitlines()
    assert max(width(line) for line in lines) <= columns
    assert max(width(line) for line in lines) > columns - 8


def test_no_color_where_nobody_wants_it(feed):
    assert not COLOR.search(preview(feed, "aruiz"))
    assert not COLOR.search(shown_on_terminal(feed, 80, "aruiz", NO_COLOR="1"))
    assert not COLOR.search(shown_on_terminal(feed, 80, "aruiz", TERM="dumb"))
    assert not COLOR.search(shown_on_terminal(feed, 80, "--format", "text", "aruiz"))
    assert COLOR.search(preview(feed, "--format", "color", "aruiz"))


def test_long_values_are_cut_and_measured(feed):
    feed.write("people.ldif", ANA.replace("visitor", "v" * 1000)
               + "objectGUID:: " + base64.b64encode(bytes(2000)).decode() + "\n"
               + "".join(f"memberOf: cn={i},dc=example\n" for i in range(35)))
    text = preview(feed, "aruiz")
    assert "v" * 400 + "… (1000 characters)\n" in text and "v" * 401 not in text
    assert "  objectGUID         " + " ".join(["00"] * 16) + " … (2000 bytes)\n" in text
    assert "cn=29,dc=example\n" in text and "cn=30," not in text
    assert "                     and 5 more\n" in text
    assert person(feed, "aruiz")["attributes"]["employeeType"] == ["v" * 1000]


def test_nothing_of_the_directory_moves_the_cursor(feed):
    hostile = "Ru\x1b[2Jiz\x07\u202e\u200b\x9b"
    encoded = base64.b64encode(hostile.encode()).decode()
    name = base64.b64encode(f"uid={hostile},dc=example".encode()).decode()
    feed.write("people.ldif", f"dn:: {name}\nuid: aruiz\nsn:: {encoded}\n\n"
               "dn: uid=none,dc=example\nuid:: " + encoded + "\n")
    for options in ([], ["--format", "color"]):
        for who in ("aruiz", "(uid=*)"):
            text = COLOR.sub("", preview(feed, *options, who))
            assert not set(text) & set("\x1b\x07\u202e\u200b\x9b")
    found = person(feed, "aruiz")
    assert found["findings"][0]["code"] == "bad_text"


def test_many_people_are_what_a_run_makes_of_each(feed):
    """The bound of one person's text counts nobody else's."""
    feed.write("mapping.yaml", MAPPING.replace("${employeeNumber}", "${employeeNumber | before -}")
               .replace("    - id_type", "    - each: ${mail}\n      id_type: UNIV_ID\n      value: "
                        "${each | before -}\n    - id_type"))
    mail = "".join(f"mail: {i}-{'x' * 20000}\n" for i in range(400))
    feed.write("people.ldif", "".join(f"dn: uid=p{i},dc=example\nuid: p{i}\nsn: P\n{mail}\n"
                                      for i in range(9)))
    found = json.loads(preview(feed, "--all", "--format", "json", "(uid=*)"))["people"]
    assert [(one["verdict"], one["findings"]) for one in found] == [(found[0]["verdict"],
                                                                    found[0]["findings"])] * 9


def test_rules_that_name_rules_twice_do_not_multiply(feed):
    defines = "".join(f"  d{i}: ${{define.d{i - 1} | take 1}}${{define.d{i - 1} | take 1}}\n"
                      for i in range(1, 40))
    feed.write("mapping.yaml", MAPPING.replace("define:\n", "define:\n  d0: ${sn}\n" + defines)
               .replace("job_description: ${define.place", "job_description: ${define.d39"))
    assert preview(feed, "aruiz").count(2 * "${define.d0 | take 1}") == 1
    job = fields(person(feed, "aruiz"))["job_description"]
    assert json.dumps(job).count('"field": "define.d0", "tried"') == 1


def test_values_that_are_no_utf8(feed):
    feed.write("people.ldif", ANA.replace("givenName: Ana", "givenName:: QW5h6Q=="))
    found = person(feed, "aruiz")
    assert found["attributes"]["givenName"] == [{"base64": "QW5h6Q==", "bytes": 4}]
    assert fields(found)["first_name"]["value"] == "Ana\ufffd"
    assert "  givenName          41 6e 61 e9\n" in preview(feed, "aruiz")


def test_a_record_of_ldif_that_cannot_be_read_is_told(feed):
    feed.write("people.ldif", "dn: uid=bad,dc=example\nuid aruiz\n\n" + PEOPLE)
    result = feed.run("aruiz", command="preview")
    assert result.returncode == 0
    assert result.stderr.startswith("warning: 'people.ldif', record at line 1: ")
