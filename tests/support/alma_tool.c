/* alma_tool schema | users FIRST COUNT | validate FILE…: connector/alma from the command line, for
 * tests in other languages. `users` writes a document of random users. */
#include "alma/alma.h"
#include "sample_users.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
say(void *context, enum message_level level, const char *text)
{
    (void)context;
    (void)level;
    puts(text);
}

static int
write_schema(void)
{
    struct buffer schema = BUFFER_INIT;

    alma_write_schema(&schema);
    fwrite(schema.data, 1, schema.length, stdout);
    buffer_free(&schema);
    return EXIT_SUCCESS;
}

static int
write_users(unsigned long first, unsigned long count)
{
    struct arena *arena = arena_new();
    struct alma_writer *writer = alma_writer_new();
    struct buffer document = BUFFER_INIT;
    bool good = true;

    buffer_add(&document, alma_document_begin.data, alma_document_begin.length);
    for (unsigned long i = first; good && i < first + count; i++) {
        struct user user;

        sample_user_random(arena, i, &user);
        good = alma_check(&user, NULL);
        alma_write_user(writer, &user, &document);
        arena_reset(arena);
    }
    buffer_add(&document, alma_document_end.data, alma_document_end.length);
    fwrite(document.data, 1, document.length, stdout);
    buffer_free(&document);
    alma_writer_free(writer);
    arena_free(arena);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
validate(char **paths, int count)
{
    const struct messenger messenger = {.say = say};
    int status = EXIT_SUCCESS;

    for (int i = 0; i < count; i++) {
        struct error err = ERROR_INIT;
        int fd = open(paths[i], O_RDONLY);

        if (!alma_validate(paths[i], fd, &messenger, &err)) {
            puts(err.text);
            status = EXIT_FAILURE;
        }
        close(fd);
    }
    return status;
}

int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "schema") == 0)
        return write_schema();
    if (argc == 4 && strcmp(argv[1], "users") == 0)
        return write_users(strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
    if (argc > 2 && strcmp(argv[1], "validate") == 0)
        return validate(argv + 2, argc - 2);
    fputs("usage: alma_tool schema | users FIRST COUNT | validate FILE...\n", stderr);
    return EXIT_FAILURE;
}
