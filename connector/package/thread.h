/* thread: a thread that takes no signals; those are for the program that uses the library. */
#ifndef PACKAGE_THREAD_H
#define PACKAGE_THREAD_H

#include <pthread.h>

/* As pthread_create(3): 0, or an error number. */
int thread_start(pthread_t *ret_thread, void *(*run)(void *context), void *context);

#endif
