#include "directory/ldap_changes.h"

#include "base/buffer.h"
#include "directory/group_memory.h"
#include "directory/group_slots.h"
#include "directory/ldap_group_ids.h"
#include "directory/ldap_groups.h"
#include "directory/ldap_parents.h"
#include "directory/ldap_source.h"
#include "directory/ldap_way.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

static const struct ldap_way *const ways[CHANGES_WAY_COUNT] = {
    [CHANGES_DIRSYNC] = &ldap_way_dirsync,
    [CHANGES_USN] = &ldap_way_usn,
    [CHANGES_SYNCREPL] = &ldap_way_syncrepl,
    [CHANGES_TIMESTAMP] = &ldap_way_timestamp,
};

/* What "auto" may be, the best first. */
static const enum changes_way choices[] = {CHANGES_DIRSYNC, CHANGES_USN, CHANGES_SYNCREPL};
enum { CHOICES = sizeof choices / sizeof choices[0] };

static void
add_text(struct buffer *bytes, const char *text)
{
    buffer_add(bytes, text, strlen(text) + 1);
}

/* Of all that decides on what the cookies are good for. */
static struct slice
digest_of(const struct ldap_asking *asking)
{
    const struct ldap_group_search *groups = &asking->options->groups;
    const char *const group_texts[] = {groups->base, groups->filter, groups->member};
    struct buffer bytes = BUFFER_INIT;
    unsigned char digest[EVP_MAX_MD_SIZE];
    struct slice result;

    for (size_t i = 0; i < asking->watch_count; i++) {
        const struct ldap_watch *watch = &asking->watches[i];

        buffer_format(&bytes, "%d %d ", (int)watch->what, (int)watch->scope);
        add_text(&bytes, watch->base);
        add_text(&bytes, watch->filter);
    }
    for (size_t i = 0; i < asking->options->search_count; i++) {
        add_text(&bytes, asking->options->searches[i].base);
        add_text(&bytes, asking->options->searches[i].filter);
    }
    for (size_t i = 0; i < attributes_count(asking->attributes); i++)
        add_text(&bytes, attributes_name(asking->attributes, (int)i));
    for (size_t i = 0; i < sizeof group_texts / sizeof group_texts[0]; i++)
        add_text(&bytes, group_texts[i] ? group_texts[i] : "");
    if (EVP_Digest(bytes.data, bytes.length, digest, NULL, EVP_sha256(), NULL) != 1)
        memset(digest, 0, sizeof digest);
    result = arena_slice(asking->arena, (struct slice){(char *)digest, CHANGES_DIGEST_BYTES});
    buffer_free(&bytes);
    return result;
}

/* Why the mark of the last run is of no use here; NULL: it is. */
static const char *
why_not_since(const struct ldap_asking *asking, const struct changes_mark *last)
{
    const struct changes_mark *now = &asking->mark;

    if (!last)
        return "there is no mark of an earlier run";
    if (last->way != now->way)
        return "the last run asked for changes in another way";
    if (!slice_equal(last->server, now->server))
        return "the last run was answered by another server";
    if (!slice_equal(last->identity, now->identity))
        return asking->root->family == LDAP_FAMILY_OPENLDAP
                   ? "the server was started since the last run: it may have forgotten something"
                   : "the server is not the same as in the last run: it was restored or set up "
                     "anew";
    if (!slice_equal(last->digest, now->digest) || last->cookie_count != asking->watch_count)
        return "the last run asked for other searches or attributes";
    if (!slice_equal(last->parents, now->parents))
        return "an entry below which people may be was added, deleted, renamed or moved";
    return NULL;
}

/* By a filter of the settings a group may be none any more though it is there, and only OpenLDAP
 * tells of it. */
static bool
tells_of_gone_groups(const struct ldap_asking *asking)
{
    return asking->changes->deletions &&
           (!asking->options->groups.filter || asking->root->family == LDAP_FAMILY_OPENLDAP);
}

/* Else that a group has gone shows by those that are there. */
static enum ldap_attempt
allow_for_gone_groups(struct ldap_asking *asking, struct error *err)
{
    struct slice *groups = &asking->mark.groups;
    struct error unheard = ERROR_INIT;

    if (!asking->watches_groups || tells_of_gone_groups(asking))
        return LDAP_ATTEMPT_DONE;
    if (ldap_group_ids_list(asking, groups, &unheard) == LDAP_ATTEMPT_LOST) {
        *err = unheard;
        return LDAP_ATTEMPT_LOST;
    }
    if (!asking->since || (groups->length > 0 && slice_equal(*groups, asking->since->groups)))
        return LDAP_ATTEMPT_DONE;
    asking->changes->memberships = true;
    if (asking->tracked->groups)
        ldap_way_read_all(asking, "a group may have gone, and the filter of a search names '%s'",
                          asking->tracked->groups);
    return LDAP_ATTEMPT_DONE;
}

static enum ldap_attempt
ask_so(struct ldap_asking *asking, enum changes_way way, const struct changes_mark *last,
       struct error *err)
{
    enum ldap_attempt attempt;
    const char *why;

    asking->watch_count = 0;
    asking->changes->exhaustive = asking->changes->memberships = asking->has_new_names = false;
    ways[way]->watch(asking);
    asking->mark = (struct changes_mark){
        .way = way,
        .server = slice_of(asking->changes->server),
        .identity = asking->identity,
        .digest = digest_of(asking),
        .parents = asking->parents,
        .cookie_count = asking->watch_count,
    };
    asking->changes->way = way;
    asking->changes->deletions = ways[way]->deletions;
    why = why_not_since(asking, last);
    if (why)
        ldap_way_read_all(asking, "%s", why);
    asking->since = asking->changes->reason[0] ? NULL : last;
    attempt = ways[way]->ask(asking, err);
    if (attempt == LDAP_ATTEMPT_FAILED && asking->since)
        ldap_way_read_all(asking, "%s", err->text);
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = allow_for_gone_groups(asking, err);
    if (attempt == LDAP_ATTEMPT_DONE && asking->since)
        attempt = ldap_way_allow_for_ending_memberships(asking, err);
    /* Everybody has to be read now, but the next run shall go on from here. */
    if (attempt != LDAP_ATTEMPT_LOST && asking->since && asking->changes->reason[0]) {
        asking->since = NULL;
        attempt = ways[way]->ask(asking, err);
    }
    asking->has_mark = attempt == LDAP_ATTEMPT_DONE;
    return attempt;
}

/* The ways to try, one after the other. */
static size_t
list_ways(enum changes_way wanted, const struct changes_mark *last,
          enum changes_way list[CHOICES + 1])
{
    size_t count = 0;

    if (wanted != CHANGES_AUTO) {
        list[0] = wanted;
        return 1;
    }
    /* What worked in the last run is not given up for what did not work then. */
    for (size_t i = 0; i < CHOICES; i++)
        if (last && last->way == choices[i] && ways[last->way])
            list[count++] = last->way;
    for (size_t i = 0; i < CHOICES; i++)
        if (ways[choices[i]] && (count == 0 || list[0] != choices[i]))
            list[count++] = choices[i];
    return count;
}

static enum ldap_attempt
ask_server(struct ldap_asking *asking, enum changes_way wanted, const struct changes_mark *last,
           struct error *err)
{
    enum changes_way list[CHOICES + 1];
    size_t count = list_ways(wanted, last, list);
    struct error refusal = ERROR_INIT;

    if (asking->tracked->untold)
        ldap_way_read_all(asking, "no server tells of changes of '%s'", asking->tracked->untold);
    for (size_t i = 0; i < count && !asking->tracked->untold; i++) {
        enum ldap_attempt attempt;

        if (!ways[list[i]] || !ways[list[i]]->is_offered(asking->root))
            continue;
        attempt = ask_so(asking, list[i], last, &refusal);
        if (attempt == LDAP_ATTEMPT_LOST)
            *err = refusal;
        if (attempt != LDAP_ATTEMPT_FAILED)
            return attempt;
        asking->changes->reason[0] = '\0';
        message_say(asking->messenger, MESSAGE_INFO, "changes cannot be asked for by %s: %s",
                    changes_way_name(list[i]), refusal.text);
    }
    asking->changes->way = CHANGES_FULL;
    asking->changes->deletions = false;
    if (refusal.code != ERROR_NONE)
        ldap_way_read_all(asking, "%s", refusal.text);
    else if (wanted == CHANGES_AUTO)
        ldap_way_read_all(asking, "'%s' (%s) tells of no changes in a way that is safe",
                          asking->session->uri, asking->root->kind);
    else
        ldap_way_read_all(asking, "'%s' (%s) does not tell of changes by %s", asking->session->uri,
                          asking->root->kind, changes_way_name(wanted));
    return LDAP_ATTEMPT_DONE;
}

/* What a server is another one by. A domain controller that was set up anew or restored goes by
 * another invocationId (MS-ADTS section 3.1.1.1.9). OpenLDAP forgets in a crash what it had to
 * tell, and tells nothing where a copy was put back: that both want a start shows where cn=monitor
 * does (slapd-monitor(5)). */
static enum ldap_attempt
read_identity(struct ldap_asking *asking, struct error *err)
{
    char invocation[] = "invocationId", timestamp[] = "monitorTimestamp";
    bool is_openldap = asking->root->family == LDAP_FAMILY_OPENLDAP;
    char *attributes[] = {is_openldap ? timestamp : invocation, NULL};
    const struct ldap_named named = {is_openldap ? "cn=Start,cn=Time,cn=Monitor"
                                                 : asking->root->service,
                                     "(objectClass=*)", attributes};
    LDAPMessage *messages = NULL, *entry;
    struct berval **values = NULL;
    enum ldap_attempt attempt;

    if (!named.base[0])
        return LDAP_ATTEMPT_DONE;
    attempt = ldap_session_read_entry(asking->session, &named, "cannot find out which server is",
                                      &messages, err);
    if (attempt != LDAP_ATTEMPT_DONE)
        return attempt;
    entry = ldap_first_entry(asking->session->ld, messages);
    if (entry)
        values = ldap_get_values_len(asking->session->ld, entry, attributes[0]);
    if (values && values[0])
        asking->identity =
            arena_slice(asking->arena, (struct slice){values[0]->bv_val, values[0]->bv_len});
    ldap_value_free_len(values);
    ldap_msgfree(messages);
    return LDAP_ATTEMPT_DONE;
}

/* In Active Directory members are real ones, and follow who is renamed: until then what is known of
 * groups holds. Others may work members out from what people are at the moment, as may an attribute
 * that the settings name. */
static bool
can_remember_groups(const struct ldap_asking *asking)
{
    return asking->root->family == LDAP_FAMILY_ACTIVE_DIRECTORY &&
           !asking->options->groups.member && group_slots_are_wanted(asking->attributes);
}

static enum ldap_attempt
load_groups(struct ldap_source *self, struct ldap_asking *asking, struct error *err)
{
    struct changes *changes = asking->changes;
    enum ldap_attempt attempt = ldap_groups_load(self, true, err);

    if (attempt == LDAP_ATTEMPT_FAILED) {
        changes->reason[0] = '\0';
        ldap_way_read_all(asking, "%s", err->text);
        changes->way = CHANGES_FULL;
        asking->has_mark = self->needs_groups = false;
        return LDAP_ATTEMPT_DONE;
    }
    if (attempt == LDAP_ATTEMPT_DONE && can_remember_groups(asking)) {
        changes->groups = group_memory_write(self->groups, asking->arena);
        asking->mark.memory = group_memory_digest(changes->groups, asking->arena);
    }
    return attempt;
}

/* False where what was kept is of no use. */
static bool
remember_groups(struct ldap_source *self, struct ldap_asking *asking, struct slice kept)
{
    struct slice digest = asking->since->memory;

    ldap_groups_free(self->groups);
    self->groups = group_memory_read(kept, digest, self->source.seed);
    if (!self->groups)
        return false;
    asking->mark.memory = digest;
    asking->changes->groups = SLICE_NONE;
    message_say(asking->messenger, MESSAGE_INFO, "the %zu groups are as in the last run",
                groups_count(self->groups->graph));
    return true;
}

/* Whoever is read now is known by his groups in the next run, so they are needed even where only
 * memberOf is asked for. */
static enum ldap_attempt
prepare_groups(struct ldap_source *self, struct ldap_asking *asking, struct slice kept,
               struct error *err)
{
    const struct changes *changes = asking->changes;
    bool can_remember = can_remember_groups(asking);

    if (!asking->has_mark || !groups_matter(asking->attributes))
        return LDAP_ATTEMPT_DONE;
    self->needs_groups = true;
    if (changes->reason[0] || changes->memberships ||
        (can_remember && (asking->has_new_names || !remember_groups(self, asking, kept))))
        return load_groups(self, asking, err);
    return LDAP_ATTEMPT_DONE;
}

static enum ldap_attempt
ask_connected(struct ldap_source *self, struct ldap_asking *asking,
              const struct changes_question *question, const struct changes_mark *last,
              struct error *err)
{
    struct ldap_root *root = asking->root;
    enum ldap_attempt attempt = ldap_source_connect(self, err);

    snprintf(asking->changes->server, sizeof asking->changes->server, "%s",
             ldap_servers_name(self->servers));
    if (attempt != LDAP_ATTEMPT_DONE)
        return LDAP_ATTEMPT_FAILED;
    asking->session = &self->session;
    asking->identity = SLICE_NONE;
    asking->has_mark = false;
    asking->changes->groups = slice_of("");
    attempt = ldap_root_read(&self->session, root, err);
    if (attempt == LDAP_ATTEMPT_LOST)
        return attempt;
    asking->changes->kind = ldap_way_id_kind(root);
    if (!root->kind)
        root->kind = "a directory server that tells nothing of itself";
    attempt = read_identity(asking, err);
    if (attempt == LDAP_ATTEMPT_LOST)
        return attempt;
    *asking->tracked = ldap_tracked_find(&self->options, root->family, question->attributes);
    asking->watches_groups = asking->tracked->groups || groups_matter(question->attributes);
    attempt = ldap_parents_read(asking, &asking->parents, err);
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = ask_server(asking, question->way, last, err);
    else if (attempt == LDAP_ATTEMPT_FAILED)
        ldap_way_read_all(asking, "%s", err->text);
    ldap_tracked_free(asking->tracked);
    if (attempt == LDAP_ATTEMPT_FAILED)
        return LDAP_ATTEMPT_DONE;
    if (attempt == LDAP_ATTEMPT_DONE)
        attempt = prepare_groups(self, asking, question->groups, err);
    if (attempt == LDAP_ATTEMPT_DONE && asking->has_mark)
        asking->changes->mark = changes_mark_write(&asking->mark, asking->arena);
    return attempt;
}

/* Of several searches another one might be the first to find somebody, and who is told his groups
 * is read once they are known. */
static bool
may_carry(const struct ldap_source *self, const struct attributes *attributes)
{
    return self->options.search_count == 1 && !group_slots_are_wanted(attributes);
}

static void
drop_carried(struct ldap_source *self)
{
    ldap_carried_free(self->carried);
    self->carried = NULL;
}

enum changes_outcome
ldap_changes(struct source *source, const struct changes_question *question,
             const struct changes_sink *sink, struct arena *arena, struct changes *ret_changes,
             struct error *err)
{
    struct ldap_source *self = (struct ldap_source *)source;
    struct changes_mark mark, *last = changes_mark_read(question->mark, &mark) ? &mark : NULL;
    struct ldap_root root = {0};
    struct ldap_tracked tracked = {0};
    struct ldap_asking asking = {
        .root = &root,
        .tracked = &tracked,
        .options = &self->options,
        .messenger = source->messenger,
        .attributes = question->attributes,
        .sink = sink,
        .arena = arena,
        .changes = ret_changes,
    };
    enum ldap_attempt attempt;

    drop_carried(self);
    if (question->way == CHANGES_FULL) {
        ldap_way_read_all(&asking, "changes.detect is full");
        return CHANGES_READ_ALL;
    }
    if (last)
        ldap_servers_prefer(self->servers,
                            arena_copy(arena, last->server.data, last->server.length));
    if (last && may_carry(self, question->attributes))
        asking.carried = self->carried = ldap_carried_new(question->attributes);
    attempt = ask_connected(self, &asking, question, last, err);
    /* Groups are asked about behind people: what these were in may have changed by then. */
    if (attempt != LDAP_ATTEMPT_DONE || ret_changes->reason[0] || ret_changes->memberships) {
        drop_carried(self);
        asking.carried = NULL;
    }
    if (attempt == LDAP_ATTEMPT_LOST) {
        /* Once more, so that the next run has a mark to go on from. */
        ldap_session_close(&self->session);
        if (!ldap_servers_break(self->servers))
            return CHANGES_FAILED;
        ldap_way_read_all(&asking, "%s", err->text);
        attempt = ask_connected(self, &asking, question, NULL, err);
    }
    if (attempt == LDAP_ATTEMPT_FAILED)
        return CHANGES_FAILED;
    if (attempt == LDAP_ATTEMPT_LOST) {
        ldap_session_close(&self->session);
        ret_changes->mark = SLICE_NONE;
    }
    return ret_changes->reason[0] ? CHANGES_READ_ALL : CHANGES_NAMED;
}
