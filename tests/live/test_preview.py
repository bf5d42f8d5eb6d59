"""ldap2alma preview and check against a server: people of slapd."""

import json

import pytest
import yaml_text
from feed import Feed
from slapd import PEOPLE, READER, READER_PASSWORD, SUFFIX, certificates, make_slapd  # noqa: F401
from slapd import ldif, person, tree

MAPPING = """\
mapping: 1
match_id: primary_id
select: (!(employeeType=guest))
require: [first_name]
user:
  primary_id: ${uid | lower}
  first_name: ${givenName}
  last_name: ${sn}
  job_description: ${titel}
  web_site_url: ${labeledURI}
  user_identifiers:
    - id_type: BARCODE
      value: ${employeeNumber}
"""

STAFF = f"ou=staff,{SUFFIX}"

DIRECTORY = (
    tree() + ldif(STAFF, "objectClass: organizationalUnit", "ou: staff")
    + person(1, "givenName: Ana", "employeeNumber: B4711")
    + person(2, "givenName: Bob", "sn: Second")
    + person(3)
    + person(4, "givenName: Gus", "employeeType: guest")
    + person(5, "givenName: Sam", unit="staff")
    + ldif(f"cn=Ngata\\, Ana*(x)\\+y,{PEOPLE}", "objectClass: inetOrgPerson", "uid: a*(x)\\y",
           "cn: Ngata, Ana*(x)+y", "sn: Ngata", "givenName: Ana")
    + ldif(f"ou=robots,{PEOPLE}", "objectClass: organizationalUnit", "ou: robots"))


@pytest.fixture(name="live")
def make_live(tmp_path, make_slapd, certificates):  # noqa: F811
    server = make_slapd(DIRECTORY)

    def make(searches=None, mapping=MAPPING):
        feed = Feed(tmp_path, mapping=mapping)
        feed.write("secret", READER_PASSWORD)
        (feed.folder / "secret").chmod(0o600)
        feed.write("ldap2alma.yaml", yaml_text.dump({
            "name": "test",
            "directory": {
                "uri": server.ldaps_uri,
                "tls": {"ca_file": certificates.path("ca.pem")},
                "bind": {"dn": READER, "password": {"file": "secret"}},
                "searches": searches or [{"base": PEOPLE, "filter": "(uid=*)"}]},
            "mapping": "mapping.yaml", "delivery": {"folder": "out"}, "spool": "spool"}))
        feed.uri = server.ldaps_uri
        return feed
    return make


def dn(number, unit="people"):
    return f"uid=u{number:06d},ou={unit},{SUFFIX}"


def preview(feed, who, *options, shared=()):
    result = feed.run("--format", "json", *options, "--", who, command="preview", shared=shared)
    assert result.returncode == 0, result.stderr
    shown = json.loads(result.stdout)
    return shown, result.stderr


def person_of(feed, who):
    shown, _ = preview(feed, who)
    found, = shown["people"]
    assert (shown["source"], shown["more"]) == (feed.uri, 0)
    return found


def refused(feed, who):
    result = feed.run(who, command="preview")
    assert (result.returncode, result.stdout) == (65, "")
    return result.stderr


@pytest.mark.parametrize("who", [
    dn(1), "UID = U000001,OU=People, dc=example,dc=edu",
    f"userid=u000001,{PEOPLE}"])  # which name is another's the server knows
def test_by_dn(live, who):
    found = person_of(live(), who)
    assert (found["dn"], found["verdict"], found["match_id"]) == (dn(1), "sent", "u000001")
    assert found["attributes"]["givenName"] == ["Ana"]


def test_a_name_with_escapes(live):
    for who in (f"cn=Ngata\\, Ana*(x)\\+y,{PEOPLE}", f"cn=ngata\\2C ana*(x)\\2By,{PEOPLE}",
                "a*(x)\\Y", "(uid=a\\2a\\28x\\29\\5cy)"):
        assert person_of(live(), who)["fields"][1]["value"] == "a*(x)\\y"


def test_by_filter(live):
    shown, _ = preview(live(), "(|(uid=u000001)(uid=u000003)(uid=u000005))")
    assert [(found["dn"], found["verdict"]) for found in shown["people"]] == [
        (dn(1), "sent"), (dn(3), "rejected")]


def test_by_match_identifier_the_server_is_asked_for_one(live):
    feed = live()
    _, told = preview(feed, "U000002", shared=["-v"])
    assert f"search 1 of 1 below '{PEOPLE}': 1 entries" in told
    assert "reading everybody" not in told


def test_by_another_identifier_everybody_is_read(live):
    feed = live()
    shown, told = preview(feed, "b4711", shared=["-v"])
    assert shown["people"][0]["found_as"] == "user_identifiers[BARCODE]"
    assert "nobody has 'b4711' as 'uid'; reading everybody\n" in told


def test_by_a_match_identifier_that_is_made_of_several_parts(live):
    feed = live(mapping=MAPPING.replace("${uid | lower}", "${uid}@${sn}"))
    assert person_of(feed, "u000001@number 1")["dn"] == dn(1)


def test_somebody_who_is_rejected_or_skipped(live):
    feed = live()
    found = person_of(feed, dn(3))
    assert (found["verdict"], found["findings"][0]["code"]) == ("rejected", "required")
    assert person_of(feed, dn(4))["verdict"] == "skipped"


def test_several_searches_that_find_one_entry(live):
    feed = live([{"base": PEOPLE, "filter": "(uid=*)"}, {"base": STAFF, "filter": "(uid=*)"},
                 {"base": SUFFIX, "filter": "(sn=*)"}])
    shown, _ = preview(feed, dn(1))
    assert (len(shown["people"]), shown["repeated"]) == (1, 1)
    result = feed.run(dn(5, "staff"), command="preview")
    assert result.stdout.endswith("\n1 found by several searches and counted once\n")


def test_nobody_there(live):
    feed = live()
    assert refused(feed, dn(9)) == (
        f"ldap2alma: no entry has the DN '{dn(9)}'\n"
        f"It is not on '{feed.uri}', or the account may not see it.\n")
    assert refused(feed, f"unheardof=x,{PEOPLE}").startswith("ldap2alma: no entry has the DN ")
    assert refused(feed, "(uid=u000009)") == (
        "ldap2alma: no entry matches the filter '(uid=u000009)'\n"
        f"'{feed.uri}' was asked by the searches of the settings, narrowed to (uid=u000009).\n")
    assert refused(feed, "u000009") == (
        "ldap2alma: nobody has the identifier 'u000009'\n"
        f"Searched: all 5 entries of '{feed.uri}'.\n")
    assert refused(feed, "u000004") == (
        "ldap2alma: nobody has the identifier 'u000004'\n"
        f"The mapping's 'select' skips '{dn(4)}', whose attribute 'uid' it is; look at that entry "
        "by its DN.\n")


def test_a_dn_that_no_search_covers(live):
    feed = live([{"base": PEOPLE}, {"base": f"ou=robots,{PEOPLE}"}])
    assert refused(feed, dn(5, "staff")) == (
        f"ldap2alma: no search of the settings covers '{dn(5, 'staff')}'\n"
        f"The searches' bases: '{PEOPLE}', 'ou=robots,{PEOPLE}'.\n")
    # A base whose text the name happens to end with is not above it.
    assert "covers" in refused(feed, f"cn=x\\,{PEOPLE}")


@pytest.mark.parametrize("base, scope, covered", [
    (PEOPLE, "one", True), (SUFFIX, "one", False), (PEOPLE, "base", False),
    (dn(1), "base", True), (SUFFIX, "subtree", True), (dn(1), "subtree", True),
    (f"ou=people, {SUFFIX.upper()}", "subtree", True)])
def test_the_scope_of_a_search_counts(live, base, scope, covered):
    feed = live([{"base": base, "scope": scope}])
    if covered:
        assert person_of(feed, dn(1))["dn"] == dn(1)
    else:
        assert "no search of the settings covers" in refused(feed, dn(1))


def test_an_entry_that_the_filters_leave_out(live):
    feed = live([{"base": PEOPLE, "filter": "(sn=Number 2)"}])
    assert refused(feed, dn(1)) == (
        f"ldap2alma: no search takes the entry '{dn(1)}'\n"
        "It is there, but the filter (sn=Number 2) leaves it out.\n")


def test_filters_that_are_none(live):
    feed = live()
    result = feed.run("(uid=u000001", command="preview")
    assert (result.returncode, result.stderr) == (
        64, "ldap2alma: the filter '(uid=u000001' has more '(' than ')'\n")
    result = feed.run("(uid u000001)", command="preview")
    assert result.returncode == 78
    assert "the filter '(&(uid=*)(uid u000001))'" in result.stderr


def test_a_server_that_is_not_there(live):
    feed = live()
    settings = (feed.folder / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", settings.replace(feed.uri, "ldaps://127.0.0.1:1"))
    result = feed.run("x", command="preview")
    assert (result.returncode, result.stdout) == (69, "")
    assert "cannot connect to '127.0.0.1' port 1" in result.stderr


def test_check_asks_the_schema(live):
    feed = live()
    result = feed.run(command="check")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert (f"mapping.yaml:9:22: warning: the schema of '{feed.uri}' does not define the attribute "
            "'titel': no search can return it (unknown_attribute)") in lines
    assert (f"mapping.yaml:10:19: warning: no entry of '{feed.uri}' has the attribute "
            "'labeledURI': it is misspelled, hidden from the account, or without use "
            "(unknown_attribute)") in lines
    assert lines[-1] == (f"5 entries of '{feed.uri}': 3 would be sent, 1 skipped, 1 rejected; "
                         "3 warnings")
