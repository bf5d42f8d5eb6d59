"""A small university that lives: people are hired, marry, move, lose their cards, leave and return. It
knows its directory, as LDIF, and what Alma should know of each person.

    campus = Campus(random.Random(1), 60)
    campus.live()             # a day
    campus.ldif()             # entries in any order, values in any order
    campus.records()          # {uid: what Alma should have}
"""

import dataclasses
import uuid

SUFFIX = "dc=example,dc=edu"
DEPARTMENTS = ("Library", "Physics", "Law", "Music")
GIVEN = ("Ana", "Bo", "Cleo", "Dmitri", "Elif", "Finn", "Goran", "Hana", "Io", "Jun")
NAMES = ("Ruiz", "Cole", "Okafor", "Lindqvist", "Tanaka", "Moreau", "Novák", "Haddad", "Kaya")
STAFF, STUDENT, GUEST = "staff", "student", "guest"

MAPPING = """\
mapping: 1
match_id: primary_id
select: (!(employeeType=guest))
require: [last_name, user_group]
tables:
  groups: { staff: STAFF, student: STUDENT }
user:
  primary_id: ${uid}
  first_name: ${givenName}
  last_name: ${sn}
  user_group: ${employeeType | lookup groups}
  campus_code: ${departmentNumber}
  expiry_date: ${today | plus 1y}
  emails:
    - each: ${mail}
      email_address: ${each}
      email_types: [work]
  phones:
    - each: ${telephoneNumber}
      phone_number: ${each}
      phone_types: [office]
  user_identifiers:
    - id_type: BARCODE
      value: ${employeeNumber}
"""


@dataclasses.dataclass
class Person:
    uid: str
    entry_uuid: str
    given: str
    name: str
    kind: str  # None: nobody has entered it, and the mapping wants it
    department: str
    mails: list
    phones: list
    card: str

    @property
    def dn(self):
        return f"cn={self.given} {self.name} {self.uid},ou={self.department},ou=people,{SUFFIX}"

    def record(self):
        return (self.given, self.name, self.kind.upper(), self.department, frozenset(self.mails),
                frozenset(self.phones), self.card)


def record_in_alma(user):
    """The same of a user of the simulated Alma."""
    def values(segments, name):
        return frozenset(item.get(name) for item in user.segments.get(segments, ()))
    card, = values("user_identifiers", "value")
    return (user.fields["first_name"], user.fields["last_name"], user.fields["user_group"],
            user.fields["campus_code"], values("emails", "email_address"),
            values("phones", "phone_number"), card)


class Campus:
    def __init__(self, chance, size):
        self.chance = chance
        self.hired = 0
        self.cards = 0
        self.people = {}
        self.former = {}
        self.restless = []  # who came back of late
        for _ in range(size):
            self._hire()

    def _hire(self):
        self.hired += 1
        uid = f"u{self.hired:04d}"
        self.people[uid] = Person(
            uid, str(uuid.UUID(int=self.chance.getrandbits(128))), self.chance.choice(GIVEN),
            self.chance.choice(NAMES), self.chance.choice((STAFF, STAFF, STUDENT, GUEST)),
            self.chance.choice(DEPARTMENTS), [f"{uid}@example.edu", f"{uid}@example.org"],
            [f"+1 555 {self.hired:04d}"], self._card())

    def _card(self):
        self.cards += 1
        return f"C{self.cards:06d}"

    def _marry(self, person):
        """A new name, a new address and a new DN."""
        person.name = self.chance.choice(NAMES) + "-" + person.name.split("-")[0]
        person.mails[0] = f"{person.uid}.{self.chance.randrange(1000)}@example.edu"

    def _move(self, person):
        person.department = self.chance.choice(DEPARTMENTS)

    def _lose_card(self, person):
        person.card = self._card()

    def _change_phones(self, person):
        person.phones = [f"+1 555 {self.chance.randrange(10000):04d}" for _ in
                         range(self.chance.randrange(3))]

    def _change_kind(self, person):
        person.kind = self.chance.choice((STAFF, STUDENT, GUEST, None))

    def _leave(self, person):
        if self.restless and self.chance.random() < 0.7:
            person = self.people.get(self.chance.choice(self.restless), person)
        self.former[person.uid] = self.people.pop(person.uid)

    def _return(self, person):
        self.people[person.uid] = self.former.pop(person.uid)
        self.restless = [*self.restless[-2:], person.uid]

    def live(self):
        """One day. On some nothing happens."""
        for act, most in ((self._marry, 1), (self._move, 2), (self._lose_card, 1),
                          (self._change_phones, 2), (self._change_kind, 2), (self._leave, 2)):
            for _ in range(self.chance.choice((0, self.chance.randint(0, most)))):
                act(self.chance.choice(list(self.people.values())))
        if self.former and self.chance.random() < 0.6:
            self._return(self.chance.choice(list(self.former.values())[-2:]))
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            self._hire()

    def entry(self, person):
        lines = [f"{name}: {value}" for name, value in (
            ("uid", person.uid), ("entryUUID", person.entry_uuid), ("sn", person.name),
            ("cn", f"{person.given} {person.name} {person.uid}"), ("givenName", person.given),
            ("departmentNumber", person.department), ("employeeNumber", person.card),
            ("objectClass", "inetOrgPerson"), *(("mail", mail) for mail in person.mails),
            *(("telephoneNumber", phone) for phone in person.phones))]
        if person.kind:
            lines.append(f"employeeType: {person.kind}")
        self.chance.shuffle(lines)
        return "\n".join([f"dn: {person.dn}", *lines]) + "\n\n"

    def ldif(self):
        people = list(self.people.values())
        self.chance.shuffle(people)
        return "".join(self.entry(person) for person in people)

    def records(self):
        return {person.uid: person.record() for person in self.people.values()
                if person.kind not in (GUEST, None)}

    def incomplete(self):
        """Those whom the mapping rejects: they are there, and Alma keeps what it has of them."""
        return {person.uid for person in self.people.values() if person.kind is None}
