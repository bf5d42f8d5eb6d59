#include "run/init_run.h"

#include "run/init_text.h"

#include <inttypes.h>

static void
write_search(struct init_run *run, const struct init_place *place, bool proposed,
             struct buffer *out)
{
    const char *mark = proposed ? "" : "#";

    buffer_format(out, "    %s- base: %s      # %s\n", mark,
                  init_quote(run->arena, slice_of(init_dn(run->arena, slice_of(place->base)))),
                  place->people == 1 ? "1 entry"
                                     : arena_format(run->arena, "%s entries",
                                                    init_number(run->arena, place->people)));
    buffer_format(out, "    %s  filter: %s\n", mark, run->filter);
}

static void
write_searches(struct init_run *run, struct buffer *out)
{
    buffer_add_text(
        out,
        "  # Where people are, each with its filter. Whoever none of the searches finds is not in "
        "the\n  # feed; who is found by several counts once.\n  searches:\n");
    for (size_t i = 0; i < run->place_count; i++)
        write_search(run, &run->places[i], true, out);
    if (run->left_out_count)
        buffer_add_text(out,
                        "    # Few are here, and maybe no people at all: look, and remove the # "
                        "where they are.\n");
    for (size_t i = 0; i < run->left_out_count; i++)
        write_search(run, &run->left_out[i], false, out);
    if (run->class && run->with_class < run->people_count)
        buffer_format(out,
                      "  # %s more entries of people or accounts are not %s, and so not found.\n",
                      init_number(run->arena, run->people_count - run->with_class), run->class);
    if (run->server.has_pages)
        buffer_add_text(out, "  # Entries asked for at once; this server answers in pages.\n"
                             "  #page_size: 1000\n");
    else
        buffer_format(out,
                      "  # This server does not answer in pages: it has to give everybody in one "
                      "answer, so have its limit\n  # for this account lifted.\n  page_size: 0\n");
}

static void
write_directory(struct init_run *run, struct buffer *out)
{
    buffer_format(out,
                  "directory:\n  # The server is %s. Several of them stand in a list, "
                  "[ldaps://one…, ldaps://two…], "
                  "and are\n  # tried in order.\n",
                  run->server.kind);
    init_login_write(run->login, run->arena, out);
    write_searches(run, out);
}

size_t
init_people_in_use(const struct init_run *run)
{
    size_t people = run->chosen;

    for (size_t i = 0; init_disabled[i].filter; i++)
        people -= run->disabled[i] < people ? run->disabled[i] : people;
    return people;
}

void
init_settings_write(struct init_run *run)
{
    enum { SAFE_PERCENT = 80 };
    struct buffer *out = &run->settings_text;
    size_t least = init_people_in_use(run) * SAFE_PERCENT / 100;

    buffer_format(out,
                  "# The settings of one feed from a directory to Alma, as `ldap2alma init` "
                  "proposes them for\n"
                  "# the %s people whom it saw on %s.\n"
                  "#\n"
                  "# Read it once from top to bottom. What begins with '#' is an alternative or a "
                  "default, written\n"
                  "# out. Relative paths are relative to this file; `man ldap2alma.yaml` tells of "
                  "every option.\n\n",
                  init_number(run->arena, run->chosen), run->server.uri);
    write_directory(run, out);
    buffer_add_text(
        out, "\nalma:\n"
             "  # The record type of the integration profile: PUBLIC, STAFF or CONTACT.\n"
             "  record_type: PUBLIC\n"
             "  # Which job of the profile the packages are for: synchronize or import.\n"
             "  #mode: synchronize\n"
             "\n# From entries to users; its tests are beside it, in " INIT_TESTS ".\n"
             "mapping: " INIT_MAPPING "\n"
             "\ndelivery:\n"
             "  # As long as packages go into a folder nothing reaches Alma: look at them first.\n"
             "  folder: " INIT_OUTGOING "\n"
             "  # Then in its place the server that Alma's profile fetches from:\n"
             "  #sftp:\n"
             "  #  host: sftp.example.edu\n"
             "  #  user: alma\n"
             "  #  key: { file: /etc/ldap2alma/id_ed25519 }\n"
             "  #  known_hosts: /etc/ldap2alma/known_hosts     # ssh-keyscan HOST, then compare\n"
             "  #  directory: /alma/synchronize\n"
             "\nchanges:\n"
             "  # full sends everybody on each run. With changed only who is new, changed or due "
             "goes out:\n"
             "  # begin with it once the first full run has arrived in Alma.\n"
             "  #mode: changed\n"
             "  #full_every: 28d\n");
    if (run->changes)
        buffer_format(out, "  # %s\n", run->changes);
    buffer_add_text(
        out,
        "  mode: full\n"
        "\n# People who are no longer found, or whom the mapping's `select` skips.\n"
        "leavers:\n"
        "  # keep leaves them in Alma as they are; expire sends one last record that ends today.\n"
        "  #policy: expire\n"
        "  policy: keep\n"
        "\n# A run that would go too far stops before anything is sent. The others have defaults "
        "that\n"
        "# suit most: `ldap2alma options` lists them.\n"
        "brakes:\n");
    buffer_format(out, "  # Four fifths of the %s people who are in use today.\n  min_users: %zu\n",
                  init_number(run->arena, init_people_in_use(run)), least ? least : 1);
    buffer_add_text(out, "\n# Where packages are built and the memory of what Alma was given is "
                         "kept. Never lose it: once the\n"
                         "# feed is at work, let it stand where it is backed up.\n"
                         "#spool: /var/spool/ldap2alma\n"
                         "spool: spool\n");
}
