"""A simulated Alma: takes packages from a folder as Alma's SIS load does, and keeps the users.

Written from what Ex Libris and its customers say of the load, not from the connector: the ZIP is
read by zipfile, the XML by expat. It knows

- the two jobs: Import (only users without a match are made) and Synchronize (matches are updated;
  others are added or rejected);
- matching by the primary identifier or by one identifier type;
- Swap All: what a record leaves out is removed, external segments are replaced, internal ones
  (added by staff) stay, and so do fields that staff edited by hand, until the load sends the value
  it gave before;
- identifiers as one namespace, folded by case, over all users and within one; in one feed the first
  wins;
- rejections in Alma's words, the job's report, and files that are renamed when they were taken.
"""

import dataclasses
import pathlib
import xml.etree.ElementTree as ElementTree
import zipfile

# Lists of segments: the list's element, what a segment must hold, and whether staff's stay.
SEGMENTS = {
    "addresses": ("line1", "city", "address_types"),
    "emails": ("email_address", "email_types"),
    "phones": ("phone_number", "phone_types"),
    "user_identifiers": ("id_type", "value"),
    "user_notes": ("note_type", "user_viewable", "popup_note"),
    "user_blocks": ("block_description",),
    "user_statistics": ("statistic_category",),
}

# Fields whose value stays when staff changed it by hand.
KEPT = {"pin_number", "user_title", "job_category", "user_group", "campus_code", "cataloger_level",
        "preferred_language", "pref_first_name", "pref_middle_name", "pref_last_name",
        "rs_libraries", "library_notices"}

# What the loader does not read.
IGNORED = {"record_type", "account_type", "external_id", "user_roles", "password",
           "force_password_change", "full_name"}


class Rejected(Exception):
    """Alma does not take this user; the text says why."""


@dataclasses.dataclass(frozen=True)
class Segment:
    """One address, e-mail, identifier …: its elements and attributes, in a fixed order."""
    parts: tuple
    internal: bool = False

    def get(self, name):
        return next((value for key, value in self.parts if key == name), None)


@dataclasses.dataclass
class User:
    fields: dict
    segments: dict
    external: bool = True
    given: dict = dataclasses.field(default_factory=dict)  # what the load last gave, for KEPT
    edited: set = dataclasses.field(default_factory=set)   # fields that staff edited by hand

    @property
    def primary_id(self):
        return self.fields["primary_id"]

    def identifiers(self):
        """Every identifier, folded, with its type as Alma's messages name it."""
        yield "PRIMARYIDENTIFIER", self.primary_id
        for segment in self.segments.get("user_identifiers", ()):
            yield segment.get("id_type"), segment.get("value")


@dataclasses.dataclass
class Report:
    processed: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: list = dataclasses.field(default_factory=list)  # (match value, why)
    files: list = dataclasses.field(default_factory=list)
    failed_files: list = dataclasses.field(default_factory=list)


def fold(text):
    return text.casefold()


def flat(element):
    """The text of an element, or the tuple of its children's, whatever they hold."""
    if len(element) == 0:
        return (element.text or "").strip()
    return tuple(sorted((child.tag, flat(child)) for child in element))


def read_segment(element, required):
    attributes = {key: value for key, value in element.attrib.items() if key != "segment_type"}
    parts = [("@" + key, value) for key, value in attributes.items()]
    for child in element:
        value = flat(child)
        if value in ("", ()):
            raise Rejected(f"Mandatory field is missing: {child.tag}")
        parts.append((child.tag, value))
    for name in required:
        if name not in dict(parts):
            raise Rejected(f"Mandatory field is missing: {name}")
    return Segment(tuple(sorted(parts)))


def read_user(element):
    """A <user> element as Alma would keep it."""
    fields, segments = {}, {}
    children = [child for child in element if child.tag != "contact_info"]
    children += [part for info in element.findall("contact_info") for part in info]
    for child in children:
        if child.tag in SEGMENTS:
            segments[child.tag] = [read_segment(item, SEGMENTS[child.tag]) for item in child]
            if sum(item.get("@preferred") == "true" for item in segments[child.tag]) > 1:
                raise Rejected(f"More than one preferred in {child.tag}")
        elif child.tag not in IGNORED:
            fields[child.tag] = flat(child)
    return User(fields, {name: items for name, items in segments.items() if items})


class Alma:
    """The users, and the load that changes them. `match` is "primary_id" or an identifier type."""

    def __init__(self, folder, match="primary_id", unmatched="add", groups=None, most_files=20):
        self.folder = pathlib.Path(folder)
        self.match = match
        self.unmatched = unmatched
        self.groups = groups
        self.most_files = most_files
        self.users = []
        self.reports = []
        self._owners = {}  # folded identifier -> user

    def find(self, identifier):
        """Whoever has the identifier, of whatever type."""
        return self._owners.get(fold(identifier))

    def waiting(self):
        return sorted(path for path in self.folder.iterdir() if path.name.endswith(".zip"))

    def load(self, job="synchronize", ending=".handled"):
        """One run of the job: takes what lies in the folder, in the order of names."""
        report = Report()
        feed = {}  # identifiers that this run has seen, with whose they are
        for path in self.waiting()[:self.most_files]:
            try:
                documents = read_documents(path)
            except (zipfile.BadZipFile, ElementTree.ParseError, ValueError) as fault:
                report.failed_files.append((path.name, f"Could not parse file: {fault}"))
                continue
            report.files.append(path.name)
            for document in documents:
                for element in document.findall("user"):
                    self._process(element, job, report, feed)
            path.rename(path.with_name(path.name + ending))
        self.reports.append(report)
        return report

    def _process(self, element, job, report, feed):
        report.processed += 1
        shown = element.findtext("primary_id") or "?"
        try:
            incoming = read_user(element)
            match = self._match_value(incoming)
            shown = match
            user = self._matched(match)
            self._check(incoming, user, feed)
            if user is None:
                self._create(incoming)
                report.created += 1
            elif job == "import":
                raise Rejected(f"User with identifier of type {self.match} already exists")
            elif self._update(user, incoming):
                report.updated += 1
            else:
                report.unchanged += 1
        except Rejected as why:
            report.rejected.append((shown, str(why)))

    def _match_value(self, incoming):
        if self.match == "primary_id":
            value = incoming.fields.get("primary_id", "")
        else:
            value = next((segment.get("value")
                          for segment in incoming.segments.get("user_identifiers", ())
                          if segment.get("id_type") == self.match), "")
        if not value:
            raise Rejected(f"Match ID of type {self.match} is missing")
        return value

    def _matched(self, value):
        user = self._owners.get(fold(value))
        if user is None:
            return None
        if self.match == "primary_id":
            return user if fold(user.primary_id) == fold(value) else None
        return user if any(kind == self.match and fold(identifier) == fold(value)
                           for kind, identifier in user.identifiers()) else None

    def _check(self, incoming, user, feed):
        if not incoming.fields.get("last_name"):
            raise Rejected("Mandatory field is missing: last_name")
        if self.groups is not None and incoming.fields.get("user_group") not in self.groups:
            raise Rejected("Given user group is not legal")
        if user is not None and not user.external:
            raise Rejected("User is not external")
        if user is None and self.unmatched == "reject":
            raise Rejected("User does not exist")
        if not incoming.fields.get("primary_id"):
            raise Rejected("Mandatory field is missing: primary_id")
        own = set()
        for kind, identifier in incoming.identifiers():
            key = fold(identifier)
            taken = f"Identifier of type {kind} and value {identifier} is already taken"
            if key in own:
                raise Rejected(f"{taken} AcrossInstitution")
            if key in feed:
                raise Rejected(f"{taken} AcrossInstitution in this feed")
            if self._owners.get(key, user) is not user:
                raise Rejected(f"{taken} AcrossInstitution")
            own.add(key)
        for key in own:
            feed[key] = incoming

    def _create(self, incoming):
        incoming.given = dict(incoming.fields)
        self.users.append(incoming)
        self._own(incoming)

    def _own(self, user):
        for _, identifier in user.identifiers():
            self._owners[fold(identifier)] = user

    def _disown(self, user):
        for _, identifier in user.identifiers():
            self._owners.pop(fold(identifier), None)

    def _update(self, user, incoming):
        """Swap All. True when something is different afterwards."""
        before = (dict(user.fields), {name: list(items) for name, items in user.segments.items()})
        self._disown(user)
        fields = dict(incoming.fields)
        for name in user.edited & KEPT:
            if incoming.fields.get(name) == user.given.get(name):
                fields[name] = user.fields[name]
            else:
                user.edited.discard(name)
        user.given = dict(incoming.fields)
        user.fields = fields
        for name in SEGMENTS:
            internal = [item for item in user.segments.get(name, ()) if item.internal]
            user.segments[name] = incoming.segments.get(name, []) + internal
        user.segments = {name: items for name, items in user.segments.items() if items}
        self._own(user)
        return before != (user.fields, user.segments)

    # What staff do at the desk.

    def edit(self, user, field, value):
        user.fields[field] = value
        user.edited.add(field)

    def add_internal(self, user, name, **parts):
        self._disown(user)
        user.segments.setdefault(name, []).append(Segment(tuple(sorted(parts.items())), True))
        self._own(user)

    def make_internal_user(self, primary_id, last_name):
        user = User({"primary_id": primary_id, "last_name": last_name}, {}, external=False)
        self.users.append(user)
        self._own(user)
        return user


def read_documents(path):
    """The documents of a package. Alma takes nothing but whole ZIP files of whole documents."""
    documents = []
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if not names or len(names) > 50:
            raise ValueError(f"{len(names)} files in the package")
        for name in names:
            document = ElementTree.fromstring(archive.read(name))
            if document.tag != "users":
                raise ValueError(f"{name} has no users")
            documents.append(document)
    return documents
