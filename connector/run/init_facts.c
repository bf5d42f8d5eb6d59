#include "run/init_facts.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

const char *const init_classes[] = {
    "eduPerson", "inetOrgPerson", "organizationalPerson", "posixAccount", "person", "account",
    NULL};
static_assert(COUNT(init_classes) == INIT_CLASS_COUNT + 1, "one bit a class");

const struct init_id init_ids[] = {
    {"sAMAccountName", "${sAMAccountName | lower}", NULL,
     "the account's name; it may change when somebody marries"},
    {"eduPersonPrincipalName", "${eduPersonPrincipalName | lower}", NULL,
     "scoped to the university; what Shibboleth often gives to Alma's login"},
    {"uid", "${uid | lower}", NULL, "the account's name; it may change when somebody marries"},
    {"userPrincipalName", "${userPrincipalName | lower}", NULL,
     "looks like a mail address; what Entra ID gives to Alma's login"},
    {"eduPersonUniqueId", "${eduPersonUniqueId | lower}", NULL, "never changes"},
    {"employeeID", "${employeeID}", "UNIV_ID",
     "of the personnel or student system; seldom changes"},
    {"employeeNumber", "${employeeNumber}", "UNIV_ID",
     "of the personnel or student system; seldom changes"},
    {"schacPersonalUniqueCode", "${schacPersonalUniqueCode}", "UNIV_ID", "never changes"},
    {"mail", "${mail | lower | first}", NULL, "people get another one"},
    {NULL, NULL, NULL, NULL},
};
static_assert(COUNT(init_ids) == INIT_ID_COUNT + 1, "one number an identifier");

const struct init_disabled init_disabled[] = {
    {"userAccountControl", "(userAccountControl:1.2.840.113556.1.4.803:=2)",
     "the bit of a disabled account", true},
    {"nsAccountLock", "(nsAccountLock=true)", "an account that was locked, by itself or by a role",
     false},
    {"loginDisabled", "(loginDisabled=TRUE)", "a login that was disabled", false},
    {"pwdAccountLockedTime", "(pwdAccountLockedTime=000001010000Z)",
     "an account that the password policy locked for good", false},
    {"krb5KDCFlags", "(krb5KDCFlags:1.2.840.113556.1.4.803:=128)",
     "a deactivated account of Univention", false},
    {NULL, NULL, NULL, false},
};

const struct init_group_class init_group_classes[] = {
    {"group", "(member=*)"},
    {"groupOfNames", "(member=*)"},
    {"groupOfUniqueNames", "(uniqueMember=*)"},
    {"groupOfMembers", "(member=*)"},
    {"posixGroup", "(|(memberUid=*)(gidNumber=*))"},
    {NULL, NULL},
};

const struct init_rule init_rules[] = {
    {"first_name", "givenName", "${givenName}", NULL},
    {"middle_name", "middleName", "${middleName}", NULL},
    {"last_name", "sn", "${sn}", NULL},
    {"job_description", "title", "${title}", NULL},
    {"web_site_url", "wWWHomePage", "${wWWHomePage}", NULL},
    {"web_site_url", "labeledURI", "${labeledURI | extract '^(\\S+)'}",
     "Without the label behind the address."},
    {"preferred_language", "preferredLanguage",
     "${preferredLanguage | lower | extract '^([a-z]{2})'}", NULL},
    {"birth_date", "schacDateOfBirth", "${schacDateOfBirth | date '%Y%m%d'}", NULL},
    {"expiry_date", "accountExpires", "${accountExpires | filetime}",
     "Active Directory's own date; of most accounts it is \"never\", which yields nothing."},
    {"expiry_date", "schacExpiryDate", "${schacExpiryDate | generalized_time}", NULL},
    {"expiry_date", "krbPrincipalExpiration", "${krbPrincipalExpiration | generalized_time}", NULL},
    {"expiry_date", "loginExpirationTime", "${loginExpirationTime | generalized_time}", NULL},
    {NULL, NULL, NULL, NULL},
};

const struct init_phone init_phones[] = {
    {"telephoneNumber", "office"}, {"mobile", "mobile"}, {"homePhone", "home"}, {NULL, NULL}};

const char *const init_kind_attributes[] = {"eduPersonPrimaryAffiliation",
                                            "employeeType",
                                            "eduPersonAffiliation",
                                            "extensionAttribute1",
                                            "extensionAttribute2",
                                            "extensionAttribute3",
                                            "extensionAttribute4",
                                            "extensionAttribute5",
                                            "userClass",
                                            "businessCategory",
                                            "ucsschoolRole",
                                            "title",
                                            "description",
                                            NULL};

const struct init_word init_words[] = {
    {"librar", "LIBSTAFF"},  {"bibliot", "LIBSTAFF"},   {"faculty", "FACULTY"},
    {"teach", "FACULTY"},    {"professor", "FACULTY"},  {"lectur", "FACULTY"},
    {"academic", "FACULTY"}, {"enseignant", "FACULTY"}, {"docent", "FACULTY"},
    {"dozent", "FACULTY"},   {"lehr", "FACULTY"},       {"profesor", "FACULTY"},
    {"staff", "STAFF"},      {"employee", "STAFF"},     {"personnel", "STAFF"},
    {"personal", "STAFF"},   {"mitarbeit", "STAFF"},    {"verwaltung", "STAFF"},
    {"student", "STUDENT"},  {"étudiant", "STUDENT"},   {"Étudiant", "STUDENT"},
    {"etudiant", "STUDENT"}, {"estudiante", "STUDENT"}, {"studier", "STUDENT"},
    {"pupil", "STUDENT"},    {"undergrad", "STUDENT"},  {"postgrad", "STUDENT"},
    {"alum", "ALUMNI"},      {"retire", "RETIRED"},     {"emerit", "RETIRED"},
    {"affiliate", "GUEST"},  {"guest", "GUEST"},        {"visitor", "GUEST"},
    {"gast", "GUEST"},       {"invit", "GUEST"},        {NULL, NULL},
};

const struct init_known init_known[] = {
    {"accountExpires", INIT_FILETIME},
    {"businessCategory", INIT_SHARED},
    {"c", INIT_SHARED},
    {"cn", INIT_FULL_NAME},
    {"co", INIT_SHARED},
    {"company", INIT_SHARED},
    {"department", INIT_SHARED},
    {"departmentNumber", INIT_SHARED},
    {"description", INIT_SHARED},
    {"displayName", INIT_FULL_NAME},
    {"eduPersonAffiliation", INIT_SHARED},
    {"eduPersonPrimaryAffiliation", INIT_SHARED},
    {"eduPersonPrincipalName", INIT_MAIL},
    {"eduPersonScopedAffiliation", INIT_SHARED},
    {"employeeType", INIT_SHARED},
    {"extensionAttribute1", INIT_SHARED},
    {"extensionAttribute2", INIT_SHARED},
    {"extensionAttribute3", INIT_SHARED},
    {"extensionAttribute4", INIT_SHARED},
    {"extensionAttribute5", INIT_SHARED},
    {"givenName", INIT_GIVEN_NAME},
    {"groups", INIT_GROUPS},
    {"homePostalAddress", INIT_ADDRESS},
    {"isMemberOf", INIT_GROUPS},
    {"krb5KDCFlags", INIT_SHARED},
    {"krbPrincipalExpiration", INIT_TIME},
    {"l", INIT_CITY},
    {"labeledURI", INIT_URL},
    {"loginDisabled", INIT_SHARED},
    {"loginExpirationTime", INIT_TIME},
    {"mail", INIT_MAIL},
    {"memberOf", INIT_GROUPS},
    {"middleName", INIT_GIVEN_NAME},
    {"nsAccountLock", INIT_SHARED},
    {"objectClass", INIT_SHARED},
    {"objectGUID", INIT_BYTES},
    {"ou", INIT_SHARED},
    {"postalAddress", INIT_ADDRESS},
    {"preferredLanguage", INIT_SHARED},
    {"pwdAccountLockedTime", INIT_SHARED},
    {"sAMAccountName", INIT_LOGIN},
    {"schacDateOfBirth", INIT_DAY},
    {"schacExpiryDate", INIT_TIME},
    {"sn", INIT_SURNAME},
    {"st", INIT_SHARED},
    {"street", INIT_ADDRESS},
    {"streetAddress", INIT_ADDRESS},
    {"title", INIT_SHARED},
    {"ucsschoolRole", INIT_SHARED},
    {"uid", INIT_LOGIN},
    {"userAccountControl", INIT_SHARED},
    {"userClass", INIT_SHARED},
    {"userPrincipalName", INIT_MAIL},
    {"wWWHomePage", INIT_URL},
    {NULL, INIT_SCRAMBLED},
};

const char *const init_operational[] = {"memberOf",    "isMemberOf", "nsAccountLock",
                                        "nsUniqueId",  "entryUUID",  "pwdAccountLockedTime",
                                        "ipaUniqueID", NULL};

/* What a name has in it. */
static const char *const secret_words[] = {"password", "passwd", "passphrase", "privateKey",
                                           "secret",   "otpkey", "pwdHistory"};

/* What a name begins with. */
static const char *const never_read[] = {
    "audio",
    "authorizedKeys",
    "cACertificate",
    "dBCSPwd",
    "ipaNTHash",
    "jpegPhoto",
    "krbExtraData",
    "krbPrincipalKey",
    "krb5Key",
    "lmPwdHistory",
    "logonHours",
    "msDS-KeyCredentialLink",
    "ms-Mcs-AdmPwd",
    "msLAPS",
    "msPKI",
    "nTSecurityDescriptor",
    "ntPwdHistory",
    "photo",
    "pwdHistory",
    "replPropertyMetaData",
    "sambaLMPassword",
    "sambaNTPassword",
    "sambaPasswordHistory",
    "sshPublicKey",
    "nsSshPublicKey",
    "ipaSshPubKey",
    "supplementalCredentials",
    "thumbnailPhoto",
    "thumbnailLogo",
    "unicodePwd",
    "userCertificate",
    "userPassword",
    "userPKCS12",
    "userSMIMECertificate",
    "msExchBlockedSendersHash",
    "msExchSafe",
    "univentionPassword",
};

bool
init_is_never_read(const char *attribute)
{
    for (size_t i = 0; i < COUNT(never_read); i++)
        if (strncasecmp(attribute, never_read[i], strlen(never_read[i])) == 0)
            return true;
    for (size_t i = 0; i < COUNT(secret_words); i++)
        if (strcasestr(attribute, secret_words[i]))
            return true;
    return strchr(attribute, ';') != NULL;
}

enum init_content
init_content_of(const char *attribute)
{
    size_t i = 0;

    while (init_known[i].attribute && strcasecmp(init_known[i].attribute, attribute) != 0)
        i++;
    return init_known[i].content;
}

/* Whether a part of the text, of letters alone, begins with the word. */
static bool
has_word(struct slice text, const char *word)
{
    size_t length = strlen(word);
    bool begins = true;

    for (size_t i = 0; i + length <= text.length; i++) {
        if (begins && strncasecmp(text.data + i, word, length) == 0)
            return true;
        begins = !isalpha((unsigned char)text.data[i]) && (unsigned char)text.data[i] < 0x80;
    }
    return false;
}

int
init_word_of(struct slice text)
{
    for (int i = 0; init_words[i].word; i++)
        if (has_word(text, init_words[i].word))
            return i;
    return -1;
}
