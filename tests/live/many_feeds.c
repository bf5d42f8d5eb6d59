/* One thread for each settings file of the command line: all begin at once, each checks its feed
 * and runs it. Says of each what came of it, and how often other libraries were begun for threads.
 */
#define _GNU_SOURCE
#include <ldap2alma.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { FEEDS_MOST = 16 };

static pthread_barrier_t start;
static atomic_int ssh_begun, ldap_begun;

/* The program's functions stand before those of the libraries. */
int libssh2_init(int flags);
int ldap_initialize(void **ldp, const char *uri);

int
libssh2_init(int flags)
{
    int (*next)(int flags);

    ssh_begun++;
    *(void **)&next = dlsym(RTLD_NEXT, "libssh2_init");
    return next(flags);
}

int
ldap_initialize(void **ldp, const char *uri)
{
    int (*next)(void **ldp, const char *uri);

    ldap_begun++;
    *(void **)&next = dlsym(RTLD_NEXT, "ldap_initialize");
    return next(ldp, uri);
}

struct worker {
    const char *path;
    int status;
    char text[512];
};

static void *
work(void *context)
{
    struct worker *worker = context;
    struct l2a *feed = l2a_new();

    pthread_barrier_wait(&start);
    worker->status = l2a_load(feed, worker->path);
    if (worker->status == L2A_DONE)
        worker->status = l2a_check(feed, NULL, 0, 0);
    if (worker->status == L2A_DONE)
        worker->status = l2a_run(feed, 0);
    snprintf(worker->text, sizeof worker->text, "%s", l2a_error_text(feed));
    l2a_free(feed);
    return NULL;
}

int
main(int argc, char **argv)
{
    static struct worker workers[FEEDS_MOST];
    pthread_t threads[FEEDS_MOST];
    int count = argc - 1;

    if (count < 1 || count > FEEDS_MOST || pthread_barrier_init(&start, NULL, (unsigned)count) != 0)
        return L2A_USAGE;
    for (int i = 0; i < count; i++) {
        workers[i].path = argv[i + 1];
        if (pthread_create(&threads[i], NULL, work, &workers[i]) != 0)
            return L2A_INTERNAL;
    }
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        printf("%s %s\n", l2a_status_name(workers[i].status), workers[i].text);
    }
    printf("libssh2 %d, libldap %d\n", ssh_begun, ldap_begun);
    return 0;
}
