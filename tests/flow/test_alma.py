"""The simulated Alma does what Alma is known to do."""

import pathlib
import sys
import zipfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
from alma import Alma  # noqa: E402  (the folder has just been added)

EMAIL = ('<email preferred="true"><email_address>{}</email_address>'
         "<email_types><email_type>work</email_type></email_types></email>")
IDENTIFIER = "<user_identifier><id_type>{}</id_type><value>{}</value></user_identifier>"


def user(primary_id, *, emails=(), identifiers=(), group="STAFF", **fields):
    more = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return (f"<user><primary_id>{primary_id}</primary_id><last_name>Ruiz</last_name>"
            f"<user_group>{group}</user_group>{more}<contact_info><emails>"
            + "".join(map(EMAIL.format, emails)) + "</emails></contact_info><user_identifiers>"
            + "".join(IDENTIFIER.format(*each) for each in identifiers)
            + "</user_identifiers></user>")


class Desk:
    """An Alma with its folder, to which packages come."""

    def __init__(self, folder, **options):
        self.folder = folder
        self.alma = Alma(folder, **options)
        self.sent = 0

    def send(self, *users, job="synchronize"):
        self.sent += 1
        with zipfile.ZipFile(self.folder / f"{self.sent:04}.zip", "w") as archive:
            archive.writestr("users.xml", "<users>" + "".join(users) + "</users>")
        return self.alma.load(job)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_swap_all_removes_what_is_left_out_and_keeps_what_staff_added(desk):
    desk.send(user("ana", emails=["a@example.edu"], identifiers=[("BARCODE", "1")], gender="F"))
    ana = desk.alma.find("ANA")
    desk.alma.add_internal(ana, "user_identifiers", id_type="OTHER", value="99")
    assert desk.send(user("Ana")).updated == 1
    assert "gender" not in ana.fields and "emails" not in ana.segments
    assert [item.get("value") for item in ana.segments["user_identifiers"]] == ["99"]
    assert desk.alma.find("1") is None and desk.alma.find("99") is ana


def test_the_same_record_again_is_unchanged(desk):
    record = user("ana", emails=["a@example.edu"])
    assert desk.send(record).created == 1
    report = desk.send(record)
    assert (report.processed, report.unchanged, report.rejected) == (1, 1, [])


def test_identifiers_are_one_namespace(desk):
    report = desk.send(user("ana"), user("ben", identifiers=[("BARCODE", "ANA")]),
                       user("cleo", identifiers=[("BARCODE", "Cleo")]))
    assert report.created == 1
    assert [why for _, why in report.rejected] == [
        "Identifier of type BARCODE and value ANA is already taken AcrossInstitution in this feed",
        "Identifier of type BARCODE and value Cleo is already taken AcrossInstitution"]
    assert "taken AcrossInstitution" in desk.send(
        user("dora", identifiers=[("BARCODE", "ana")])).rejected[0][1]


def test_import_makes_only_new_users(desk):
    desk.send(user("ana"), job="import")
    report = desk.send(user("ana", group="FACULTY"), user("ben"), job="import")
    assert (report.created, len(report.rejected)) == (1, 1)
    assert desk.alma.find("ana").fields["user_group"] == "STAFF"


def test_the_match_may_be_another_identifier(tmp_path):
    desk = Desk(tmp_path, match="UNIV_ID", unmatched="add")
    desk.send(user("ana", identifiers=[("UNIV_ID", "7")]))
    assert desk.send(user("ana.ruiz", identifiers=[("UNIV_ID", "7")])).updated == 1
    assert len(desk.alma.users) == 1 and desk.alma.find("ana") is None
    assert "missing" in desk.send(user("ben")).rejected[0][1]


def test_a_moved_identifier_doubles_the_user(desk):
    desk.send(user("ana"))
    desk.send(user("ana.ruiz"))
    assert len(desk.alma.users) == 2


def test_unmatched_may_be_rejected(tmp_path):
    desk = Desk(tmp_path, unmatched="reject")
    assert desk.send(user("ana")).rejected == [("ana", "User does not exist")]


def test_what_staff_edited_is_kept_until_the_load_changes_it(desk):
    desk.send(user("ana", campus_code="MAIN"))
    ana = desk.alma.find("ana")
    desk.alma.edit(ana, "campus_code", "NORTH")
    desk.send(user("ana", campus_code="MAIN"))
    assert ana.fields["campus_code"] == "NORTH"
    desk.send(user("ana", campus_code="SOUTH"))
    assert ana.fields["campus_code"] == "SOUTH"


def test_internal_users_are_not_touched(desk):
    desk.alma.make_internal_user("ana", "Ruiz")
    assert desk.send(user("ana")).rejected == [("ana", "User is not external")]


@pytest.mark.parametrize("record, why", [
    (user("ana", group="KING"), "Given user group is not legal"),
    (user("ana", emails=[""]), "Mandatory field is missing: email_address"),
    (user("ana", emails=["a@example.edu", "b@example.edu"]), "More than one preferred in emails"),
    (user(""), "Match ID of type primary_id is missing"),
])
def test_rejections_have_almas_words(tmp_path, record, why):
    desk = Desk(tmp_path, groups={"STAFF"})
    assert [text for _, text in desk.send(record).rejected] == [why]


def test_half_a_package_is_no_package(desk):
    whole = desk.folder / "0001.zip"
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("users.xml", "<users>" + user("ana") + "</users>")
    whole.write_bytes(whole.read_bytes()[:100])
    report = desk.alma.load()
    assert [name for name, _ in report.failed_files] == ["0001.zip"]
    assert not desk.alma.users and desk.alma.waiting() == [whole]


def test_taken_packages_are_renamed(desk):
    desk.send(user("ana"))
    assert [path.name for path in desk.folder.iterdir()] == ["0001.zip.handled"]
