#include "directory/survey.h"

#include "directory/ldap_root.h"
#include "directory/ldap_servers.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    CONTEXTS_MOST = 64,
    AT_ONCE = 32, /* requests on their way: a distant server costs its delay once for so many */
};

/* Opens the first server that can be used. Both are to be closed and freed in any case. */
static bool
open_session(const struct ldap_options *options, const struct messenger *messenger,
             struct ldap_servers **ret_servers, struct ldap_session *session, struct error *err)
{
    *session = (struct ldap_session){0};
    *ret_servers = ldap_servers_new(options, messenger);
    return ldap_session_check(options, err) &&
           ldap_servers_open(*ret_servers, session, err) == LDAP_ATTEMPT_DONE;
}

static void
close_session(struct ldap_servers *servers, struct ldap_session *session)
{
    ldap_session_close(session);
    ldap_servers_free(servers);
}

/* Trees that a server keeps for itself. */
static bool
is_of_the_server(const char *context)
{
    static const char *const own[] = {"cn=accesslog", "cn=changelog", "cn=config",
                                      "cn=monitor",   "cn=schema",    "o=netscaperoot"};

    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcasecmp(context, own[i]) == 0)
            return true;
    return context[0] == '\0';
}

static void
take_contexts(LDAP *ld, LDAPMessage *entry, const char *attribute, struct arena *arena,
              struct survey_server *server)
{
    struct berval **values = ldap_get_values_len(ld, entry, attribute);

    for (size_t i = 0; values && values[i] && server->context_count < CONTEXTS_MOST; i++) {
        const char *context = arena_copy(arena, values[i]->bv_val, values[i]->bv_len);

        if (!is_of_the_server(context))
            server->contexts[server->context_count++] = context;
    }
    ldap_value_free_len(values);
}

static bool
read_contexts(struct ldap_session *session, struct arena *arena, struct survey_server *server,
              struct error *err)
{
    char all[] = "namingContexts", one[] = "defaultNamingContext";
    char *attributes[] = {all, one, NULL};
    const struct ldap_named named = {"", "(objectClass=*)", attributes};
    LDAPMessage *messages = NULL, *entry;

    if (ldap_session_read_entry(session, &named, "cannot read the root DSE of", &messages, err) !=
        LDAP_ATTEMPT_DONE)
        return false;
    server->contexts = arena_alloc(arena, CONTEXTS_MOST * sizeof *server->contexts);
    entry = ldap_first_entry(session->ld, messages);
    /* The others of Active Directory are its schema, its configuration and DNS. */
    if (entry && server->is_active_directory)
        take_contexts(session->ld, entry, one, arena, server);
    if (entry && server->context_count == 0)
        take_contexts(session->ld, entry, all, arena, server);
    ldap_msgfree(messages);
    return true;
}

bool
survey_server(const struct ldap_options *options, const struct messenger *messenger,
              struct arena *arena, struct survey_server *ret_server, struct error *err)
{
    struct ldap_servers *servers = NULL;
    struct ldap_session session;
    struct ldap_root root;
    bool ok;

    *ret_server = (struct survey_server){0};
    ok = open_session(options, messenger, &servers, &session, err) &&
         ldap_root_read(&session, &root, err) == LDAP_ATTEMPT_DONE;
    if (ok) {
        ret_server->uri = arena_string(arena, session.uri);
        ret_server->kind = root.kind;
        ret_server->is_active_directory = strcmp(root.kind, "Active Directory") == 0;
        ret_server->has_pages = root.has_pages;
        ok = read_contexts(&session, arena, ret_server, err);
    }
    close_session(servers, &session);
    return ok;
}

struct asking {
    struct ldap_session *session;
    const struct survey_question *question;
    char **attributes;
    void (*have)(void *context, size_t index, struct slice name);
    void *context;
};

static void
tell_names(const struct asking *asking, LDAPMessage *messages, size_t index)
{
    LDAP *ld = asking->session->ld;
    LDAPMessage *entry = ldap_first_entry(ld, messages);
    BerElement *element = NULL;
    char *name = entry ? ldap_first_attribute(ld, entry, &element) : NULL;

    while (name) {
        /* What is no attribute's name is the server's fault, and of no use to anybody. */
        if (attributes_is_description(slice_of(name)))
            asking->have(asking->context, index, slice_of(name));
        ldap_memfree(name);
        name = ldap_next_attribute(ld, entry, element);
    }
    ber_free(element, 0);
}

/* Asks for some entries at once, and then takes one answer after the other. */
static bool
ask_some(const struct asking *asking, size_t first, size_t count, struct error *err)
{
    static const char doing[] = "cannot read which attributes entries have on";
    struct ldap_session *session = asking->session;
    struct ldap_request requests[AT_ONCE];

    for (size_t i = 0; i < count; i++) {
        int sent;

        requests[i] = (struct ldap_request){-1, LDAP_MSG_ALL, doing};
        sent = ldap_search_ext(session->ld, asking->question->dns[first + i], LDAP_SCOPE_BASE,
                               "(objectClass=*)", asking->attributes, 1, NULL, NULL, NULL,
                               LDAP_NO_LIMIT, &requests[i].id);
        if (sent != LDAP_SUCCESS) {
            ldap_session_fail(session, sent, doing, err);
            return false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        LDAPMessage *messages = NULL;

        if (ldap_session_receive(session, &requests[i], &messages, err) != LDAP_ATTEMPT_DONE)
            return false;
        tell_names(asking, messages, first + i);
        ldap_msgfree(messages);
    }
    return true;
}

/* "*" and the operational ones. */
static char **
list_attributes(const char *const *operational)
{
    static const char all[] = LDAP_ALL_USER_ATTRIBUTES;
    size_t count = 0;
    char **list;

    while (operational[count])
        count++;
    list = memory_zero(count + 2, sizeof *list);
    list[0] = ber_strdup(all);
    for (size_t i = 0; i < count; i++)
        list[i + 1] = ber_strdup(operational[i]);
    return list;
}

bool
survey_names(const struct ldap_options *options, const struct messenger *messenger,
             const struct survey_question *question,
             void (*have)(void *context, size_t index, struct slice name), void *context,
             struct error *err)
{
    struct ldap_servers *servers = NULL;
    struct ldap_session session;
    struct asking asking = {&session, question, NULL, have, context};
    bool ok = open_session(options, messenger, &servers, &session, err);

    asking.attributes = list_attributes(question->operational);
    for (size_t at = 0; at < question->count && ok; at += AT_ONCE) {
        size_t left = question->count - at;

        ok = ask_some(&asking, at, left < AT_ONCE ? left : AT_ONCE, err);
    }
    ber_memvfree((void **)asking.attributes);
    close_session(servers, &session);
    return ok;
}
