"""The made-up university of tests/support/people as an Active Directory would hold it.

    texts, changes = ad_records(people_ldif, BASE)

Besides what the person's kind gives: every 20th account is disabled, every 25th has ended, some
never end (both of Active Directory's ways to say so are there), names have commas and accents, some
have photos. Departments are in faculties, which are in `university`, which opens doors: groups five
deep, with a cycle.
"""

import calendar
import io
import time

from ldap.dn import escape_dn_chars
from ldif import LDIFRecordList, LDIFWriter

# userAccountControl: an account, disabled, whose password never ends.
ACCOUNT, DISABLED, LASTING = 0x200, 0x2, 0x10000
NEVER = (0, 0x7FFFFFFFFFFFFFFF)
SECURITY_GROUP = "-2147483646"
CHUNK = 500  # people a text: ldbadd's time for one grows with how many it has added

UNITS = {"staff": "Staff", "student": "Students", "alum": "Alumni"}
ELSEWHERE = "Guests"

# What is only called otherwise; of several values the first, as nearly all of these have one value.
ATTRIBUTES = {
    "givenName": "givenName", "sn": "sn", "displayName": "displayName",
    "schacPersonalTitle": "personalTitle", "telephoneNumber": "telephoneNumber", "mobile": "mobile",
    "l": "l", "postalCode": "postalCode", "employeeType": "employeeType",
    "employeeNumber": "employeeID", "libraryBarcode": "employeeNumber",
    "departmentNumber": "department", "title": "title", "preferredLanguage": "preferredLanguage",
    "jpegPhoto": "thumbnailPhoto",
}

# Groups of groups; those that a small university lacks are left out.
NESTED = {
    "faculty-arts": [f"dept-{number:02}" for number in range(6)],
    "faculty-science": [f"dept-{number:02}" for number in range(6, 12)],
    "university": ["faculty-arts", "faculty-science", "all-students", "all-staff", "doors"],
    "card-holders": ["university", "all-alumni"],
    "doors": ["card-holders", "library-staff"],
}


def filetime(general):
    """100 ns since 1601 from YYYYMMDDhhmmssZ."""
    seconds = calendar.timegm(time.strptime(general, "%Y%m%d%H%M%SZ"))
    return (seconds + 11644473600) * 10000000


def records(text):
    reader = LDIFRecordList(io.BytesIO(text))
    reader.parse()
    return reader.all_records


def written(dn, entry):
    output = io.StringIO()
    LDIFWriter(output, cols=1 << 30).unparse(
        dn, {name: [value if isinstance(value, bytes) else str(value).encode() for value in values]
             for name, values in entry.items()})
    return output.getvalue()


def unit_of(entry):
    return UNITS.get(entry.get("employeeType", [b""])[0].decode(), ELSEWHERE)


def person_dn(entry, base):
    """As administrators' tools name people, by last name and first; at most 64 characters."""
    sn, given, uid = (entry[name][0].decode() for name in ("sn", "givenName", "uid"))
    name = f"{sn}, {given}"[:45] + f" ({uid})"
    return f"CN={escape_dn_chars(name)},OU={unit_of(entry)},OU=People,{base}"


def expiry(entry, number):
    if number % 25 == 7:
        return filetime("20200131000000Z")
    if number % 10 < len(NEVER) or "schacExpiryDate" not in entry:
        return NEVER[number % len(NEVER)]
    return filetime(entry["schacExpiryDate"][0].decode())


def street(postal_address):
    """RFC 4517, 3.3.28: lines between dollar signs; Active Directory has line ends in the value."""
    return postal_address.replace("$", "\r\n").replace("\\24", "$").replace("\\5C", "\\")


def person(entry, number, domain):
    uid = entry["uid"][0].decode()
    result = {name: entry[ours][:1] for ours, name in ATTRIBUTES.items() if ours in entry}
    result |= {
        "objectClass": ["user"], "sAMAccountName": [uid],
        "userPrincipalName": [f"{uid}@{domain}"],
        "userAccountControl": [ACCOUNT | (DISABLED if number % 20 == 3 else 0)],
        "accountExpires": [expiry(entry, number)],
        "streetAddress": [street(entry["postalAddress"][0].decode())],
    }
    if "mail" in entry:
        result["mail"] = entry["mail"][:1]
        result["proxyAddresses"] = [
            ("smtp:" if place else "SMTP:") + mail.decode()
            for place, mail in enumerate(entry["mail"])]
    return result


def folders(base):
    names = ("People", *(f"{unit},OU=People" for unit in (*UNITS.values(), ELSEWHERE)), "Groups")
    return "".join(f"dn: OU={name},{base}\nobjectClass: organizationalUnit\n\n" for name in names)


def group_dn(name, base):
    return f"CN={name},OU=Groups,{base}"


def group(name, members, base):
    return written(group_dn(name, base), {
        "objectClass": ["group"], "sAMAccountName": [name], "groupType": [SECURITY_GROUP],
        "member": members})


def nesting(names, base):
    """Fills the groups of groups, which are to be there, from those that are in names."""
    return "".join(
        f"dn: {group_dn(name, base)}\nchangetype: modify\nadd: member\n"
        + "".join(f"member: {group_dn(part, base)}\n" for part in parts if part in names) + "\n"
        for name, parts in NESTED.items())


def ad_records(people_ldif, base):
    """Returns texts to be added, one after the other, and a text of changes to be made then."""
    domain = base.lower().replace("dc=", "").replace(",", ".")
    names, people, groups = {}, [], dict.fromkeys(NESTED, ())
    for dn, entry in records(people_ldif):
        if b"inetOrgPerson" in entry["objectClass"]:
            names[dn] = person_dn(entry, base)
            people.append(written(names[dn], person(entry, len(people) + 1, domain)))
        elif "member" in entry:
            groups[entry["cn"][0].decode()] = [names[member.decode()] for member in entry["member"]]
    chunks = ["".join(people[start:start + CHUNK]) for start in range(0, len(people), CHUNK)]
    every_group = "".join(group(name, members, base) for name, members in groups.items())
    return [folders(base), *chunks, every_group], nesting(groups, base)
