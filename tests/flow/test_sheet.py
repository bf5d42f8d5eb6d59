"""The hand-over sheet: what has to be typed into Alma, as text, Markdown and HTML."""

import os
import pathlib
import re
import socket
import stat
import subprocess

import pytest
import yaml
from conftest import TOP
from feed import PROGRAM
from sheet import SPACE, parse_html, parse_markdown

MAPPINGS = sorted(path for path in (TOP / "mappings").glob("*.yaml")
                  if not path.name.endswith(".test.yaml"))
CONNECTION, PROFILE, PHOTOS = "S/FTP definition", "Integration profile", "Photos"
IMPORT, SYNCHRONIZE = "Integration profile: Import", "Integration profile: Synchronize"
FIELDS, CODES = "Fields that the feed fills", "Codes that Alma must know"
PEOPLE, FIRST_RUN, BRAKES = "Who has to know or to do what", "The first run", "What stops a run"

SFTP = {"host": "sftp.example.edu", "user": "feed", "password": {"env": "SFTP_PASSWORD"},
        "known_hosts": "known_hosts", "directory": "/alma/synchronize"}
PHOTO = {"attribute": "jpegPhoto", "url": "https://photos.example.edu/user_photos/",
         "delivery": {"folder": "photos"}}

MAPPING = """\
mapping: 1
match_id: primary_id
require: [last_name]
user:
  primary_id: ${uid | lower}
  last_name: ${sn}
  user_group: PATRON
"""


class Sheet:
    """A feed whose settings are a map, and what the command makes of it."""

    def __init__(self, folder, mapping=MAPPING, sftp=None, **more):
        self.folder = pathlib.Path(folder)
        self.settings = {"name": "people", "directory": {"ldif": "people.ldif"},
                         "mapping": "mapping.yaml", "delivery": {"sftp": SFTP | (sftp or {})},
                         "spool": "spool", **more}
        (self.folder / "mapping.yaml").write_text(mapping)

    def run(self, *options, **environment):
        (self.folder / "ldap2alma.yaml").write_text(
            yaml.safe_dump(self.settings, allow_unicode=True, sort_keys=False))
        done = subprocess.run([os.path.abspath(PROGRAM), "sheet", *options], cwd=self.folder,
                              env=os.environ | environment, capture_output=True, text=True, timeout=60,
                              check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def sections(self):
        return parse_html(self.run("--format", "html"))[1]


def test_the_connection(tmp_path):
    sheet = Sheet(tmp_path, package={"max_size": "1500001", "max_packages": 7},
                  sftp={"port": 2222})
    form = sheet.sections()[CONNECTION]
    assert [(label, value) for label, value, _ in form.rows] == [
        ("Name", "ldap2alma people"), ("Description", "Users of the feed people"),
        ("Server", "sftp.example.edu"), ("Port", "2222"), ("Sub-directory", "/alma"),
        ("Max. Number of Files", "7"), ("Min. Number of Files", "1"), ("Max. file size", "2"),
        ("Size type", "MB"), ("Allow Navigation", "True"), ("Ftp Server Type", "Default"),
        ("FTP Passive Mode", "as it is"), ("Ftp Server Secured", "ticked"), ("UserName", ""),
        ("Password", "")]
    assert form.kind("UserName") == form.kind("Password") == "ask"
    assert {form.kind(label) for label in ("Server", "Port", "Sub-directory")} == {"type"}
    assert "logs in as 'feed'" in form.note("UserName")
    allowed = sheet.sections()["Allowed S/FTP connection"]
    assert allowed.value("FTP Hostname / IP") == "sftp.example.edu"


def test_a_folder_leaves_the_server_to_those_who_know_it(tmp_path):
    sheet = Sheet(tmp_path)
    sheet.settings["delivery"] = {"folder": "out"}
    sections = sheet.sections()
    assert "Allowed S/FTP connection" not in sections
    form = sections[CONNECTION]
    assert {form.kind(label) for label in ("Server", "Port", "Sub-directory", "UserName")} == {"ask"}
    assert sections[SYNCHRONIZE].kind("Input File Path") == "ask"
    assert sections[IMPORT].value("Active") == "Inactive"
    assert "logs in as" not in form.note("UserName")


@pytest.mark.parametrize("directory, connection, synchronize, first", [
    ("/alma/synchronize", "/alma", "synchronize", None),
    ("/alma/synchronize/", "/alma", "synchronize", None),
    ("/users", "/", "users", None),
    ("users", "leave empty", "users", None),
    ("alma/users", "alma", "users", None),
    ("/", "/", "", None),
    ({"synchronize": "/a/b/sync", "import": "/a/b/load"}, "/a/b", "sync", "load"),
    ({"synchronize": "/a/b/sync", "import": "/a/load"}, "/a", "b/sync", "load"),
    ({"synchronize": "/a/sync", "import": "/a"}, "/", "a/sync", "a"),
    ({"synchronize": "/a", "import": "/a/load"}, "/", "a", "a/load"),
    ({"synchronize": "/alma/x", "import": "/almanac/y"}, "/", "alma/x", "almanac/y"),
    ({"synchronize": "in", "import": "/in"}, "leave empty", "in", "/in"),
    ({"synchronize": "/same", "import": "/same"}, "/", "same", None),
    ({"synchronize": "/a/sync"}, "/a", "sync", None),
    ({"synchronize": "/a//sync", "import": "/a/load"}, "/a", "sync", "load"),
    ("//", "/", "", None),
], ids=str)
def test_the_paths(tmp_path, directory, connection, synchronize, first):
    sections = Sheet(tmp_path, sftp={"directory": directory}).sections()
    assert sections[CONNECTION].value("Sub-directory") == connection
    assert sections[SYNCHRONIZE].value("Input File Path") == synchronize
    assert sections[SYNCHRONIZE].kind("Input File Path") == ("type" if synchronize else "ask")
    job = sections[IMPORT]
    if first is None:
        assert job.rows == [("Active", "Inactive", job.note("Active"))]
    else:
        assert (job.value("Active"), job.value("Input File Path")) == ("Active", first)
    packages = sections["What arrives"]
    assert packages.value("For Synchronize") == "people-synchronize-YYYYMMDDTHHMMSSZ-NN.zip"
    assert packages.values("For Import") == (
        ["people-import-YYYYMMDDTHHMMSSZ-NN.zip"] if first is not None else [])


def test_a_feed_that_imports(tmp_path):
    sections = Sheet(tmp_path, alma={"mode": "import", "record_type": "STAFF"}).sections()
    assert [row[:2] for row in sections[IMPORT].rows] == [
        ("Active", "Active"), ("Record Type", "Staff"), ("Input File Path", "synchronize"),
        ("User XSD Version", "V. 2")]
    assert [row[:2] for row in sections[SYNCHRONIZE].rows] == [("Active", "Inactive")]


def test_a_mode_without_a_directory(tmp_path):
    sections = Sheet(tmp_path, sftp={"directory": {"import": "/alma/load"}}).sections()
    assert sections[CONNECTION].value("Sub-directory") == "/alma"
    assert sections[IMPORT].value("Input File Path") == "load"
    assert sections[SYNCHRONIZE].value("Active") == "Inactive"


def test_the_profile(tmp_path):
    sheet = Sheet(tmp_path, name="law.staff-2")
    sections = sheet.sections()
    assert [row[:2] for row in sections[PROFILE].rows] == [
        ("Code", "LAW_STAFF_2"), ("Name", "Users of the feed law.staff-2"),
        ("Integration Type", "Users"), ("S/FTP Connection Type", "ldap2alma law.staff-2"),
        ("System", "Default")]
    assert sections[CONNECTION].value("Name") == "ldap2alma law.staff-2"
    assert [row[:2] for row in sections[SYNCHRONIZE].rows] == [
        ("Active", "Active"), ("Record Type", "Public"), ("Match ID Type", "Primary Identifier"),
        ("Synchronization Type", "Swap All"), ("Unmatched Record", "Add"),
        ("Input File Path", "synchronize"), ("Schedule", "Not scheduled"), ("User XSD Version", "V. 2")]


@pytest.mark.parametrize("record_type", ["PUBLIC", "STAFF", "CONTACT"])
def test_the_record_type(tmp_path, record_type):
    job = Sheet(tmp_path, alma={"record_type": record_type}).sections()[SYNCHRONIZE]
    assert job.value("Record Type") == record_type.capitalize()


@pytest.mark.parametrize("unmatched, value, step", [("add", "Add", "it creates"),
                                                    ("reject", "Reject", "it rejects")])
def test_people_whom_alma_does_not_have(tmp_path, unmatched, value, step):
    sections = Sheet(tmp_path, alma={"unmatched": unmatched}).sections()
    assert sections[SYNCHRONIZE].value("Unmatched Record") == value
    assert step in sections[FIRST_RUN].note("Make sure that nobody is there twice.")


def test_another_match_identifier(tmp_path):
    mapping = MAPPING.replace("match_id: primary_id", "match_id: UNIV_ID") + """\
  user_identifiers:
    - id_type: UNIV_ID
      value: ${employeeNumber}
"""
    sections = Sheet(tmp_path, mapping).sections()
    assert sections[SYNCHRONIZE].value("Match ID Type") == "UNIV_ID"
    assert sections[FIELDS].note("user_identifiers") == "in every record"
    assert sections[FIELDS].note("primary_id") == ""
    assert "'UNIV_ID'" in " ".join(row[2] for row in sections[PEOPLE].rows)


@pytest.mark.parametrize("changes, schedule, who, note", [
    ({}, "daily", "everybody in each run", ""),
    ({"mode": "changed"}, "as often as the feed runs", "who is new or has changed",
     "each person at least every 90 days"),
    ({"mode": "changed", "full_every": "36h", "resend_after": "off"}, "as often", "who is new or has changed",
     "everybody every 36 hours"),
    ({"mode": "changed", "full_every": "24h"}, "as often", "who is new or has changed",
     "everybody every 1 day; each person at least every 90 days"),
], ids=str)
def test_who_is_sent(tmp_path, changes, schedule, who, note):
    sections = Sheet(tmp_path, changes=changes).sections()
    assert schedule in sections[SYNCHRONIZE].note("Schedule")
    packages = sections["What arrives"]
    assert (packages.value("Who is sent"), packages.note("Who is sent")) == (who, note)


def test_packages_and_leavers(tmp_path):
    sheet = Sheet(tmp_path, package={"records_per_file": 5, "files_per_package": 3})
    packages = sheet.sections()["What arrives"]
    assert packages.value("In a package") == "up to 3 XML files with up to 5 users each"
    assert packages.value("Who leaves").startswith("stays in Alma")
    assert packages.note("Taken packages") == "nobody deletes them unless the server does"
    sheet.settings["leavers"] = {"policy": "expire"}
    sheet.settings["delivery"]["clean"] = {"taken_after": "30d"}
    packages = sheet.sections()["What arrives"]
    assert "INACTIVE" in packages.value("Who leaves") and packages.note("Who leaves") == ""
    assert packages.note("Taken packages") == "the feed deletes its own after 30 days"
    sheet.settings["leavers"]["purge_after"] = "1d"
    assert sheet.sections()["What arrives"].note("Who leaves") == "with a purge date 1 day later"


@pytest.mark.parametrize("more, identifier, example", [
    ({}, "USERNAME", "https://photos.example.edu/user_photos/D12345678.JPG"),
    ({"identifier": "UNIV_ID", "suffix": "png"}, "UNIV_ID",
     "https://photos.example.edu/user_photos/D12345678.png"),
])
def test_the_settings_for_photos(tmp_path, more, identifier, example):
    mapping = MAPPING + "  user_identifiers:\n    - { id_type: UNIV_ID, value: '${employeeNumber}' }\n"
    sections = Sheet(tmp_path, mapping, photos=PHOTO | more).sections()
    form = sections[PHOTOS]
    assert [row[:2] for row in form.rows] == [
        ("photo_identifier_type", identifier), ("photo_server_url", PHOTO["url"]),
        ("photo_suffix", more.get("suffix", "JPG")), ("For instance", example)]
    assert form.kinds == ["type", "type", "type", "words"]
    assert sections[PEOPLE].value("Who runs the web server") == f"shows the photos at {PHOTO['url']}"
    assert sections[PEOPLE].note("Who runs the directory").endswith(", jpegPhoto")
    assert [sections[BRAKES].value(f"photos{name}") for name in ("", "_replaced", "_unread")] == [
        "5%", "50%", "20%"]


def test_without_photos_nothing_is_said_of_them(tmp_path):
    sheet = Sheet(tmp_path)
    assert not re.search("photo", sheet.run(), re.I)


def test_brakes(tmp_path):
    sheet = Sheet(tmp_path, brakes={"missing": "0.25%", "rejected": 200, "new": "off",
                                    "min_users": 500})
    brakes = sheet.sections()[BRAKES]
    assert [row[:2] for row in brakes.rows] == [
        ("missing", "0.25%"), ("rejected", "200"), ("held", "2%"), ("changed", "50%"), ("new", "off"),
        ("field_loss", "5%"), ("group_shift", "10%"), ("min_users", "500")]
    assert all(note for _, _, note in brakes.rows)
    sheet.settings["brakes"]["min_users"] = "off"
    assert sheet.sections()[BRAKES].value("min_users") == "off"


def test_fields(tmp_path):
    mapping = MAPPING + """\
  emails:
    - email_address: ${mail}
      email_types: [work]
      description: ${mail | before '@'}
"""
    document, sections = parse_html(Sheet(tmp_path, mapping).run("--format", "html"))
    fields = sections[FIELDS]
    assert [row[0] for row in fields.rows] == ["primary_id", "last_name", "user_group", "emails"]
    assert fields.value("emails") == "e-mail addresses: email_address, description, email_types"
    assert fields.note("primary_id") == fields.note("last_name") == "in every record"
    assert fields.note("user_group") == "what staff edits by hand stays"
    text = "".join(document.itertext())
    unfilled = re.search(r"Not filled: (.*)\.", text).group(1).split(", ")
    known = [line.split("\t")[0] for line in subprocess.run(
        [PROGRAM, "fields"], capture_output=True, text=True, check=True).stdout.splitlines()]
    assert unfilled == [name for name in known if "." not in name and name != "record_type"
                        and name not in ("primary_id", "last_name", "user_group", "emails")]


def codes_of(folder, mapping, field):
    section = Sheet(folder, mapping).sections()[CODES]
    rows = [(value, note, kind) for (label, value, note), kind in zip(section.rows, section.kinds)
            if label == field]
    others = [note for _, note, kind in rows if kind == "words"]
    return [value for value, _, kind in rows if kind == "type"], others


HEAD = """\
mapping: 1
match_id: primary_id
tables:
  groups: { staff: STAFF, faculty: FACULTY, prof: FACULTY }
  spare: { x: SPARE }
define:
  kind: ${employeeType | lookup groups}
"""
USER = """\
user:
  primary_id: ${uid}
  last_name: ${sn}
"""


@pytest.mark.parametrize("rule, codes, others", [
    ("PATRON", ["PATRON"], []),
    ("${employeeType | lookup groups}", ["FACULTY", "STAFF"], []),
    ("${employeeType | lookup groups | default GUEST}", ["FACULTY", "GUEST", "STAFF"], []),
    ("[{ when: '(ou=x)', value: ONE }, '${employeeType | lookup groups}', TWO]",
     ["FACULTY", "ONE", "STAFF", "TWO"], []),
    ("${define.kind | default OTHER}", ["FACULTY", "OTHER", "STAFF"], []),
    ("${employeeType}", [], ["${employeeType}"]),
    ("[STAFF, '${employeeType | upper}']", ["STAFF"], ["${employeeType | upper}"]),
    ("G-${employeeType}", [], ["G-${employeeType}"]),
    ("${employeeType | lookup groups | lower}", [], ["${employeeType | lookup groups | lower}"]),
    ("${ou | default NONE | matching '^N'}", [], ["${ou | default NONE | matching '^N'}"]),
    ("${ou | default ' NONE '}", ["NONE"], ["${ou | default ' NONE '}"]),
])
def test_codes_of_a_rule(tmp_path, rule, codes, others):
    found, notes = codes_of(tmp_path, f"{HEAD}{USER}  user_group: {rule}\n", "user_group")
    assert found == codes
    assert notes == [f"{other} gives codes that the mapping does not list" for other in others]


@pytest.mark.parametrize("permitted, rule, codes, others", [
    ("[STAFF, GUEST]", "${employeeType | lookup groups}", ["STAFF"], []),
    ("[STAFF, GUEST]", "${employeeType}", ["GUEST", "STAFF"], []),
    ("{ values: [STAFF, GUEST], otherwise: { replace: GUEST } }", "${employeeType | lookup groups}",
     ["GUEST", "STAFF"], []),
    ("{ values: [STAFF, GUEST], otherwise: warn }", "${employeeType | lookup groups}",
     ["FACULTY", "STAFF"], []),
    ("{ values: [STAFF, GUEST], otherwise: warn }", "[PATRON, '${employeeType}']",
     ["GUEST", "PATRON", "STAFF"], ["${employeeType}"]),
])
def test_codes_that_the_mapping_permits(tmp_path, permitted, rule, codes, others):
    mapping = f"{HEAD}codes:\n  user_group: {permitted}\n{USER}  user_group: {rule}\n"
    found, notes = codes_of(tmp_path, mapping, "user_group")
    assert found == codes
    assert notes == [f"{other} gives codes that the mapping does not list" for other in others]


def test_codes_of_items(tmp_path):
    mapping = HEAD + USER + """\
  emails:
    - { email_address: '${mail}', email_types: [work, school] }
  user_identifiers:
    - { id_type: BARCODE, value: '${cardNumber}' }
    - { id_type: '01', value: '${employeeNumber}' }
"""
    assert codes_of(tmp_path, mapping, "emails.email_types") == (["school", "work"], [])
    assert codes_of(tmp_path, mapping, "user_identifiers.id_type") == (["01", "BARCODE"], [])


def test_of_many_codes_the_first_are_listed(tmp_path):
    (tmp_path / "codes.csv").write_text("key,code\n" + "".join(f"{n},C{n:03}\n" for n in range(150)))
    mapping = ("mapping: 1\nmatch_id: primary_id\ntables:\n  many: { csv: codes.csv, key: key }\n" + USER
               + "  campus_code: ${ou | lookup many code}\n")
    section = Sheet(tmp_path, mapping).sections()[CODES]
    values = section.values("campus_code")
    assert values[:-1] == [f"C{n:03}" for n in range(100)] and values[-1] == "and 50 more"


def test_attributes_that_the_feed_reads(tmp_path):
    mapping = HEAD + USER + "  user_group: [{ when: '(groups=cn=a,dc=example)', value: A }, B]\n"
    note = Sheet(tmp_path, mapping).sections()[PEOPLE].note("Who runs the directory")
    names, _, groups = note.removeprefix("of everybody in the feed: ").partition("; ")
    assert sorted(names.split(", ")) == ["employeeType", "sn", "uid"]
    assert groups == "and all groups with their members"


KEY_LOGIN = "it logs in with the key "


def account_note(sheet):
    notes = [note for _, value, note in sheet.sections()[PEOPLE].rows if value.startswith("an account 'feed'")]
    (note,) = notes
    return note


@pytest.mark.parametrize("options", [["-t", "ed25519"], ["-t", "ed25519", "-N", "pass phrase"],
                                     ["-t", "ecdsa", "-m", "PEM"]], ids=" ".join)
def test_the_key_that_the_server_must_have(tmp_path, options):
    phrase = [] if "-N" in options else ["-N", ""]
    subprocess.run(["ssh-keygen", "-q", "-f", tmp_path / "key", *options, *phrase], check=True)
    shown = subprocess.run(["ssh-keygen", "-l", "-f", tmp_path / "key.pub"], check=True, text=True,
                           capture_output=True).stdout.split()[1]
    sheet = Sheet(tmp_path, sftp={"key": {"file": "key"}})
    assert account_note(sheet).startswith(f"{KEY_LOGIN}{shown};")
    if "PEM" not in options:
        (tmp_path / "key.pub").unlink()
        assert account_note(sheet).startswith(f"{KEY_LOGIN}{shown};")
    (tmp_path / "key").unlink()
    (tmp_path / "key.pub").unlink(missing_ok=True)
    assert account_note(sheet).startswith("it logs in with a key, whose fingerprint")
    (tmp_path / "key.pub").write_text("ssh-ed25519 nothing\n")
    assert account_note(sheet).startswith("it logs in with a key, whose fingerprint")


def test_other_logins(tmp_path):
    sheet = Sheet(tmp_path, sftp={"directory": {"synchronize": "/a/s", "import": "/a/i"}})
    assert account_note(sheet) == ("it logs in with a password; may list, read, write, rename and delete "
                                   "in /a/s and /a/i")
    del sheet.settings["delivery"]["sftp"]["password"]
    sheet.settings["delivery"]["sftp"]["agent"] = True
    assert account_note(sheet).startswith("it logs in with a key of its agent;")


def secret_options():
    lines = subprocess.run([PROGRAM, "options"], capture_output=True, text=True, check=True).stdout
    rows = [line.split("\t") for line in lines.splitlines()]
    return {row[0] for row in rows if row[1].startswith("secret")} | {"directory.bind.keytab"}


@pytest.mark.parametrize("place", ["file", "credential", "env"])
def test_no_secret_is_on_any_sheet(tmp_path, place):
    """Each option that names a secret, at each place where one is kept."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "made"], check=True)
    private = (tmp_path / "made").read_text()
    hidden, environment, credentials = ["PRIVATE KEY", *private.splitlines()[1:-1]], {}, tmp_path / "creds"
    credentials.mkdir()

    def secret(name, text, kind=place):
        mark = f"kept-{name}"
        hidden.extend([mark, f"secret-{name}"])
        if kind == "env":
            environment[mark.replace("-", "_")] = text
            hidden.append(mark.replace("-", "_"))
            return {"env": mark.replace("-", "_")}
        path = (tmp_path if kind == "file" else credentials) / mark
        path.write_text(text)
        path.chmod(0o600)
        return {kind: mark}

    def login(name):
        return {"key": secret(f"{name}-key", private, "file" if place == "env" else place),
                "passphrase": secret(f"{name}-phrase", f"secret-{name}-phrase"),
                "password": secret(f"{name}-password", f"secret-{name}-password")}

    sheet = Sheet(tmp_path, sftp=login("sftp"), photos=PHOTO | {
        "delivery": {"sftp": SFTP | login("photos") | {"directory": "/photos"}}})
    bind = {"dn": "cn=reader,dc=example,dc=edu", "password": secret("bind", "secret-bind")}
    used = {"directory.bind.password", "directory.bind.keytab"}
    used |= {f"{place}.sftp.{option}" for place in ("delivery", "photos.delivery")
             for option in ("key", "passphrase", "password")}
    assert secret_options() == used
    server = {"uri": "ldaps://ldap.example.edu", "searches": [{"base": "dc=example,dc=edu"}]}
    secret("keytab", "secret-keytab", "file")
    for login_to_directory in (bind, {"method": "gssapi", "keytab": "kept-keytab",
                                      "principal": "alma@EXAMPLE.EDU"}):
        sheet.settings["directory"] = server | {"bind": login_to_directory}
        for form in ("text", "markdown", "html"):
            text = sheet.run("--format", form, CREDENTIALS_DIRECTORY=str(credentials), **environment)
            assert "SHA256:" in text
            assert [word for word in hidden if word in text] == []


HOSTILE = "a<script>alert(1)</script>&amp;|b`c``d*e_f~g\\h $x$ [i](j) ![k] #l \"m\" 'n' é\u202egnp"
SHOWN = HOSTILE.replace("\u202e", "\\u{202e}")


def test_hostile_values_stay_text(tmp_path):
    mapping = yaml.safe_dump({
        "mapping": "1", "name": HOSTILE, "match_id": "primary_id",
        "user": {"primary_id": "${uid}", "last_name": "${sn}", "user_group": HOSTILE.replace("$", "$$"),
                 "campus_code": "``|", "job_category": "`", "user_title": "a\\|b", "gender": "\\"}},
        allow_unicode=True, sort_keys=False)
    sheet = Sheet(tmp_path, mapping, sftp={"directory": f"/alma/{HOSTILE.replace(chr(0x202e), '')}"})
    page = sheet.run("--format", "html")
    document, sections = parse_html(page)
    assert not document.findall(".//h:script", SPACE) and not document.findall(".//h:a", SPACE)
    assert f"mapping '{SHOWN}'" in "".join(document.itertext())
    assert sections[CODES].values("user_group") == [SHOWN]
    assert sections[CODES].values("campus_code") == ["``|"]
    markdown = parse_markdown(sheet.run("--format", "markdown"))
    for title, section in sections.items():
        for mine, theirs in zip(markdown[title].rows, section.rows, strict=True):
            assert mine == theirs
    text = sheet.run()
    assert SHOWN in text and "\u202e" not in text + page


def test_all_formats_say_the_same(tmp_path):
    sheet = Sheet(tmp_path, (TOP / "mappings/openldap-eduperson.yaml").read_text(), photos=PHOTO)
    _, sections = parse_html(sheet.run("--format", "html"))
    markdown = parse_markdown(sheet.run("--format", "markdown"))
    text = sheet.run()
    assert list(sections) == list(markdown)
    assert re.findall(r"^(.+)\n-+$", text, re.M) == list(sections)
    squeezed = " ".join(text.split())
    for title, section in sections.items():
        assert markdown[title].rows == section.rows and markdown[title].kinds == section.kinds
        for row, kind in zip(section.rows, section.kinds):
            assert all(" ".join(cell.split()) in squeezed for cell in row), row
            assert kind not in ("type", "choose") or f" {row[1]}\n" in text
    assert max(map(len, text.splitlines())) <= 79


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda path: path.stem)
def test_every_mapping_of_the_project_has_a_valid_page(tmp_path, mapping):
    sheet = Sheet(tmp_path)
    sheet.settings["mapping"] = str(mapping)
    _, sections = parse_html(sheet.run("--format", "html"))
    assert sections[SYNCHRONIZE].value("Match ID Type")
    assert sections[FIELDS].rows and sections[CODES].rows


def test_the_page_stands_alone_and_is_accessible(tmp_path):
    page = Sheet(tmp_path, photos=PHOTO).run("--format", "html")
    document, _ = parse_html(page)
    assert document.get("lang") == "en"
    assert "default-src 'none'" in page and "@page" in page
    tags = [node.tag.partition("}")[2] for node in document.iter() if isinstance(node.tag, str)]
    assert not {"script", "link", "img", "iframe", "object"} & set(tags)
    assert not re.search(r"url\(|@import| (src|href|on\w+)=", page)
    assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
    ids = [node.get("id") for node in document.iter() if node.get("id")]
    assert len(set(ids)) == len(ids)
    for node in document.iter():
        assert node.get("aria-labelledby") is None or node.get("aria-labelledby") in ids
    for table in document.iterfind(".//h:table", SPACE):
        assert [head.get("scope") for head in table.iterfind("h:thead/h:tr/h:th", SPACE)] == ["col"] * 3
        for row in table.iterfind("h:tbody/h:tr", SPACE):
            assert [cell.get("scope") for cell in row] == ["row", None, None]


@pytest.mark.parametrize("name, options, first", [
    ("sheet.txt", [], "Alma: hand-over"), ("sheet.md", [], "# Alma: hand-over"),
    ("sheet.html", [], "<!DOCTYPE html>"), ("sheet", ["--format", "html"], "<!DOCTYPE html>"),
    ("sheet.html", ["--format", "text"], "Alma: hand-over")])
def test_into_a_file(tmp_path, name, options, first):
    sheet = Sheet(tmp_path)
    assert sheet.run("--output", name, *options) == ""
    path = tmp_path / name
    assert path.read_text().startswith(first)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.write_text("x" * 100000)
    sheet.run("--output", name, *options)
    form = {"#": "markdown", "<": "html"}.get(first[0], "text")
    assert path.read_text() == sheet.run("--format", form)


def test_nothing_is_asked_and_nothing_is_left(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        sheet = Sheet(tmp_path, sftp={"host": "127.0.0.1", "port": port}, directory={
            "uri": f"ldaps://127.0.0.1:{port}", "searches": [{"base": "dc=example,dc=edu"}],
            "bind": {"dn": "cn=reader,dc=example,dc=edu", "password": {"file": "missing"}}})
        sheet.run()
        with pytest.raises(BlockingIOError):
            server.accept()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ldap2alma.yaml", "mapping.yaml"]
