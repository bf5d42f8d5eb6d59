"""`ldap2alma photos`: whose photo is where, by what name, and when it goes."""

import json
import re

from photo_feed import BLUE, GREEN, RED, PhotoFeed, person, picture

ANA, BOB = person("Ana", RED), person("bob", GREEN)


def test_photos_are_added_kept_replaced_and_removed(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB + person("carl"))
    feed.step(added=2, without=1, removed=0)
    first = feed.there()
    assert first.keys() == {"Ana.JPG", "bob.JPG"}
    assert first["Ana.JPG"].startswith(b"\xff\xd8") and first["Ana.JPG"] != first["bob.JPG"]
    assert (feed.photos / "Ana.JPG").stat().st_mode & 0o777 == 0o644
    result = feed.step(current=2, without=1, added=0, replaced=0, removed=0)
    assert result.stdout == result.stderr == ""
    assert feed.report["outcome"] == "nothing-to-send"
    feed.write("people.ldif", person("Ana", BLUE) + person("bob") + person("carl"))
    feed.step(replaced=1, without=2, removed=1)
    second = feed.there()
    assert second.keys() == {"Ana.JPG"} and second["Ana.JPG"] != first["Ana.JPG"]
    feed.write("people.ldif", person("carl"))
    feed.step(without=1, removed=1)
    assert feed.there() == {}


def test_a_rehearsal_changes_nothing(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB)
    result = feed.step("--dry-run", added=2)
    assert feed.there() == {}
    assert "2 photos would be added" in result.stderr
    assert "dry run" in result.stdout
    assert list((tmp_path / "spool").rglob("*")) == []
    feed.step(added=2)


def test_nobody_without_a_record_has_a_photo(tmp_path):
    """Who is rejected or held later keeps the photo, who is skipped does not."""
    feed = PhotoFeed(tmp_path, person("a", RED, sn="") + person("b", RED, employeeType="guest")
                     + person("c", RED) + person("C", GREEN, key="other") + ANA)
    feed.step(added=1, rejected=1, skipped=1, held=2)
    assert feed.there().keys() == {"Ana.JPG"}
    feed.write("people.ldif", ANA + BOB)
    feed.step(added=1, current=1)
    feed.write("people.ldif", person("Ana", BLUE, sn="") + person("bob", BLUE)
               + person("BOB", RED, key="other"))
    before = feed.there()
    feed.step(rejected=1, held=2, removed=0)
    assert feed.there() == before
    feed.write("people.ldif", person("Ana", RED, employeeType="guest") + BOB)
    feed.step(skipped=1, current=1, removed=1)
    assert feed.there().keys() == {"bob.JPG"}


def test_the_name_is_the_identifier_of_the_type_or_there_is_none(tmp_path):
    feed = PhotoFeed(tmp_path, person("ana", RED, employeeNumber="D1/2")
                     + person("bob", RED, employeeNumber="D12345678") + person("carl", RED),
                     photos="  identifier: UNIV_ID\n  suffix: png\n")
    feed.step(added=1, unnamed=2)
    assert feed.there().keys() == {"D12345678.png"}
    assert feed.there()["D12345678.png"].startswith(b"\x89PNG")
    texts = {finding["match_id"]: finding["text"] for finding in feed.findings("photo_name")}
    assert texts == {
        "ana": "the identifier 'D1/2' has a slash in it, which would lead into another folder",
        "carl": "the record has no identifier of type 'UNIV_ID'"}


def test_pictures_that_are_none_are_findings(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + person("bob", b"GIF89a and so on"))
    feed.step(added=1, refused=1)
    (finding,) = feed.findings("photo_refused")
    assert re.match(r"the picture is a GIF", finding["text"])
    feed.write("people.ldif", person("Ana", b"%PDF-1.7 and so on") + BOB)
    feed.step(added=1, refused=1, removed=1)
    assert feed.there().keys() == {"bob.JPG"}


def test_the_order_of_values_does_not_count(tmp_path):
    large = picture((9, 9, 9), 60, 80)
    feed = PhotoFeed(tmp_path, person("Ana", RED, large))
    feed.step(added=1)
    feed.write("people.ldif", person("Ana", large, RED))
    feed.step(current=1)


def test_photos_stay_for_a_while_where_the_settings_say_so(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB, photos="  remove_after: 30d\n")
    feed.step(added=2)
    feed.write("people.ldif", ANA)
    feed.step(current=1, removed=0, waiting=1)
    feed.write("people.ldif", ANA + BOB)
    feed.step(current=2, waiting=0)
    feed.write("people.ldif", ANA + person("bob"))
    feed.step(current=1, without=1, removed=0, waiting=1)
    feed.configure("  remove_after: 0s\n")
    feed.step(removed=1)
    assert feed.there().keys() == {"Ana.JPG"}


def test_a_mass_of_photos_is_not_removed(tmp_path):
    people = [person(f"p{number}", RED) for number in range(10)]
    feed = PhotoFeed(tmp_path, "".join(people), brakes="brakes: { photos: 20% }\n")
    feed.step(added=10)
    feed.write("people.ldif", "".join(people[:7]))
    result = feed.step(status=2)
    assert "'photos' stopped the run: 3 of 10 delivered photos would be removed" in result.stderr
    assert len(feed.there()) == 10
    (brake,) = [brake for brake in feed.report["brakes"] if brake["pulled"]]
    assert brake["name"] == "photos" and brake["value"] == 3 and brake["unit"] == "photos"
    feed.step("--release", "photos", removed=3, current=7)
    assert len(feed.there()) == 7


def test_the_same_placeholder_for_most(tmp_path):
    """Photos that are made otherwise of the same pictures, and a few in all, are none of it."""
    def people(count):
        return "".join(person(f"p{number:02}", BLUE if number < count else RED)
                       for number in range(20))

    feed = PhotoFeed(tmp_path, people(0), brakes="")
    feed.step(added=20)
    first = feed.there()
    feed.configure("  size: 20x20\n", brakes="")
    feed.step(replaced=20)
    feed.configure(brakes="")
    feed.step(replaced=20)
    assert feed.there() == first
    feed.write("people.ldif", people(11))
    result = feed.step(status=2)
    assert ("the brake 'photos_replaced' stopped the run: 11 of 20 delivered photos would be replaced, "
            "as the directory has other pictures, more than 50%\n") in result.stderr
    assert "let one run through with '--release photos_replaced'" in result.stderr
    assert feed.there() == first
    pulled = [brake for brake in feed.report["brakes"] if brake["pulled"]]
    assert [brake["name"] for brake in pulled] == ["photos_replaced"]
    assert pulled[0]["examples"][0] == "p00.JPG"
    feed.write("people.ldif", people(10))
    feed.step(replaced=10, current=10)
    feed.write("people.ldif", people(0))
    feed.step(replaced=10)
    feed.write("people.ldif", people(20))
    feed.step(status=2)
    feed.step("--release", "photos_replaced", replaced=20)


def test_a_change_of_settings_that_was_cut_short(tmp_path):
    """What is left to be made otherwise is no other picture."""
    names = [f"p{number:02}" for number in range(20)]
    feed = PhotoFeed(tmp_path, "".join(person(name, RED) for name in names), brakes="")
    feed.step(added=20)
    feed.configure("  size: 20x20\n", brakes="")
    feed.photos.rename(tmp_path / "away")
    assert feed.run_photos().returncode == 73
    (tmp_path / "away").rename(feed.photos)
    feed.step(replaced=20)


def test_files_of_others_are_left_alone(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB)
    (feed.photos / "Ana.JPG").write_bytes(b"not ours")
    (feed.photos / "index.html").write_bytes(b"nor this")
    feed.step(added=1, foreign=1)
    assert feed.there()["Ana.JPG"] == b"not ours"
    assert [finding["match_id"] for finding in feed.findings("photo_foreign")] == ["Ana"]
    feed.step(current=1, foreign=1)
    feed.write("people.ldif", BOB)
    feed.step(current=1, removed=0)
    feed.write("people.ldif", ANA + BOB)
    feed.step("--adopt", current=1, added=1)
    assert feed.there()["Ana.JPG"].startswith(b"\xff\xd8")
    assert feed.there()["index.html"] == b"nor this"


def test_a_lost_state_is_taken_over(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB)
    feed.step(added=2)
    before = feed.there()
    (tmp_path / "spool/test/state.db").unlink()
    feed.step(foreign=2)
    feed.step("--adopt", added=2)
    assert feed.there() == before
    feed.step(current=2)


def test_other_settings_make_other_photos(tmp_path):
    """Whoever only gets another file has a photo all the time: no brake bears."""
    feed = PhotoFeed(tmp_path, ANA + BOB, brakes="brakes: { photos: 0% }\n")
    feed.step(added=2)
    first = feed.there()
    feed.configure("  suffix: jpg\n", brakes="brakes: { photos: 0% }\n")
    feed.step(added=2, removed=2)
    assert feed.there() == {name.replace("JPG", "jpg"): data for name, data in first.items()}
    feed.configure("  suffix: jpg\n  size: 20x20\n", brakes="brakes: { photos: 0% }\n")
    feed.step(replaced=2, removed=0)
    assert feed.there()["Ana.jpg"] != first["Ana.JPG"]


def test_another_place_gets_everything(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB)
    feed.step(added=2)
    (tmp_path / "elsewhere").mkdir()
    feed.configure(folder="elsewhere")
    result = feed.step(added=2)
    assert feed.there("elsewhere") == feed.there()
    feed.configure()
    feed.step(current=2)
    assert result.returncode == 0


def test_nobody_is_shown_for_somebody_else(tmp_path):
    """An identifier that is another person's now."""
    feed = PhotoFeed(tmp_path, ANA + BOB, photos="  remove_after: 30d\n")
    feed.step(added=2)
    before = feed.there()
    feed.write("people.ldif", person("Ana", BLUE, key="other") + person("bob", key="another"))
    feed.step(replaced=1, without=1, removed=1)
    assert feed.there().keys() == {"Ana.JPG"}
    assert feed.there()["Ana.JPG"] != before["Ana.JPG"]


def test_a_person_with_another_identifier_has_the_photo_under_it(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB)
    feed.step(added=2)
    feed.write("people.ldif", person("anna", RED, key="Ana") + BOB)
    feed.step(added=1, current=1, removed=1)
    assert feed.there().keys() == {"anna.JPG", "bob.JPG"}


def test_what_could_not_be_read_removes_nothing(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB)
    feed.step(added=2)
    feed.write("people.ldif", ANA + "dn: uid=bob,dc=example,dc=edu\nuid bob\n\n")
    feed.step(current=1, rejected=1, removed=0)
    feed.write("people.ldif", ANA + "no dn\n")
    result = feed.run_photos()
    assert result.returncode == 65, result.stderr
    assert feed.there().keys() == {"Ana.JPG", "bob.JPG"}


def test_the_feed_itself_knows_nothing_of_it(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB, brakes="brakes: { new: off }\n")
    feed.step(added=2)
    assert feed.run().returncode == 0
    assert feed.report["counts"]["new"] == 2
    feed.write("people.ldif", ANA + BOB + person("carl", RED))
    feed.step(added=1, current=2)
    assert feed.run().returncode == 0
    assert feed.report["counts"]["new"] == 1 and feed.report["counts"]["unchanged"] + \
        feed.report["counts"]["resent"] == 2


def test_whoever_is_forgotten_has_no_photo_any_more(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB, brakes="brakes: { photos: off, missing: off }\n")
    feed.step(added=2)
    assert feed.run().returncode == 0
    feed.write("people.ldif", BOB)
    result = feed.run("forget", "ana", command="state")
    assert result.returncode == 0 and "the photo lies at its server" in result.stderr
    feed.configure("  remove_after: 30d\n")
    feed.step(current=1, removed=1)
    assert feed.there().keys() == {"bob.JPG"}
    assert b"Ana" not in (tmp_path / "spool/test/state.db").read_bytes()


def test_whoever_is_forgotten_and_still_there_has_it_again(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + BOB)
    feed.step(added=2)
    assert feed.run().returncode == 0
    before = feed.there()
    assert feed.run("forget", "ana", command="state").returncode == 0
    feed.step(replaced=1, current=1)
    assert feed.there() == before


def test_status_tells_of_the_last_run(tmp_path):
    feed = PhotoFeed(tmp_path, ANA + person("bob", b"GIF89a"))
    status = json.loads(feed.run("--format", "json", command="status").stdout)
    assert status["photos"] is None
    feed.step(added=1, refused=1)
    status = json.loads(feed.run("--format", "json", command="status").stdout)["photos"]
    assert (status["outcome"], status["exit"], status["there"]) == ("done", 0, 1)
    assert (status["added"], status["replaced"], status["removed"], status["findings"]) == \
        (1, 0, 0, 1)
    text = feed.run("--format", "text", command="status").stdout
    assert re.search(r"Photos\n +1  at their server\n.* done +1 added, 0 replaced, 0 removed, "
                     r"1 finding\n", text), text
    feed.photos.rename(tmp_path / "away")
    feed.write("people.ldif", ANA + BOB)
    assert feed.run_photos().returncode == 73
    status = json.loads(feed.run("--format", "json", command="status").stdout)["photos"]
    assert status["outcome"] == "failed" and "cannot open the folder" in status["error"]


def test_photos_that_lie_in_files(tmp_path):
    """A file that is the same is not read again; one that is gone, or no file, is a finding or
    none."""
    feed = PhotoFeed(tmp_path, "", photos="  from: file\n  folder: portraits\n")
    portraits = tmp_path / "portraits"
    portraits.mkdir()

    def entry(uid, *paths):
        return person(uid).rstrip() + "".join(f"\njpegPhoto: {path}" for path in paths) + "\n\n"

    (portraits / "ana.png").write_bytes(RED)
    (portraits / "small.png").write_bytes(GREEN)
    (portraits / "large.png").write_bytes(picture((1, 2, 3), 60, 80))
    people = (entry("ana", "ana.png") + entry("bob", "small.png", "large.png")
              + entry("carl", "nowhere.png") + entry("dora", "../people.ldif") + entry("eve"))
    feed.write("people.ldif", people)
    feed.step(added=2, without=2, refused=1)
    assert feed.there().keys() == {"ana.JPG", "bob.JPG"}
    feed.step(current=2, without=2, refused=1)
    (portraits / "ana.png").write_bytes(BLUE)
    (portraits / "small.png").unlink()
    (portraits / "large.png").unlink()
    feed.step(replaced=1, removed=1, without=3, refused=1)
    assert feed.there().keys() == {"ana.JPG"}
    portraits.rename(tmp_path / "unmounted")
    assert feed.run_photos().returncode != 0
    assert feed.there().keys() == {"ana.JPG"}


def test_settings_that_say_nothing_of_photos(tmp_path):
    feed = PhotoFeed(tmp_path, ANA)
    settings = (tmp_path / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", settings[:settings.index("photos:\n  attribute")])
    result = feed.run_photos()
    assert result.returncode == 78 and "say nothing of photos" in result.stderr


def test_standard_input_can_be_read_only_once(tmp_path):
    feed = PhotoFeed(tmp_path, ANA)
    settings = (tmp_path / "ldap2alma.yaml").read_text()
    feed.write("ldap2alma.yaml", settings.replace("ldif: people.ldif", 'ldif: "-"'))
    result = feed.run_photos()
    assert result.returncode == 78 and "standard input can be read only once" in result.stderr
