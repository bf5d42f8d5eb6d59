#include "delivery/sftp_passage.h"

#include "delivery/sftp_error.h"
#include "delivery/sftp_options.h"

#include <stdio.h>

enum { FILE_MODE = 0644 /* the web server reads it */ };

static bool take_answer(void *context, unsigned question, const struct sftp_reply *reply);

static struct buffer *
out_of(const struct sftp_passage *passage)
{
    return sftp_flow_out(passage->convoy->flow);
}

static struct slice
handle_of(const struct sftp_passage *passage)
{
    return (struct slice){passage->handle, passage->handle_bytes};
}

/* The number of a request of this passage. */
static uint32_t
ask(struct sftp_passage *passage, enum sftp_question question)
{
    const struct sftp_asker asker = {.answered = take_answer, .context = passage, .what = question};

    passage->unanswered++;
    return sftp_flow_ask(passage->convoy->flow, &asker);
}

static void
ask_of_path(struct sftp_passage *passage, enum sftp_question question, enum sftp_type type,
            const char *path)
{
    sftp_wire_ask(out_of(passage), type, ask(passage, question), slice_of(path));
}

static void
ask_to_close(struct sftp_passage *passage)
{
    sftp_wire_ask(out_of(passage), SFTP_CLOSE, ask(passage, SFTP_ASK_CLOSE), handle_of(passage));
    passage->is_open = false;
}

static void
begin_flight(struct sftp_passage *passage, enum sftp_flight flight)
{
    passage->flight = flight;
    passage->refused = false;
}

void
sftp_passage_abandon(struct sftp_passage *passage)
{
    free(passage->path);
    free(passage->part_path);
    passage->path = passage->part_path = NULL;
    passage->flight = SFTP_IDLE;
}

static void
settle(struct sftp_passage *passage, enum depot_outcome outcome)
{
    struct sftp_convoy *convoy = passage->convoy;
    const char *trouble = outcome == DEPOT_REFUSED ? passage->trouble : NULL;
    struct error err = ERROR_INIT;

    if (!convoy->deaf &&
        !depot_settle(convoy->depot, convoy->work, &passage->change, outcome, trouble, &err)) {
        convoy->deaf = true;
        sftp_convoy_fail(convoy, &err);
    }
    convoy->active--;
    sftp_passage_abandon(passage);
}

/* Takes the temporary file away. */
static void
discard(struct sftp_passage *passage)
{
    begin_flight(passage, SFTP_DISCARDING);
    if (passage->is_open)
        ask_to_close(passage);
    ask_of_path(passage, SFTP_ASK_REMOVE, SFTP_REMOVE, passage->part_path);
}

static void
discard_and_settle(struct sftp_passage *passage, enum depot_outcome outcome)
{
    passage->settles = true;
    passage->outcome = outcome;
    discard(passage);
}

static void
word_refusal(const struct sftp_passage *passage, struct error *err)
{
    static const char *const verbs[] = {
        [SFTP_ASK_CREATE] = "create", [SFTP_ASK_WRITE] = "write",   [SFTP_ASK_SYNC] = "sync",
        [SFTP_ASK_CLOSE] = "finish",  [SFTP_ASK_REMOVE] = "remove",
    };

    sftp_error_refused(passage->status, slice_of(passage->said), err, "the server does not %s '%s'",
                       verbs[passage->question], passage->part);
}

/* What one file's refusal says of all: the disk, or the right to write there. */
static void
fail_all(struct sftp_passage *passage)
{
    struct sftp_convoy *convoy = passage->convoy;
    struct error err = ERROR_INIT;

    word_refusal(passage, &err);
    if (!convoy->failed && passage->question != SFTP_ASK_CREATE &&
        passage->status == LIBSSH2_FX_FAILURE)
        convoy->maybe_full = true;
    sftp_convoy_fail(convoy, &err);
    discard(passage);
}

static void
refuse(struct sftp_passage *passage)
{
    static const char *const contexts[] = {
        [SFTP_ASK_LOOK] = "whether it is there is not told",
        [SFTP_ASK_RENAME] = "it cannot be renamed to its name",
        [SFTP_ASK_REMOVE] = "it cannot be removed",
    };
    struct error err = ERROR_INIT;

    sftp_error_refused(passage->status, slice_of(passage->said), &err, "%s",
                       contexts[passage->question]);
    snprintf(passage->trouble, sizeof passage->trouble, "%s", err.text);
    if (passage->part_path)
        discard_and_settle(passage, DEPOT_REFUSED);
    else
        settle(passage, DEPOT_REFUSED);
}

static void
create(struct sftp_passage *passage)
{
    struct sftp_convoy *convoy = passage->convoy;

    begin_flight(passage, SFTP_CREATING);
    convoy->open++;
    if (passage->change.action == DEPOT_ADD)
        ask_of_path(passage, SFTP_ASK_LOOK, SFTP_LSTAT, passage->path);
    sftp_wire_create(out_of(passage), ask(passage, SFTP_ASK_CREATE), passage->part_path, FILE_MODE);
}

void
sftp_passage_begin(struct sftp_passage *passage)
{
    struct sftp_convoy *convoy = passage->convoy;

    convoy->active++;
    passage->path = sftp_options_path(convoy->options, passage->change.name);
    if (passage->change.action == DEPOT_REMOVE) {
        begin_flight(passage, SFTP_REMOVING);
        ask_of_path(passage, SFTP_ASK_REMOVE, SFTP_REMOVE, passage->path);
        return;
    }
    depot_name_part(convoy->depot, passage->part);
    passage->part_path = sftp_options_path(convoy->options, passage->part);
    create(passage);
}

static void
ask_to_write(struct sftp_passage *passage, struct slice bytes)
{
    for (size_t at = 0; at < bytes.length; at += SFTP_WRITE_BYTES) {
        size_t left = bytes.length - at;
        struct slice piece = {bytes.data + at, left < SFTP_WRITE_BYTES ? left : SFTP_WRITE_BYTES};

        sftp_wire_write(out_of(passage), ask(passage, SFTP_ASK_WRITE), handle_of(passage), at,
                        piece);
    }
}

static void
send_bytes(struct sftp_passage *passage)
{
    struct sftp_convoy *convoy = passage->convoy;
    struct error err = ERROR_INIT;

    convoy->bytes.length = 0;
    if (!convoy->work->load(convoy->work->context, passage->change.tag, &convoy->bytes, &err)) {
        convoy->deaf = true;
        sftp_convoy_fail(convoy, &err);
        discard(passage);
        return;
    }
    begin_flight(passage, SFTP_SENDING);
    /* The server's umask may have taken rights away. */
    if (!convoy->modeless)
        sftp_wire_set_mode(out_of(passage), ask(passage, SFTP_ASK_MODE), handle_of(passage),
                           FILE_MODE);
    ask_to_write(passage, (struct slice){convoy->bytes.data, convoy->bytes.length});
    if (sftp_flow_offers(convoy->flow, SFTP_FSYNC))
        sftp_wire_extended(out_of(passage), SFTP_FSYNC, ask(passage, SFTP_ASK_SYNC),
                           handle_of(passage), SLICE_NONE);
    ask_to_close(passage);
}

void
sftp_passage_resume(struct sftp_passage *passage)
{
    if (passage->flight == SFTP_WAITING) {
        passage->convoy->waiting--;
        create(passage);
    } else if (passage->convoy->failed) {
        discard(passage);
    } else {
        send_bytes(passage);
    }
}

/* Another number of open files is tried as long as others are open: servers say only that it
 * failed. */
static void
after_creating(struct sftp_passage *passage)
{
    struct sftp_convoy *convoy = passage->convoy;

    if (!passage->is_open)
        convoy->open--;
    if (!passage->is_open && !convoy->failed && passage->question == SFTP_ASK_CREATE &&
        passage->status == LIBSSH2_FX_FAILURE && convoy->open) {
        convoy->most_open = convoy->open;
        convoy->waiting++;
        passage->flight = SFTP_WAITING;
    } else if (passage->refused && passage->question == SFTP_ASK_LOOK) {
        refuse(passage);
    } else if (passage->refused) {
        fail_all(passage);
    } else if (passage->there) {
        discard_and_settle(passage, DEPOT_FOREIGN);
    } else if (sftp_flow_unsent(convoy->flow) >= SFTP_CONVOY_UNSENT_BYTES) {
        passage->flight = SFTP_CREATED;
    } else {
        send_bytes(passage);
    }
}

/* SSH_FXP_RENAME does not replace what exists on OpenSSH and is for that alone; on other servers it
 * may, and it was looked before. */
static void
rename_part(struct sftp_passage *passage, bool plainly)
{
    const struct sftp_convoy *convoy = passage->convoy;

    begin_flight(passage, SFTP_RENAMING);
    passage->plain =
        plainly || !sftp_flow_offers(convoy->flow, SFTP_POSIX_RENAME) || convoy->no_posix;
    if (passage->plain)
        sftp_wire_rename(out_of(passage), ask(passage, SFTP_ASK_RENAME), passage->part_path,
                         passage->path);
    else
        sftp_wire_extended(out_of(passage), SFTP_POSIX_RENAME, ask(passage, SFTP_ASK_RENAME),
                           slice_of(passage->part_path), slice_of(passage->path));
}

static void
after_sending(struct sftp_passage *passage)
{
    if (passage->refused)
        fail_all(passage);
    else
        rename_part(passage, passage->change.action == DEPOT_ADD);
}

/* Whether a refusal may mean that the name is taken. */
static bool
is_taken_perhaps(const struct sftp_passage *passage)
{
    return passage->status == LIBSSH2_FX_FAILURE ||
           passage->status == LIBSSH2_FX_FILE_ALREADY_EXISTS;
}

static void
after_renaming(struct sftp_passage *passage)
{
    struct sftp_convoy *convoy = passage->convoy;

    if (!passage->refused) {
        settle(passage, DEPOT_DONE);
    } else if (!passage->plain && passage->status == LIBSSH2_FX_OP_UNSUPPORTED) {
        convoy->no_posix = true;
        rename_part(passage, true);
    } else if (passage->plain && !passage->cleared && is_taken_perhaps(passage)) {
        /* Why it was not renamed is kept for refuse(), unless this is refused, too. */
        begin_flight(passage, SFTP_LOOKING);
        ask_of_path(passage, SFTP_ASK_LOOK, SFTP_LSTAT, passage->path);
    } else {
        refuse(passage);
    }
}

static void
after_looking(struct sftp_passage *passage)
{
    const struct sftp_convoy *convoy = passage->convoy;
    bool may_replace = sftp_flow_offers(convoy->flow, SFTP_POSIX_RENAME) && !convoy->no_posix;

    if (passage->refused || (!passage->there && !may_replace)) {
        refuse(passage);
    } else if (passage->there && passage->change.action == DEPOT_ADD) {
        discard_and_settle(passage, DEPOT_FOREIGN);
    } else if (passage->there) {
        begin_flight(passage, SFTP_CLEARING);
        ask_of_path(passage, SFTP_ASK_REMOVE, SFTP_REMOVE, passage->path);
    } else {
        rename_part(passage, false);
    }
}

static void
after_clearing(struct sftp_passage *passage)
{
    struct depot *depot = passage->convoy->depot;

    if (passage->refused) {
        refuse(passage);
        return;
    }
    if (!depot->replaces_in_two_steps)
        message_say(depot->messenger, MESSAGE_WARNING,
                    "'%s' cannot replace a file in one step: while a file is replaced there is "
                    "none of its name for a moment",
                    depot->name);
    depot->replaces_in_two_steps = true;
    passage->cleared = true;
    rename_part(passage, true);
}

static void
after_removing(struct sftp_passage *passage)
{
    if (passage->refused)
        refuse(passage);
    else
        settle(passage, DEPOT_DONE);
}

static void
after_discarding(struct sftp_passage *passage)
{
    const struct depot *depot = passage->convoy->depot;
    struct error err = ERROR_INIT;

    if (passage->refused) {
        word_refusal(passage, &err);
        message_say(depot->messenger, MESSAGE_WARNING, "'%s' is left at '%s': %s", passage->part,
                    depot->name, err.text);
    }
    if (passage->settles) {
        settle(passage, passage->outcome);
        return;
    }
    passage->convoy->active--;
    sftp_passage_abandon(passage);
}

static void
go_on(struct sftp_passage *passage)
{
    static void (*const next[])(struct sftp_passage *) = {
        [SFTP_CREATING] = after_creating,     [SFTP_SENDING] = after_sending,
        [SFTP_RENAMING] = after_renaming,     [SFTP_LOOKING] = after_looking,
        [SFTP_CLEARING] = after_clearing,     [SFTP_REMOVING] = after_removing,
        [SFTP_DISCARDING] = after_discarding,
    };

    if (passage->convoy->failed &&
        (passage->flight == SFTP_CREATING || passage->flight == SFTP_SENDING)) {
        discard(passage);
        return;
    }
    next[passage->flight](passage);
}

static void
note_refusal(struct sftp_passage *passage, enum sftp_question question,
             const struct sftp_reply *reply)
{
    if (passage->refused)
        return;
    passage->refused = true;
    passage->question = question;
    passage->status = reply->status;
    snprintf(passage->said, sizeof passage->said, "%.*s", SLICE_ARG(reply->text));
}

/* A status; false where it is no answer to the question. */
static bool
take_status(struct sftp_passage *passage, enum sftp_question question,
            const struct sftp_reply *reply)
{
    bool good = reply->status == LIBSSH2_FX_OK;

    switch (question) {
    case SFTP_ASK_CREATE:
        if (good)
            return false;
        break;
    case SFTP_ASK_LOOK:
        if (good)
            return false;
        passage->there = false;
        good = sftp_error_is_missing(reply->status);
        break;
    case SFTP_ASK_MODE:
        /* Its own affair; storage of objects has no rights. */
        passage->convoy->modeless = passage->convoy->modeless || !good;
        return true;
    case SFTP_ASK_REMOVE:
        good = good || sftp_error_is_missing(reply->status);
        break;
    case SFTP_ASK_CLOSE:
        passage->convoy->open--;
        good = good || passage->flight == SFTP_DISCARDING;
        break;
    case SFTP_ASK_WRITE:
    case SFTP_ASK_SYNC:
    case SFTP_ASK_RENAME:
        break;
    }
    if (!good)
        note_refusal(passage, question, reply);
    return true;
}

static bool
take_handle(struct sftp_passage *passage, const struct sftp_reply *reply)
{
    memcpy(passage->handle, reply->text.data, reply->text.length);
    passage->handle_bytes = reply->text.length;
    passage->is_open = true;
    return true;
}

static bool
take_answer(void *context, unsigned question, const struct sftp_reply *reply)
{
    struct sftp_passage *passage = context;
    bool fits = false;

    if (reply->type == SFTP_STATUS)
        fits = take_status(passage, question, reply);
    else if (reply->type == SFTP_HANDLE && question == SFTP_ASK_CREATE)
        fits = take_handle(passage, reply);
    else if (reply->type == SFTP_ATTRS && question == SFTP_ASK_LOOK)
        fits = passage->there = true;
    if (fits && --passage->unanswered == 0)
        go_on(passage);
    return fits;
}
