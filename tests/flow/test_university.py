"""The made-up university, with every kind of defect in it, from LDIF to a folder."""

import pytest

from feed import Feed, adds_up

PEOPLE = 300
LIMITS = "package: { records_per_file: 40, files_per_package: 3 }\n"
DEFECTS_REJECTED = ["no account name", "blank last name", "unknown affiliation",
                    "over-long last name", "job of a megabyte"]


def dn(defect):
    return f"cn=defect {defect},ou=people,dc=example,dc=edu"


@pytest.fixture(name="university")
def make_university(tmp_path, people_ldif, university_mapping):
    return Feed(tmp_path, people_ldif(PEOPLE, "--defects=all"), university_mapping, more=LIMITS)


def test_every_entry_is_accounted_for(university):
    result = university.run()
    assert result.returncode == 0, result.stderr
    counts = university.report["counts"]
    assert adds_up(counts)
    assert counts["sent"] == len(university.users()) > PEOPLE * 0.95
    assert counts["sent"] == sum(package["records"] for package in university.report["packages"])
    assert len(university.report["packages"]) == len(university.packages()) > 1


def test_who_cannot_be_sent_is_told(university):
    university.run()
    told = {finding["dn"]: finding for finding in university.report["findings"]}
    assert all(finding["text"] for finding in told.values())
    for defect in DEFECTS_REJECTED:
        assert dn(defect) in told
    assert university.report["counts"]["rejected"] >= len(DEFECTS_REJECTED)


def test_records_are_whole_and_nobody_is_there_twice(university):
    university.run()
    users = university.users()
    names = [user.findtext("primary_id") for user in users]
    assert all(names)
    assert len({name.casefold() for name in names}) == len(names)
    for user in users:
        assert user.findtext("last_name") and user.findtext("user_group")
        assert user.find("password") is None


def test_odd_text_arrives_clean(university):
    university.run()
    first_names = {user.findtext("primary_id"): user.findtext("first_name")
                   for user in university.users()}
    clean = [name for name in first_names.values() if name and name.startswith("Ann")]
    assert "Ann Marie" in clean
    assert all(name == " ".join(name.split()) and min(name) >= " " for name in clean)


def test_the_same_people_give_the_same_records(university):
    def texts():
        return [[(element.tag, element.text, element.attrib) for element in user.iter()]
                for user in university.users()]
    university.run()
    first = texts()
    for package in university.packages():
        package.unlink()
    university.run()
    assert texts() == first


def test_a_person_does_not_depend_on_the_count(people_ldif):
    def person(ldif, number):
        record, = (record for record in ldif.split(b"\n\n")
                   if b"\nemployeeNumber: E%08d\n" % number in record)
        return record
    few, many = people_ldif(20), people_ldif(3000)
    assert person(few, 17) == person(many, 17)
    assert people_ldif(20) == few != people_ldif(20, "-s", "2")
