#include "unit.h"

#include "directory/ldap_error.h"

#include <ldap.h>
#include <string.h>

static void
the_text_says_what_failed_and_why(void **state)
{
    const struct ldap_failure failure = {
        .result = LDAP_INVALID_CREDENTIALS,
        .diagnostic = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, "
                      "data 775, v4563"};
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(ldap_error_set(&err, &failure, "cannot log in as '%s'", "cn=loader"),
                     LDAP_ATTEMPT_FAILED);
    assert_int_equal(err.code, ERROR_PERMISSION);
    assert_false(err.transient);
    assert_non_null(strstr(err.text, "cannot log in as 'cn=loader': invalid credentials (49): the "
                                     "account is locked, '80090308: "));
    assert_non_null(strstr(err.hint, "not tried again"));
}

static void
the_servers_text_is_made_printable(void **state)
{
    const struct ldap_failure failure = {.result = LDAP_OTHER, .diagnostic = "a\x1b[31mb\nc"};
    struct error err = ERROR_INIT;

    (void)state;
    ldap_error_set(&err, &failure, "cannot do it");
    assert_null(strchr(err.text, '\x1b'));
    assert_null(strchr(err.text, '\n'));
    assert_non_null(strstr(err.text, "[31mb"));
}

static void
active_directorys_login_codes_are_told_in_words(void **state)
{
    static const struct {
        const char *code, *words;
    } cases[] = {
        {"525", "no such user"},
        {"52e", "password"},
        {"530", "at this time"},
        {"531", "machine"},
        {"52f", "restrictions"},
        {"532", "password has expired"},
        {"533", "disabled"},
        {"701", "account has expired"},
        {"773", "changed"},
        {"775", "locked"},
        {"80090346", "channel binding"},
    };
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(text, sizeof text, "80090308: x, data %s, v1db1", cases[i].code);
        assert_non_null(ldap_error_login_words(text));
        assert_non_null(strstr(ldap_error_login_words(text), cases[i].words));
    }
    assert_null(ldap_error_login_words("80090308: x, data 52e1, v1db1"));
    assert_null(ldap_error_login_words("80090308: x, data 57, v1db1"));
    assert_null(ldap_error_login_words("80090308: x, data "));
    assert_null(ldap_error_login_words(""));
    assert_null(ldap_error_login_words(NULL));
}

static void
each_result_reaches_as_far_as_it_should(void **state)
{
    static const struct {
        int result;
        enum error_code code;
        enum ldap_attempt attempt;
    } cases[] = {
        {LDAP_SIZELIMIT_EXCEEDED, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED},
        {LDAP_TIMELIMIT_EXCEEDED, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED},
        {LDAP_ADMINLIMIT_EXCEEDED, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED},
        {LDAP_INSUFFICIENT_ACCESS, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED},
        {LDAP_STRONG_AUTH_REQUIRED, ERROR_PERMISSION, LDAP_ATTEMPT_FAILED},
        {LDAP_NO_SUCH_OBJECT, ERROR_CONFIG, LDAP_ATTEMPT_FAILED},
        {LDAP_REFERRAL, ERROR_CONFIG, LDAP_ATTEMPT_FAILED},
        {LDAP_FILTER_ERROR, ERROR_CONFIG, LDAP_ATTEMPT_FAILED},
        {LDAP_BUSY, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST},
        {LDAP_UNAVAILABLE, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST},
        {LDAP_SERVER_DOWN, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST},
        {LDAP_TIMEOUT, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST},
        {LDAP_DECODING_ERROR, ERROR_UNAVAILABLE, LDAP_ATTEMPT_LOST},
        {LDAP_UNWILLING_TO_PERFORM, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED},
        {LDAP_OPERATIONS_ERROR, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED},
        {12345, ERROR_UNAVAILABLE, LDAP_ATTEMPT_FAILED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct ldap_failure failure = {.result = cases[i].result};
        struct error err = ERROR_INIT;

        assert_int_equal(ldap_error_set(&err, &failure, "x"), cases[i].attempt);
        assert_int_equal(err.code, cases[i].code);
        assert_int_equal(err.transient, cases[i].attempt == LDAP_ATTEMPT_LOST);
    }
}

static void
a_missing_base_names_the_part_that_exists(void **state)
{
    const struct ldap_failure failure = {.result = LDAP_NO_SUCH_OBJECT,
                                         .matched = "dc=example,dc=edu"};
    struct error err = ERROR_INIT;

    (void)state;
    ldap_error_set(&err, &failure, "the search below 'ou=none,dc=example,dc=edu'");
    assert_non_null(strstr(err.hint, "Only 'dc=example,dc=edu' exists"));
}

static void
active_directorys_number_says_what_a_result_means(void **state)
{
    static const struct {
        struct ldap_failure failure;
        enum error_code code;
        enum ldap_attempt attempt;
    } cases[] = {
        {{LDAP_OPERATIONS_ERROR,
          "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this operation a "
          "successful bind must be completed on the connection., data 0",
          NULL, NULL},
         ERROR_PERMISSION,
         LDAP_ATTEMPT_FAILED},
        {{LDAP_OPERATIONS_ERROR, "00002120: SvcErr: DSID-03140BE4, problem 5012 (DIR_ERROR)", NULL,
          NULL},
         ERROR_CONFIG,
         LDAP_ATTEMPT_FAILED},
        {{LDAP_UNAVAILABLE_CRITICAL_EXTENSION,
          "00000057: LdapErr: DSID-0C090753, comment: Error processing control, data 0", NULL,
          NULL},
         ERROR_UNAVAILABLE,
         LDAP_ATTEMPT_LOST},
        {{LDAP_UNAVAILABLE_CRITICAL_EXTENSION, "00002040: SvcErr: DSID-031401E7", NULL, NULL},
         ERROR_UNAVAILABLE,
         LDAP_ATTEMPT_FAILED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = ERROR_INIT;

        assert_int_equal(ldap_error_set(&err, &cases[i].failure, "x"), cases[i].attempt);
        assert_int_equal(err.code, cases[i].code);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_text_says_what_failed_and_why),
    cmocka_unit_test(the_servers_text_is_made_printable),
    cmocka_unit_test(active_directorys_login_codes_are_told_in_words),
    cmocka_unit_test(each_result_reaches_as_far_as_it_should),
    cmocka_unit_test(a_missing_base_names_the_part_that_exists),
    cmocka_unit_test(active_directorys_number_says_what_a_result_means),
};

UNIT_MAIN(tests)
