#include "base/arena.h"
#include "delivery/depot_driver.h"
#include "delivery/sftp_convoy.h"
#include "delivery/sftp_error.h"
#include "delivery/sftp_options.h"

#include <sys/stat.h>

enum {
    LISTINGS = 16, /* parts of a list that are asked for at once */
    /* What was on its way when the disk was full has been removed again. */
    NEARLY_FULL_BYTES = 64 << 20
};

struct sftp_depot {
    struct depot depot;
    const struct sftp_options *options;
    struct sftp_session session;
    struct sftp_flow *flow;
};

/* One request about a path, and its answer: buffer_free(&answer.bytes). */
static bool
ask(struct sftp_depot *sftp, enum sftp_type type, const char *path, struct sftp_answer *answer,
    struct error *err)
{
    uint32_t id = sftp_flow_ask_one(sftp->flow, answer);

    if (type == SFTP_EXTENDED)
        sftp_wire_extended(sftp_flow_out(sftp->flow), SFTP_STATVFS, id, slice_of(path), SLICE_NONE);
    else
        sftp_wire_ask(sftp_flow_out(sftp->flow), type, id, slice_of(path));
    return sftp_flow_await(sftp->flow, answer, err);
}

/* The paths that the server shows may begin elsewhere than at its root. */
static void
hint_at_home(struct sftp_depot *sftp, struct error *err)
{
    struct error unheard = ERROR_INIT;
    struct sftp_answer answer;
    struct slice home;

    if (ask(sftp, SFTP_REALPATH, ".", &answer, &unheard) &&
        sftp_wire_take_name(&answer.reply, &home))
        error_hint(err, "Logins of '%s' begin in '%.*s'.", sftp->options->user, SLICE_ARG(home));
    buffer_free(&answer.bytes);
}

static bool
judge_directory(struct sftp_depot *sftp, const struct sftp_reply *reply, struct error *err)
{
    const char *directory = sftp->options->directory;

    if (reply->type == SFTP_ATTRS && reply->attributes.mode && !S_ISDIR(reply->attributes.mode))
        return error_set(err, ERROR_WRITE, "'%s' is not a directory at the server", directory);
    if (reply->type == SFTP_ATTRS)
        return true;
    sftp_error_refused(reply->status, reply->text, err, "the directory '%s' cannot be used",
                       directory);
    if (sftp_error_is_missing(reply->status))
        hint_at_home(sftp, err);
    return false;
}

static bool
check_directory(struct sftp_depot *sftp, struct error *err)
{
    /* "directory/." needs the right to enter the directory, too; servers may know no such path. */
    char *path = sftp_options_path(sftp->options, ".");
    struct sftp_answer answer;
    bool done = ask(sftp, SFTP_STAT, path, &answer, err);

    if (done && answer.reply.type == SFTP_STATUS &&
        answer.reply.status != LIBSSH2_FX_PERMISSION_DENIED) {
        buffer_free(&answer.bytes);
        path[strlen(path) - 2] = '\0';
        done = ask(sftp, SFTP_STAT, *path ? path : "/", &answer, err);
    }
    done = done && judge_directory(sftp, &answer.reply, err);
    buffer_free(&answer.bytes);
    free(path);
    return done;
}

static bool
sftp_connect(struct depot *depot, struct error *err)
{
    struct sftp_depot *sftp = (struct sftp_depot *)depot;

    sftp->session = (struct sftp_session){
        .options = sftp->options,
        .messenger = depot->messenger,
        .watch = depot->watch,
        .socket = -1,
    };
    if (!sftp_session_log_in(&sftp->session, err))
        return false;
    sftp->flow = sftp_flow_open(&sftp->session, err);
    if (!sftp->flow || !check_directory(sftp, err))
        return false;
    target_watch_step(depot->watch, TARGET_DIRECTORY, "the directory '%s' is there",
                      sftp->options->directory);
    /* It is for sftp_connect() alone. */
    sftp->session.watch = NULL;
    return true;
}

static void
sftp_disconnect(struct depot *depot)
{
    struct sftp_depot *sftp = (struct sftp_depot *)depot;

    sftp_flow_close(sftp->flow);
    sftp->flow = NULL;
    sftp_session_close(&sftp->session);
}

static bool
sftp_look(struct depot *depot, const char *name, struct depot_found *ret_found, struct error *err)
{
    struct sftp_depot *sftp = (struct sftp_depot *)depot;
    char *path = sftp_options_path(sftp->options, name);
    struct sftp_answer answer;
    const struct sftp_attributes *found = &answer.reply.attributes;
    bool done = ask(sftp, SFTP_LSTAT, path, &answer, err);

    *ret_found = (struct depot_found){.exists = false};
    if (done && answer.reply.type == SFTP_ATTRS)
        *ret_found = (struct depot_found){
            .exists = true, .bytes = found->size, .mode = found->mode, .changed = found->modified};
    else if (done && !sftp_error_is_missing(answer.reply.status))
        done = sftp_error_refused(answer.reply.status, answer.reply.text, err,
                                  "the server does not tell of '%s'", name);
    buffer_free(&answer.bytes);
    free(path);
    return done;
}

static bool
sftp_space(struct depot *depot, uint64_t *ret_bytes, struct error *err)
{
    struct sftp_depot *sftp = (struct sftp_depot *)depot;
    struct sftp_answer answer;
    char *path;
    bool done;

    if (!sftp_flow_offers(sftp->flow, SFTP_STATVFS))
        return error_set(err, ERROR_WRITE, "the server does not tell its free space");
    path = sftp_options_path(sftp->options, ".");
    done = ask(sftp, SFTP_EXTENDED, path, &answer, err);
    if (done && !sftp_wire_read_space(&answer.reply, ret_bytes))
        done = error_set(err, ERROR_WRITE, "the server does not tell its free space");
    buffer_free(&answer.bytes);
    free(path);
    return done;
}

/* The server's answer to a write that found no space is only "failure" (4) in protocol 3, so the
 * file system is asked. */
static void
explain_failure(struct sftp_depot *sftp, struct error *err)
{
    struct error unheard = ERROR_INIT;
    uint64_t space = 0;

    if (sftp_space(&sftp->depot, &space, &unheard) && space < NEARLY_FULL_BYTES)
        error_hint(err, "Make room there: only %.1f MB are free.", (double)space / 1e6);
    else
        error_hint(err, "A 'failure' while writing is often a full disk, a quota or a limit on "
                        "the size of files.");
}

static bool
sftp_work(struct depot *depot, const struct depot_work *work, struct error *err)
{
    struct sftp_depot *sftp = (struct sftp_depot *)depot;
    struct sftp_convoy convoy = {
        .depot = depot, .options = sftp->options, .flow = sftp->flow, .work = work};

    if (sftp_convoy_work(&convoy, err))
        return true;
    if (sftp->session.broken)
        depot_lose(depot);
    else if (convoy.maybe_full)
        explain_failure(sftp, err);
    return false;
}

/* A listing of the directory for names of temporary files. */
struct listing {
    struct sftp_depot *sftp;
    char handle[SFTP_HANDLE_BYTES];
    size_t handle_bytes;
    size_t unanswered;
    bool ended;
    bool left; /* a file could not be removed */
    size_t removed;
    struct buffer names; /* each with its NUL */
};

static bool
take_listed(void *context, unsigned what, const struct sftp_reply *reply)
{
    struct listing *listing = context;
    struct sftp_reply names = *reply;
    struct slice name;

    (void)what;
    listing->unanswered--;
    listing->ended = listing->ended || reply->type == SFTP_STATUS;
    if (reply->type != SFTP_NAME)
        return reply->type == SFTP_STATUS && reply->status != LIBSSH2_FX_OK;
    while (sftp_wire_take_name(&names, &name)) {
        if (!depot_is_part(&listing->sftp->depot, name) || memchr(name.data, '\0', name.length) ||
            memchr(name.data, '/', name.length))
            continue;
        buffer_add(&listing->names, name.data, name.length);
        buffer_add(&listing->names, "", 1);
    }
    return true;
}

static bool
take_removed(void *context, unsigned what, const struct sftp_reply *reply)
{
    struct listing *listing = context;

    (void)what;
    listing->unanswered--;
    if (reply->type == SFTP_STATUS && reply->status == LIBSSH2_FX_OK)
        listing->removed++;
    else if (reply->type == SFTP_STATUS && !sftp_error_is_missing(reply->status))
        listing->left = true;
    return reply->type == SFTP_STATUS;
}

static bool
list_names(struct listing *listing, struct error *err)
{
    struct sftp_flow *flow = listing->sftp->flow;
    const struct sftp_asker asker = {.answered = take_listed, .context = listing};
    const struct slice handle = {listing->handle, listing->handle_bytes};
    struct sftp_answer closed;
    bool done = true;

    while (done && (!listing->ended || listing->unanswered)) {
        while (!listing->ended && listing->unanswered < LISTINGS) {
            listing->unanswered++;
            sftp_wire_ask(sftp_flow_out(flow), SFTP_READDIR, sftp_flow_ask(flow, &asker), handle);
        }
        done = sftp_flow_move(flow, err);
    }
    if (!done)
        return false;
    sftp_wire_ask(sftp_flow_out(flow), SFTP_CLOSE, sftp_flow_ask_one(flow, &closed), handle);
    done = sftp_flow_await(flow, &closed, err);
    buffer_free(&closed.bytes);
    return done;
}

static bool
remove_names(struct listing *listing, struct error *err)
{
    struct sftp_flow *flow = listing->sftp->flow;
    const struct sftp_asker asker = {.answered = take_removed, .context = listing};

    for (size_t at = 0; at < listing->names.length; at += strlen(listing->names.data + at) + 1) {
        char *path = sftp_options_path(listing->sftp->options, listing->names.data + at);

        listing->unanswered++;
        sftp_wire_ask(sftp_flow_out(flow), SFTP_REMOVE, sftp_flow_ask(flow, &asker),
                      slice_of(path));
        free(path);
    }
    while (listing->unanswered)
        if (!sftp_flow_move(flow, err))
            return false;
    return !listing->left || error_set(err, ERROR_WRITE,
                                       "the server does not let temporary files be removed, which "
                                       "a run that was cut short has left");
}

static bool
open_listing(struct listing *listing, struct error *err)
{
    char *path = sftp_options_path(listing->sftp->options, ".");
    struct sftp_answer answer;
    bool done;

    path[strlen(path) - 2] = '\0';
    done = ask(listing->sftp, SFTP_OPENDIR, *path ? path : "/", &answer, err);
    if (done && answer.reply.type != SFTP_HANDLE) {
        done = sftp_error_refused(answer.reply.status, answer.reply.text, err,
                                  "the server does not list the directory");
        err->code = ERROR_PERMISSION;
    } else if (done) {
        memcpy(listing->handle, answer.reply.text.data, answer.reply.text.length);
        listing->handle_bytes = answer.reply.text.length;
    }
    buffer_free(&answer.bytes);
    free(path);
    return done;
}

static bool
sftp_clean(struct depot *depot, size_t *ret_removed, struct error *err)
{
    struct listing listing = {.sftp = (struct sftp_depot *)depot};
    bool done =
        open_listing(&listing, err) && list_names(&listing, err) && remove_names(&listing, err);

    *ret_removed = listing.removed;
    buffer_free(&listing.names);
    return done;
}

static const struct depot_driver sftp_driver = {
    .connect = sftp_connect,
    .work = sftp_work,
    .look = sftp_look,
    .clean = sftp_clean,
    .space = sftp_space,
    .disconnect = sftp_disconnect,
};

struct depot *
depot_open_sftp(const struct sftp_options *options, const char *mark,
                const struct messenger *messenger)
{
    struct sftp_depot *sftp = memory_zero(1, sizeof *sftp);

    depot_init(&sftp->depot, &sftp_driver, sftp_options_name(options), mark, messenger);
    sftp->options = options;
    return &sftp->depot;
}
