#!/usr/bin/python3
"""The same job as a good administrator would write it in Python: python3-ldap with paging, lxml's
streaming writer into a ZIP member, the system's sftp. What `make bench` compares ldap2alma with.

The fields are those of mappings/openldap-eduperson.yaml. What ldap2alma does beyond that (checks of
lengths and identifiers, Unicode normalization, findings) is left out here.
"""
import argparse
import re
import subprocess
import zipfile

import ldap
from ldap.controls import SimplePagedResultsControl
from lxml import etree

ATTRIBUTES = [
    "objectClass", "uid", "sn", "givenName", "schacPersonalTitle", "title", "departmentNumber",
    "employeeType", "employeeNumber", "preferredLanguage", "labeledURI", "mail", "telephoneNumber",
    "mobile", "postalAddress", "homePostalAddress", "l", "postalCode", "eduPersonPrincipalName",
    "eduPersonPrimaryAffiliation", "eduPersonAffiliation", "libraryBarcode", "schacDateOfBirth",
    "schacExpiryDate", "memberOf",
]
GROUPS = {"student": "STUDENT", "staff": "STAFF", "faculty": "FACULTY", "employee": "STAFF",
          "alum": "ALUMNI"}
TITLES = {"ms": "MS", "mr": "MR", "mx": "MX", "dr.": "DR", "prof.": "PROF"}
COUNTRIES = {"united states": "USA", "germany": "DEU", "ch": "CHE", "chile": "CHL",
             "poland": "POL", "gr": "GRC", "ukraine": "UKR", "japan": "JPN", "egypt": "EGY",
             "is": "ISL", "ireland": "IRL", "thailand": "THA"}
LIBRARY_STAFF = "cn=library-staff,ou=groups,dc=example,dc=edu"
STATISTIC = re.compile(r"cn=((?:all|dept|library)-[^,]+),ou=groups,", re.IGNORECASE)
PLACE = re.compile(r"([0-9-]+) (.*)")
# What XML 1.0 forbids.
FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(options):
    """Every entry as a dict of lists of bytes."""
    directory = ldap.initialize(options.uri)
    with open(options.password_file, encoding="utf-8") as file:
        directory.simple_bind_s(options.bind_dn, file.read().rstrip("\n"))
    page = SimplePagedResultsControl(True, size=1000, cookie="")
    while True:
        request = directory.search_ext(options.base, ldap.SCOPE_SUBTREE, "(objectClass=person)",
                                       ATTRIBUTES, serverctrls=[page])
        _, entries, _, controls = directory.result3(request)
        for _, entry in entries:
            yield entry
        page.cookie = controls[0].cookie
        if not page.cookie:
            return


def values(entry, name):
    return [" ".join(FORBIDDEN.sub("", value.decode()).split()) for value in entry.get(name, [])]


def value(entry, name):
    found = values(entry, name)
    return found[0] if found else ""


def add(parent, name, text, **attributes):
    """Adds an element with text, or nothing where there is no text."""
    if text:
        etree.SubElement(parent, name, attributes).text = text


def date(text):
    return f"{text[0:4]}-{text[4:6]}-{text[6:8]}Z" if text else ""


def lines(text):
    return [line.replace("\\24", "$").replace("\\5C", "\\") for line in text.split("$")]


def add_address(parent, kind, found, town, postcode, preferred):
    if not found or not town:
        return
    address = etree.SubElement(parent, "address", preferred="true" if preferred else "false",
                               segment_type="External")
    for number, line in enumerate(found[:-1][:5], 1):
        add(address, f"line{number}", line)
    add(address, "city", town)
    add(address, "postal_code", postcode)
    add(address, "country", COUNTRIES.get(found[-1].lower()))
    add(etree.SubElement(address, "address_types"), "address_type", kind)


def add_contact(user, entry):
    contact = etree.SubElement(user, "contact_info")
    addresses = etree.SubElement(contact, "addresses")
    add_address(addresses, "work", lines(value(entry, "postalAddress")), value(entry, "l"),
                value(entry, "postalCode"), True)
    if home := value(entry, "homePostalAddress"):
        found = lines(home)
        place = PLACE.match(found[1])
        add_address(addresses, "home", found, place.group(2), place.group(1), False)
    mails = sorted(values(entry, "mail"), key=lambda mail: not mail.endswith("@example.edu"))
    if mails:
        emails = etree.SubElement(contact, "emails")
    for number, mail in enumerate(mails):
        email = etree.SubElement(emails, "email", preferred="false" if number else "true",
                                 segment_type="External")
        add(email, "email_address", mail)
        add(etree.SubElement(email, "email_types"), "email_type",
            "school" if mail.endswith("@example.edu") else "personal")
    phones = etree.SubElement(contact, "phones")
    for name, kind in (("telephoneNumber", "office"), ("mobile", "mobile")):
        for number in values(entry, name):
            phone = etree.SubElement(phones, "phone", preferred="false" if len(phones) else "true",
                                     segment_type="External")
            add(phone, "phone_number", number)
            add(etree.SubElement(phone, "phone_types"), "phone_type", kind)


def add_lists(user, entry):
    identifiers = etree.SubElement(user, "user_identifiers")
    for kind, text in (("BARCODE", value(entry, "libraryBarcode")),
                       ("UNIV_ID", value(entry, "employeeNumber")),
                       ("NET_ID", value(entry, "uid").lower())):
        if text:
            identifier = etree.SubElement(identifiers, "user_identifier", segment_type="External")
            add(identifier, "id_type", kind)
            add(identifier, "value", text)
            add(identifier, "status", "ACTIVE")
    groups = filter(None, map(STATISTIC.match, values(entry, "memberOf")))
    statistics = etree.SubElement(user, "user_statistics")
    for kind, codes in (("GROUP", [group.group(1) for group in groups]),
                        ("AFFILIATION", values(entry, "eduPersonAffiliation"))):
        for code in codes:
            statistic = etree.SubElement(statistics, "user_statistic", segment_type="External")
            add(statistic, "statistic_category", code.upper())
            add(statistic, "category_type", kind)


def make_user(entry):
    user = etree.Element("user")
    job = [part for part in (value(entry, "title"), value(entry, "departmentNumber")) if part]
    expiry = date(value(entry, "schacExpiryDate"))
    if LIBRARY_STAFF in values(entry, "memberOf"):
        group = "LIBSTAFF"
    else:
        group = GROUPS.get(value(entry, "eduPersonPrimaryAffiliation").lower())
    add(user, "record_type", "PUBLIC")
    add(user, "primary_id", value(entry, "eduPersonPrincipalName").lower())
    add(user, "first_name", value(entry, "givenName"))
    add(user, "last_name", value(entry, "sn"))
    add(user, "user_title", TITLES.get(value(entry, "schacPersonalTitle").lower()))
    add(user, "job_category", value(entry, "employeeType").upper())
    add(user, "job_description", ", ".join(job))
    add(user, "user_group", group)
    add(user, "web_site_url", value(entry, "labeledURI").partition(" ")[0])
    add(user, "preferred_language", value(entry, "preferredLanguage").lower()[:2] or "en")
    add(user, "birth_date", date(value(entry, "schacDateOfBirth")))
    add(user, "expiry_date", expiry)
    add(user, "purge_date", f"{int(expiry[:4]) + 1}{expiry[4:]}")
    add(user, "status", "ACTIVE")
    add_contact(user, entry)
    add_lists(user, entry)
    add(user, "pref_first_name", value(entry, "givenName"))
    add(user, "pref_last_name", value(entry, "sn"))
    return user


def write(options):
    count = 0
    with zipfile.ZipFile(options.package, "w", zipfile.ZIP_DEFLATED) as archive, \
            archive.open("users.xml", "w", force_zip64=True) as member, \
            etree.xmlfile(member, encoding="UTF-8") as document:
        document.write_declaration()
        with document.element("users"):
            for entry in read(options):
                if value(entry, "eduPersonPrimaryAffiliation") != "affiliate":
                    document.write(make_user(entry))
                    count += 1
    return count


def upload(options):
    commands = f"put {options.package} upload.part\nrename upload.part {options.name}\n"
    subprocess.run(["sftp", "-q", "-b", "-", "-P", str(options.port), "-i", options.key,
                    "-o", f"UserKnownHostsFile={options.known_hosts}",
                    "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes",
                    f"{options.user}@127.0.0.1:{options.directory}"],
                   input=commands.encode(), check=True, stdout=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("uri", "bind-dn", "password-file", "base", "package", "name", "port", "user",
                 "key", "known-hosts", "directory"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    count = write(options)
    upload(options)
    print(count)


if __name__ == "__main__":
    main()
