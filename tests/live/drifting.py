"""A small directory that changes at random, the same on each kind of server: people come, change, are
renamed, move in and out of the feed, leave; identifiers are swapped, taken over and given to two.

    people = Changing(server, SlapdPlace, random.Random(seed))
    people.found(40)       # the tree and the first people
    people.change()        # one change, which is done when it returns
"""

import contextlib

import ldap
from ldap.modlist import addModlist
from slapd import ldif

HOUSES = ("staff", "students", "guests")  # guests are in no search


class SlapdPlace:
    """Where people are, what they are called, and which attributes they have."""

    classes = [b"inetOrgPerson"]
    filter = "(objectClass=inetOrgPerson)"

    def __init__(self, server):
        self.base = f"ou=detect,{server.base}"

    def rdn(self, uid):
        return f"uid={uid}"

    def group(self, dn):
        return {"objectClass": [b"groupOfNames"], "cn": [dn[3:].split(",")[0].encode()]}

    def entry(self, person):
        return {"objectClass": self.classes, **{name: [value.encode()] for name, value in
                                                self.values(person).items() if value}}

    def values(self, person):
        return {"uid": person.uid, "cn": person.sn, "sn": person.sn, "mail": person.mail,
                "employeeNumber": person.card, "employeeType": person.kind}


class ActiveDirectoryPlace(SlapdPlace):
    classes = [b"user"]
    filter = "(&(objectCategory=person)(objectClass=user))"

    def rdn(self, uid):
        return f"CN={uid}"

    def group(self, dn):
        return {"objectClass": [b"group"], "sAMAccountName": [dn[3:].split(",")[0].encode()]}

    def values(self, person):
        return {"cn": person.uid, "sAMAccountName": person.account, "uid": person.uid,
                "sn": person.sn, "mail": person.mail, "employeeNumber": person.card,
                "employeeType": person.kind}


# For people in groups, which tell of one another.
GROUPED = """\
  user_statistics:
    - { each: "${groups.nested | rdn | matching '^(readers|writers|all)$'}",
        statistic_category: "${each}" }
"""

MAPPING = """\
mapping: 1
match_id: primary_id
select: (!(employeeType=hidden))
require: [last_name]
user:
  primary_id: ${uid}
  last_name: ${sn | matching '^[^!]*$'}
  user_group: ${employeeType}
  emails:
    - { email_address: "${mail}", email_types: [work] }
  user_identifiers:
    - { id_type: BARCODE, value: "${employeeNumber}" }
"""


class Person:
    def __init__(self, number, house):
        self.account = self.uid = f"u{number:04d}"
        self.house = house
        self.sn = f"Number {number}"
        self.mail = f"{self.uid}@example.edu"
        self.card = f"C{number:04d}"
        self.kind = "STAFF"


def old_records(place, count):
    """The tree, and people who were changed last long ago, as LDIF for slapadd."""
    old = ("createTimestamp: 20260101000000Z", "modifyTimestamp: 20260101000000Z")
    text = ldif(place.base, "objectClass: organizationalUnit", "ou: detect", *old)
    for house in HOUSES:
        text += ldif(f"ou={house},{place.base}", "objectClass: organizationalUnit", f"ou: {house}",
                     *old)
    for number in range(1, count + 1):
        person = Person(number, "staff")
        text += ldif(f"{place.rdn(person.uid)},ou=staff,{place.base}", "objectClass: inetOrgPerson",
                     *(f"{name}: {value}" for name, value in place.values(person).items()), *old)
    return text


class Changing:
    def __init__(self, server, place, chance):
        self.server = server
        self.place = place(server)
        self.chance = chance
        self.connection = server.ldap()
        self.people = []
        self.number = 0
        self.ways = (self.come, self.come, self.rename, self.rename, self.write, self.write,
                     self.write, self.lose, self.leave, self.go, self.return_, self.swap_cards,
                     self.share_card, self.share_uid, self.take_over, self.fall_ill, self.hide,
                     self.inherit, self.heal, self.heal, self.heal, self.move, self.touch)

    def found(self, count):
        names = {"objectClass": [b"organizationalUnit"]}
        self.connection.add_s(self.place.base, addModlist({**names, "ou": [b"detect"]}))
        for house in HOUSES:
            self.connection.add_s(f"ou={house},{self.place.base}",
                                  addModlist({**names, "ou": [house.encode()]}))
        for _ in range(count):
            self.come()

    def know(self, count):
        """Those of old_records() are there already."""
        for number in range(1, count + 1):
            person = Person(number, "staff")
            person.name = person.uid
            self.people.append(person)
        self.number = count

    def reconnect(self):
        self.connection = self.server.ldap()

    def house(self, person):
        return f"ou={person.house},{self.place.base}"

    def dn(self, person):
        return f"{self.place.rdn(person.name)},{self.house(person)}"

    def change(self):
        way = self.chance.choice(self.ways)
        # A server may refuse what two people share; then nothing has changed.
        with contextlib.suppress(ldap.CONSTRAINT_VIOLATION, ldap.ALREADY_EXISTS):
            way()
        return way.__name__

    def one(self, *others):
        rest = [person for person in self.people if person not in others]
        return self.chance.choice(rest)

    def store(self, person):
        person.name = person.uid
        self.connection.add_s(self.dn(person), addModlist(self.place.entry(person)))
        self.people.append(person)

    def put(self, person):
        """The entry as the person is now, but for its name."""
        entry = self.place.entry(person)
        changes = [(ldap.MOD_REPLACE, name, entry.get(name) or None)
                   for name in self.place.values(person) if name not in ("cn", "uid", "sAMAccountName")]
        self.connection.modify_s(self.dn(person), changes)

    def name(self, person, uid, house=None):
        """Gives the person another name and house; `uid` is what Alma knows them by."""
        before, where = self.dn(person), house or person.house
        target = f"ou={where},{self.place.base}"
        taken = {(other.name, other.house) for other in self.people if other is not person}
        name = uid
        while (name, where) in taken:
            name += "x"
        if (name, where) != (person.name, person.house):
            self.connection.rename_s(before, self.place.rdn(name), target, True)
            person.name, person.house = name, where
        self.connection.modify_s(self.dn(person), [(ldap.MOD_REPLACE, "uid", sorted(
            {uid.encode(), name.encode()} if self.place.rdn("").startswith("uid") else
            {uid.encode()}))])
        person.uid = uid

    # What can happen to groups, which change nobody's own entry. One group is in another.

    def found_groups(self):
        base = f"ou=groups,{self.place.base}"
        self.connection.add_s(base, addModlist({"objectClass": [b"organizationalUnit"],
                                                "ou": [b"groups"]}))
        self.groups = [f"cn={name},{base}" for name in ("readers", "writers", "all")]
        members = ((), (), self.groups[:1])
        for dn, inner in zip(self.groups, members):
            self.connection.add_s(dn, addModlist({
                **self.place.group(dn), "member": [member.encode() for member in
                                                   (*inner, self.dn(self.one()))]}))
        self.ways = [*self.ways, *[self.join] * 6, *[self.quit] * 4]

    def join(self):
        with contextlib.suppress(ldap.TYPE_OR_VALUE_EXISTS, ldap.ALREADY_EXISTS):
            self.connection.modify_s(self.chance.choice(self.groups), [
                (ldap.MOD_ADD, "member", self.dn(self.one()).encode())])

    def quit(self):
        group = self.chance.choice(self.groups)
        people = {self.dn(person).encode() for person in self.people}
        _, entry = self.connection.search_s(group, ldap.SCOPE_BASE, attrlist=["member"])[0]
        members = entry.get("member", [])
        mine = sorted(people.intersection(members))
        if mine and len(members) > 1:
            self.connection.modify_s(group, [(ldap.MOD_DELETE, "member",
                                              self.chance.choice(mine))])

    # What can happen.

    def come(self):
        self.number += 1
        self.store(Person(self.number, self.chance.choice(HOUSES[:2])))

    def rename(self):
        person = self.one()
        self.number += 1
        self.name(person, f"u{self.number:04d}")

    def write(self):
        person = self.one()
        person.sn = f"Name {self.chance.randrange(10 ** 6)}"
        self.put(person)

    def lose(self):
        person = self.one()
        person.mail = "" if person.mail else f"{person.uid}@example.edu"
        self.put(person)

    def leave(self):
        if len(self.people) > 20:
            person = self.one()
            self.connection.delete_s(self.dn(person))
            self.people.remove(person)

    def go(self):
        person = self.one()
        self.name(person, person.uid, "guests")

    def return_(self):
        guests = [person for person in self.people if person.house == "guests"]
        if guests:
            person = self.chance.choice(guests)
            self.name(person, person.uid, self.chance.choice(HOUSES[:2]))

    def move(self):
        person = self.one()
        self.name(person, person.uid, self.chance.choice(HOUSES))

    def swap_cards(self):
        one = self.one()
        other = self.one(one)
        one.card, other.card = other.card, one.card
        self.put(one)
        self.put(other)

    def share_card(self):
        one = self.one()
        one.card = self.chance.choice((self.one(one).card, self.one(one).uid, ""))
        self.put(one)

    def share_uid(self):
        one = self.one()
        self.name(one, self.one(one).uid)

    def take_over(self):
        """Somebody leaves, and somebody else gets the name."""
        if len(self.people) > 20:
            one = self.one()
            self.connection.delete_s(self.dn(one))
            self.people.remove(one)
            if self.chance.random() < 0.5:
                self.name(self.one(), one.uid)
            else:
                self.number += 1
                heir = Person(self.number, one.house)
                heir.uid, heir.card = one.uid, self.chance.choice((one.card, heir.card))
                self.store(heir)

    def inherit(self):
        """Somebody leaves, and somebody else gets the card."""
        if len(self.people) > 20:
            one = self.one()
            self.connection.delete_s(self.dn(one))
            self.people.remove(one)
            heir = self.one()
            heir.card = one.card
            self.put(heir)

    def fall_ill(self):
        """Rejected while the name has this sign; or well again."""
        self.fall_ill_again(self.one())

    def heal(self):
        """Whoever has what others have, or may not have, gets something of their own."""
        for person in self.people:
            others = [other for other in self.people if other is not person]
            if any(person.card in (other.card, other.uid) for other in others):
                self.number += 1
                person.card = f"C{self.number:04d}"
                self.put(person)
            elif any(person.uid == other.uid for other in others):
                self.number += 1
                self.name(person, f"u{self.number:04d}")
            elif person.sn.endswith("!"):
                self.fall_ill_again(person)
            else:
                continue
            return

    def fall_ill_again(self, person):
        person.sn = person.sn.strip("!") if person.sn.endswith("!") else person.sn + "!"
        self.put(person)

    def hide(self):
        person = self.one()
        person.kind = "STAFF" if person.kind == "hidden" else "hidden"
        self.put(person)

    def touch(self):
        """A change that makes no other record."""
        person = self.one()
        self.connection.modify_s(self.dn(person), [(
            ldap.MOD_REPLACE, "description", f"{self.chance.random()}".encode())])
