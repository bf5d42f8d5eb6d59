"""Values as Active Directory keeps them, from a real domain (Samba) to the fields of a user; and
lists of values in ranges, which only the tests' own domain controller sends."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import base64
import datetime
import json
import uuid

import ad_server
import pytest
import yaml_text
from ad_people import ACCOUNT, DISABLED, LASTING, filetime
from ad_server import AdServer
from conftest import TOP
from feed import Feed
from reading import CONFIGURATION, password, read
from samba import BASE, make_samba
from slapd import certificates, ldif

UNIT = f"OU=Values,{BASE}"
NEVER = 0x7FFFFFFFFFFFFFFF
MIDNIGHT_IN_CHICAGO = filetime("20270901050000Z")
PHOTO = bytes.fromhex("ffd8ffe000104a464946") + bytes(2000)

MAPPING = """\
mapping: 1
match_id: primary_id
select: (!(userAccountControl:1.2.840.113556.1.4.803:=2))
user:
  primary_id: ${sAMAccountName}
  first_name: ${givenName}
  last_name: ${sn}
  job_description: ${objectGUID | guid}
  web_site_url: ${objectSid | sid}
  birth_date: ${whenCreated | generalized_time}
  expiry_date: ${accountExpires | filetime -06:00}
  purge_date: ${accountExpires | filetime}
  user_group:
    - when: (userAccountControl:1.2.840.113556.1.4.804:=65537)
      value: LASTING
    - ORDINARY
  addresses:
    - line1: ${streetAddress | line 1}
      line2: ${streetAddress | line 2}
      line3: ${streetAddress | line 3}
      city: ${l}
      address_types: [work]
  emails:
    - email_address: ${proxyAddresses | extract '^SMTP:(.+)$'}
      email_types: [work]
"""


def person(name, *lines, control=ACCOUNT):
    return ldif(f"CN={name},{UNIT}", "objectClass: user", f"sAMAccountName: {name}",
                f"sn: {name}", f"userAccountControl: {control}", *lines)


def group(name, member):
    return ldif(f"CN={name},OU=Groups,{BASE}", "objectClass: group", f"sAMAccountName: {name}",
                f"member: {member}")


DIRECTORY = (
    ldif(UNIT, "objectClass: organizationalUnit")
    + person("full", f"accountExpires: {MIDNIGHT_IN_CHICAGO}", "givenName: Zoë Ångström",
             "streetAddress: 1 Main Street\r\nLaw Library\nRoom 12", "l: Springfield",
             "proxyAddresses: smtp:zoe@alumni.example.edu",
             "proxyAddresses: SMTP:Zoe@example.edu", control=ACCOUNT | LASTING).rstrip()
    + "\nthumbnailPhoto:: " + base64.b64encode(PHOTO).decode() + "\n\n"
    + person("zero", "accountExpires: 0")
    + person("never", f"accountExpires: {NEVER}", "streetAddress: 9 Harbor Road")
    + person("ana", "givenName: Ana", "mail: Ana@Example.EDU", "co: Germany", "accountExpires: 0",
             "employeeID: E00417", "l: Riverton", "streetAddress: 1 Elm Street\r\nHouse 2")
    + person("off", control=ACCOUNT | DISABLED)
    + person("off-lasting", control=ACCOUNT | DISABLED | LASTING)
    + ldif(f"OU=Groups,{BASE}", "objectClass: organizationalUnit")
    + group("Law", f"CN=ana,{UNIT}") + group("All Staff", f"CN=Law,OU=Groups,{BASE}"))


@pytest.fixture(scope="module")
def domain(make_samba):
    server = make_samba()
    server.modify(DIRECTORY)
    return server


def settings(uri, login, searches, **directory):
    return yaml_text.dump({
        "name": "test",
        "directory": {"uri": uri, "bind": {"dn": login, "password": {"file": "secret"}},
                      "searches": searches, **directory},
        "mapping": "mapping.yaml", "delivery": {"folder": "out"}, "spool": "spool"})


@pytest.fixture
def feed(tmp_path, domain):
    def make(mapping=MAPPING, base=UNIT, rule="(objectClass=user)"):
        feed = Feed(tmp_path, mapping=mapping)
        feed.write("secret", domain.reader_password)
        (feed.folder / "secret").chmod(0o600)
        feed.write("ldap2alma.yaml", settings(domain.ldaps_uri, domain.reader,
                                              [{"base": base, "filter": rule}],
                                              tls={"ca_file": domain.ca}))
        return feed
    return make


def preview(feed, who):
    result = feed.run("--format", "json", "--", who, command="preview")
    assert result.returncode == 0, result.stderr
    person, = json.loads(result.stdout)["people"]
    return person, {field["field"]: field["value"] for field in person["fields"]
                    if isinstance(field["value"], str)}


def test_each_kind_of_value(feed, domain):
    person, fields = preview(feed(), "full")
    (_, entry), = domain.ldap().search_s(f"CN=full,{UNIT}", 0)
    sid, = domain.search_offline("(sAMAccountName=full)", "objectSid")
    created = datetime.datetime.strptime(entry["whenCreated"][0].decode(), "%Y%m%d%H%M%S.0Z")
    assert fields == {
        "primary_id": "full", "first_name": "Zoë Ångström", "last_name": "full",
        "job_description": str(uuid.UUID(bytes_le=entry["objectGUID"][0])),
        "web_site_url": sid, "birth_date": created.strftime("%Y-%m-%dZ"),
        "expiry_date": "2027-08-31Z", "purge_date": "2027-09-01Z", "user_group": "LASTING",
        "addresses[1].line1": "1 Main Street", "addresses[1].line2": "Law Library",
        "addresses[1].line3": "Room 12", "addresses[1].city": "Springfield",
        "addresses[1].segment_type": "External", "addresses[1].preferred": "true",
        "emails[1].email_address": "Zoe@example.edu", "emails[1].segment_type": "External",
        "emails[1].preferred": "true", "record_type": "PUBLIC"}
    # What no rule asks for is not read, and a picture is never asked for by itself.
    assert "thumbnailPhoto" in entry and "thumbnailPhoto" not in person["attributes"]


@pytest.mark.parametrize("name", ["zero", "never"])
def test_both_ways_to_say_never(feed, name):
    _, fields = preview(feed(), name)
    assert "expiry_date" not in fields
    assert fields["user_group"] == "ORDINARY"


@pytest.mark.parametrize("name", ["off", "off-lasting"])
def test_a_disabled_account_is_known_by_its_bit(feed, name):
    person, _ = preview(feed(), f"CN={name},{UNIT}")
    assert person["verdict"] == "skipped"


def test_the_server_knows_the_bits_as_well(feed):
    found = feed(rule="(&(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))")
    result = found.run(shared=["-v"])
    assert f"search 1 of 1 below '{UNIT}': 4 entries" in result.stderr


def test_the_ready_mapping_takes_people_of_a_real_domain(feed):
    mapping = (TOP / "mappings/active-directory.yaml").read_text()
    mapping = mapping.replace("DC=example,DC=edu", BASE)
    found = feed(mapping=mapping)
    found.write("cards.csv", (TOP / "mappings/cards.csv").read_text())
    _, fields = preview(found, "ana")
    assert fields["user_group"] == "STAFF"  # by a group in a group
    assert fields["addresses[1].line2"] == "House 2"
    assert fields["addresses[1].country"] == "DEU"
    assert fields["emails[1].email_address"] == "ana@example.edu"
    assert fields["user_identifiers[1].value"] == "29000000004178"


def test_references_to_the_domains_own_partitions_are_no_news(feed):
    result = feed(base=BASE, rule="(sAMAccountName=full)").run(shared=["-v"])
    assert f"search 1 of 1 below '{BASE}': 1 entries" in result.stderr
    assert "references to other servers" not in result.stderr


# ---- the tests' own domain controller


def groups_of(count):
    return [f"CN=group {number:04},{ad_server.GROUPS}" for number in range(count)]


@pytest.fixture(scope="module")
def controller(tmp_path_factory):
    """Three pages of people; one of them is in 67 groups and has 100 addresses, a group has them
    all; 30 values come at once."""
    addresses = [f"proxyAddresses: smtp:a{number}@example.edu" for number in range(100)]
    everybody = [ad_server.person_dn(number) for number in range(1, 2501)]
    entries = (ad_server.people(1249) + ad_server.person(1250, *addresses)
               + ad_server.people(1250, start=1251) + ad_server.group("everybody", everybody)
               + "".join(ad_server.group(f"group {number:04}", [ad_server.person_dn(1250)])
                         for number in range(66)))
    with AdServer(tmp_path_factory.mktemp("controller"), entries, "--range-size", 30,
                  "--empty-pages", 2) as server:
        yield server


def read_domain(controller, tmp_path, base, rule, *names):
    secret = tmp_path / "secret"
    secret.write_text(controller.reader_password)
    secret.chmod(0o600)
    wanted = [word for name in names for word in ("--attribute", name)]
    return read("--uri", controller.uri, "--tls", "none", "--dn", controller.reader, "--password",
                secret, "--search", f"subtree,{rule},{base}", *wanted, "--page", 1000)


def test_ranges_in_the_middle_of_a_paged_read(controller, tmp_path):
    answer = read_domain(controller, tmp_path, ad_server.PEOPLE, "(sAMAccountType=805306368)",
                         "sAMAccountName", "memberOf", "proxyAddresses")
    assert answer.error == ""
    assert len(answer.entries) == 2500
    special = answer.entries.pop(ad_server.person_dn(1250))
    assert sorted(special["memberOf"]) == sorted(
        dn.encode() for dn in [*groups_of(66), f"CN=everybody,{ad_server.GROUPS}"])
    assert special["proxyAddresses"] == [b"smtp:a%d@example.edu" % number for number in range(100)]
    assert {len(entry["memberOf"]) for entry in answer.entries.values()} == {1}


def test_all_members_of_a_group(controller, tmp_path):
    answer = read_domain(controller, tmp_path, ad_server.GROUPS, "(cn=everybody)", "member")
    (members,) = [entry["member"] for entry in answer.entries.values()]
    assert members == [ad_server.person_dn(number).encode() for number in range(1, 2501)]


def test_1500_values_at_once_as_documented(tmp_path):
    everybody = [ad_server.person_dn(number) for number in range(1, 3002)]
    entries = ad_server.people(1) + ad_server.group("everybody", everybody)
    with AdServer(tmp_path, entries) as server:
        answer = read_domain(server, tmp_path, ad_server.GROUPS, "(cn=everybody)", "member")
        asked = [line for line in server.requests() if line.startswith("search CN=everybody")]
    (members,) = [entry["member"] for entry in answer.entries.values()]
    assert (len(members), len(asked)) == (3001, 3)


def test_a_server_that_forgets_its_place_is_read_again(tmp_path):
    with AdServer(tmp_path, ad_server.people(2500), "--forget-pages", 2) as server:
        answer = read_domain(server, tmp_path, ad_server.PEOPLE, "(sAMAccountType=805306368)", "cn")
    assert answer.error == ""
    assert (len(answer.entries), answer.doubled, answer.count("restarts")) == (2500, 0, 1)
    assert any("00000057: LdapErr: " in text for text in answer.said("warning"))


def test_an_attribute_of_one_entry_at_a_time_is_a_fault_of_the_mapping(tmp_path):
    with AdServer(tmp_path, ad_server.people(2)) as server:
        answer = read_domain(server, tmp_path, ad_server.PEOPLE, "(cn=*)", "cn", "tokenGroups")
    assert answer.status == CONFIGURATION
    assert "operations error (1), '00002120: SvcErr: " in answer.error
    assert "for groups take 'groups' or 'groups.nested'" in answer.hint


def test_references_are_told_apart(tmp_path):
    with AdServer(tmp_path, ad_server.people(3), "--child", "sales") as server:
        answer = read_domain(server, tmp_path, server.base, "(sAMAccountType=805306368)", "cn")
    assert (len(answer.entries), answer.count("referrals")) == (3, 1)
    assert ("1 references to other servers are not followed, the first one to "
            f"'ldap://sales.example.edu/DC=sales,{server.base}'") in answer.said("info")
