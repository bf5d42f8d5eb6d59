/* formats: the form of single texts of the site's file, as far as it can be told without asking
 * anybody. A complaint follows the option's path in a sentence and never quotes the text. NULL:
 * nothing to complain of.
 */
#ifndef SETTINGS_FORMATS_H
#define SETTINGS_FORMATS_H

#include "base/slice.h"

#include <stdbool.h>

/* What makes up the forms below, as a regular expression (ECMA 262) for editors. */
struct format {
    const char *(*complaint)(struct slice text); /* one of those below; NULL: any line of text */
    const char *pattern;
    bool takes_number; /* what YAML reads as a number or boolean can be one */
};

/* That of NULL where there is none: it takes all that any other takes. */
const struct format *format_of(const char *(*complaint)(struct slice text));

/* Of the text that says where a secret is kept, behind "file", "credential" or "env". */
const struct format *format_of_place(const char *place);

/* A feed's name becomes part of file names: letters, digits, '-', '_', '.', at most 64. */
const char *format_name_complaint(struct slice text);

enum format_scheme { FORMAT_LDAP, FORMAT_LDAPS, FORMAT_LDAPI, FORMAT_SCHEME_COUNT };

/* RFC 4516 section 2, but nothing behind host and port: what to search stands elsewhere. */
const char *format_uri_complaint(struct slice text);

/* The scheme of a URI without complaint. */
enum format_scheme format_uri_scheme(struct slice uri);

/* "ldap", "ldaps", "ldapi". */
const char *format_scheme_name(enum format_scheme scheme);

/* A domain of DNS, and the one name that a site is. */
const char *format_domain_complaint(struct slice text);
const char *format_site_complaint(struct slice text);

/* Rough: parentheses as RFC 4515 wants them; the directory's library judges the rest. */
const char *format_filter_complaint(struct slice text);

/* A name or OID of RFC 4512 section 1.4, without options. */
const char *format_attribute_complaint(struct slice text);

/* Host and account also become arguments of the sftp program, where a leading '-' is an option. */
const char *format_host_complaint(struct slice text);
const char *format_account_complaint(struct slice text);

/* The name of a systemd credential, which is a file's name, and of an environment variable. */
const char *format_credential_complaint(struct slice text);
const char *format_variable_complaint(struct slice text);

/* "SHA256:" and the unpadded base64 of 32 bytes, as ssh-keygen(1) -l prints it. */
const char *format_fingerprint_complaint(struct slice text);

/* A brake and a day: "missing@2026-12-01". */
const char *format_release_complaint(struct slice text);

/* Where photos lie: "https://HOST/PATH/", without query; the slash at the end is Alma's demand. */
const char *format_photo_url_complaint(struct slice text);

/* Pixels: "300x400", each 16 to 4000. */
const char *format_size_complaint(struct slice text);
bool format_size_parse(struct slice text, unsigned *ret_width, unsigned *ret_height);

#endif
