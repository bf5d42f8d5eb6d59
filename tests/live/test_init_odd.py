"""ldap2alma init: directories that are not as they should be, and names that would break out of the
files that it writes."""

# flake8: noqa: F401, F811 (fixtures are imported by name)

import re

import pytest
import test_init
from relay import Relay
from slapd import PEOPLE, READER, READER_PASSWORD, SUFFIX, certificates, ldif, make_slapd, tree
from test_init import CAMPUS, Proposal, everybodys_traces, group, login, make_openldap, refused

NIS = "include /etc/ldap/schema/nis.schema\n"
LINE_ENDS = ["\n", "\r", "\u0085", "\u2028", "\u2029"]


def unit(name, dn):
    return ldif(dn, "objectClass: organizationalUnit", f"ou: {name}")


def campus(*more, unit="people"):
    return "".join(person.inetorg(*more, unit=unit) for person in CAMPUS)


@pytest.mark.parametrize("end", LINE_ENDS)
def test_a_folder_whose_name_ends_lines(openldap, end):
    """The people are in one of two, and the other one, of a robot, is told in a comment."""
    written = "".join(f"\\{byte:02X}" for byte in end.encode())
    names = [f"{name}{end}  uri: ldap://evil.example.com" for name in ("crowd", "robots")]
    folders = [f"ou={name.replace(end, written)}" for name in names]
    found = openldap(
        "".join(unit(name, f"{folder},{SUFFIX}") for name, folder in zip(names, folders))
        + campus(unit=folders[0].removeprefix("ou="))
        + ldif(f"uid=cleaner,{folders[1]},{SUFFIX}", "objectClass: inetOrgPerson", "uid: cleaner",
               "cn: cleaner", "sn: Cleaner"))
    lines = found.settings.splitlines()  # which splits at all of them
    assert [line for line in lines if "evil" in line] == [
        line for line in lines if re.match(r"    (- |#- )base: '?ou=(crowd|robots)\\", line)]
    assert "60 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


def test_values_that_end_lines_and_look_like_yaml(openldap):
    titles = [f"Head{end}of: [things]" for end in LINE_ENDS[2:]] + [
        "{a: b}", "- x", "'quoted", "a: b # c", "&anchor", "${uid}", "null", "\u202etfel"]
    found = openldap("".join(
        person.inetorg(f"title: {titles[person.number // 3 % len(titles)]}",
                       f"postalAddress: {titles[person.number // 3 % len(titles)]}$Town")
        for person in CAMPUS))
    found.tells_of_nobody(everybodys_traces())
    assert "60 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


def test_a_group_whose_name_is_full_of_signs(openldap):
    name = r"students\2C \23 a: \22b\22 'c' (all*)"
    found = openldap(
        campus() + unit("groups", f"ou=groups,{SUFFIX}")
        + ldif(f"cn={name},ou=groups,{SUFFIX}", "objectClass: groupOfNames",
               "cn: students, # a: \"b\" 'c' (all*)",
               *(f"member: uid={person.uid},{PEOPLE}" for person in CAMPUS)))
    assert "60 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


def test_folders_by_names_that_fold(openldap):
    """What a name is compared as ("strasse") does not stand in the DN."""
    units = {"student": "studenten große straße", "staff": "STAFF ÄÖÜ", "faculty": "Fakultät (faculty)"}
    found = openldap(
        "".join(unit(name, f"ou={name},{PEOPLE}") for name in units.values())
        + "".join(person.inetorg(unit=f"{units[person.kind]},ou=people") for person in CAMPUS))
    assert "User group, from the folder of the entry, by ou\n" in found.report
    assert "60 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


def machine(number):
    name = f"host{number}$"
    return ldif(f"uid={name},ou=machines,{SUFFIX}", "objectClass: account",
                "objectClass: posixAccount", f"uid: {name}", f"cn: {name}",
                f"uidNumber: {5000 + number}", "gidNumber: 515", "homeDirectory: /")


def test_machines_are_no_people(tmp_path, make_slapd, certificates):
    """They are four times as many, and have accounts as people have."""
    server = make_slapd(tree() + unit("machines", f"ou=machines,{SUFFIX}") + campus()
                        + "".join(machine(number) for number in range(240)), options=NIS)
    found = Proposal(tmp_path, server.ldaps_uri, *login(tmp_path, READER, READER_PASSWORD,
                                                        certificates.path("ca.pem")))
    assert "People    60 found by (objectClass=inetOrgPerson)\n" in found.report
    assert "60 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


def test_groups_that_do_not_show_their_members(tmp_path, make_slapd, certificates):
    """Then they are no source of anything, and not what ends it all."""
    server = make_slapd(
        tree() + campus() + unit("groups", f"ou=groups,{SUFFIX}") + group("students", CAMPUS),
        access=f'access to attrs=member by * none\naccess to * by dn.exact="{READER}" read')
    found = Proposal(tmp_path, server.ldaps_uri, *login(tmp_path, READER, READER_PASSWORD,
                                                        certificates.path("ca.pem")))
    assert "          1 of 1 show no members: empty, or hidden from this account\n" in found.report
    assert "(groups=" not in found.mapping
    assert "60 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


@pytest.mark.parametrize("hidden, told", [
    ("sn", "nobody whom '{uri}' shows for (|(objectClass=person)(objectClass=posixAccount)"
           "(objectClass=account)) has a surname (sn)\nAlma takes nobody without a surname. The "
           "account may not see it: with ldapsearch and the same login you see what it sees.\n"),
    ("uid,mail,employeeNumber", "nobody on '{uri}' has an identifier that Alma could know them "
                                "by\nLooked for were sAMAccountName, "),
])
def test_what_alma_needs_is_hidden(tmp_path, make_slapd, certificates, hidden, told):
    server = make_slapd(tree() + campus(), access=f"access to attrs={hidden} by * none\n"
                        f'access to * by dn.exact="{READER}" read')
    status, error = refused(tmp_path, *login(tmp_path, READER, READER_PASSWORD,
                                             certificates.path("ca.pem")), server.ldaps_uri)
    assert status == 65 and error.startswith("ldap2alma: " + told.format(uri=server.ldaps_uri))


def test_what_several_share_tells_nobody_together(openldap):
    """Of each title, town and language there are several, of the three together there is one."""
    def more(number):
        return [f"title: {['Archivist', 'Bursar', 'Chemist'][number % 3]}",
                f"l: {['Toledo', 'Utrecht', 'Vilnius', 'Wexford'][number // 3 % 4]}",
                f"street: {number} Xylophone Lane$Building 1",
                f"preferredLanguage: {['lt', 'nl', 'es', 'ga', 'mt'][number // 12 % 5]}"]
    found = openldap("".join(
        person.inetorg(f"employeeType: {person.kind}", *more(person.number)) for person in CAMPUS))
    for name, value in (("title", "Archivist"), ("preferredLanguage", "es"), ("l", "Springfield")):
        assert set(re.findall(rf"^      {name}: (.*)$", found.tests, flags=re.M)) == {value}
    kinds = re.findall(r"^      employeeType: (.*)$", found.tests, flags=re.M)
    assert sorted(kinds) == ["faculty", "staff", "student"]
    found.is_sound()


def test_nothing_is_left_where_not_all_can_be_written(tmp_path, make_slapd, certificates):
    server = make_slapd(tree() + campus())
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed/outgoing").write_text("")
    result = test_init.subprocess.run(
        [test_init.PROGRAM, "init", *login(tmp_path, READER, READER_PASSWORD,
                                           certificates.path("ca.pem")),
         "--output", tmp_path / "feed", server.ldaps_uri], capture_output=True, text=True,
        check=False)
    assert (result.returncode, result.stdout) == (73, "")
    assert [path.name for path in (tmp_path / "feed").iterdir()] == ["outgoing"]


def test_a_name_of_an_attribute_that_is_hidden(tmp_path, make_slapd, certificates):
    people = "".join(person.inetorg(f"title: Title {person.number}").replace(
        f"dn: uid={person.uid},", f"dn: title=Title {person.number},") for person in CAMPUS)
    server = make_slapd(tree() + people, access="access to attrs=title by * none\n"
                        f'access to * by dn.exact="{READER}" read')
    found = Proposal(tmp_path, server.ldaps_uri, *login(tmp_path, READER, READER_PASSWORD,
                                                        certificates.path("ca.pem")))
    assert f"      dn: title=somebody,{PEOPLE}\n" in found.tests
    found.is_sound()


def test_what_few_have_is_told_nowhere(openldap):
    """A title of two, a folder of one who has most to show, values with options."""
    lone = CAMPUS[3]
    more = ["title: Rector Magnificus", "l: Toledo", "preferredLanguage: es", "mobile: +49 1",
            "street: 9 Xylophone Lane$Building 1", "sn;lang-ja: Yamada-Xyz"]
    found = openldap(
        unit("Turret of one", f"ou=Turret of one,{PEOPLE}")
        + "".join(person.inetorg(
            f"employeeType: {person.kind}", *(more if person in (lone, CAMPUS[7]) else
                                              ["title: Clerk"]),
            unit="Turret of one,ou=people" if person is lone else "people") for person in CAMPUS))
    found.tells_of_nobody(["Turret of one", "Rector Magnificus", "Toledo", "Xylophone Lane",
                           "Yamada-Xyz"])
    assert re.search(r"title +100%: Clerk \(58\)\n", found.report)
    assert re.search(r"sn;lang-ja +3%, not read\n", found.report)
    assert "mobile: +" in found.tests  # of those two
    found.is_sound()


def test_the_copies_of_freeipa_are_no_people(tmp_path, make_slapd, certificates):
    compat = f"cn=users,cn=compat,{SUFFIX}"
    server = make_slapd(
        tree() + campus() + ldif(f"cn=compat,{SUFFIX}", "objectClass: organizationalRole",
                                 "cn: compat")
        + ldif(compat, "objectClass: organizationalRole", "cn: users")
        + "".join(ldif(f"uid={person.uid},{compat}", "objectClass: account",
                       "objectClass: posixAccount", f"uid: {person.uid}", f"cn: {person.uid}",
                       "uidNumber: 7", "gidNumber: 7", "homeDirectory: /") for person in CAMPUS),
        options=NIS)
    found = Proposal(tmp_path, server.ldaps_uri, *login(tmp_path, READER, READER_PASSWORD,
                                                        certificates.path("ca.pem")))
    assert re.search(r"uid +60 of 60 have it, no two share it\n", found.report)
    assert "posixAccount" not in found.report
    assert "60 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


def test_an_identifier_that_is_the_match_identifier(openldap):
    people = [test_init.Person(number) for number in range(40)]
    for person in people[:4]:
        person.staff_number = person.uid
    found = openldap("".join(person.inetorg() for person in people))
    assert ("    # Not employeeNumber: it is the match identifier of some people, and Alma takes "
            "no value twice.\n") in found.mapping
    assert "40 would be sent, 0 skipped, 0 rejected; 0 warnings\n" in found.is_sound()


def test_a_server_that_dies_half_way(tmp_path, make_slapd, certificates):
    server = make_slapd(tree() + campus())
    with Relay(server.port, "--cut-after", "6000") as relay:
        uri = f"ldap://127.0.0.1:{relay.port}"
        assert refused(tmp_path, *login(tmp_path, READER, READER_PASSWORD,
                                        certificates.path("ca.pem"))[:4], "--tls", "none", uri) == (
            69, f"ldap2alma: a search broke off on '{uri}': can't contact LDAP server: the server "
                "closed the connection\n")
