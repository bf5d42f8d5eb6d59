#include "package/documents.h"

#include "base/arena.h"
#include "package/thread.h"

#include <stdatomic.h>
#include <stdlib.h>

/* What all threads share; they change nothing in it but the atomics and their own documents. */
struct job {
    struct spool *spool;
    const struct spool_record *records;
    size_t record_count;
    const struct package_options *options;
    const struct messenger *messenger; /* used by the calling thread alone */
    struct documents *documents;
    atomic_size_t next;
    atomic_size_t records_done;
    atomic_bool failed;
};

struct worker {
    struct job *job;
    struct deflator *deflator;
    const struct messenger *messenger;
    pthread_t thread;
    bool started;
    struct error err;
};

size_t
documents_records(size_t index, size_t record_count, unsigned records_per_file)
{
    size_t left = record_count - index * records_per_file;

    return left < records_per_file ? left : records_per_file;
}

static bool
deflate_one(struct worker *worker, size_t index)
{
    struct job *job = worker->job;
    unsigned records_per_file = job->options->records_per_file;
    struct document document = {
        .spool = job->spool,
        .records = job->records + index * records_per_file,
        .count = documents_records(index, job->record_count, records_per_file),
        .begin = job->options->document_begin,
        .end = job->options->document_end,
    };
    size_t done;

    if (!deflator_run(worker->deflator, &document, &job->documents->items[index], &worker->err))
        return false;
    done = atomic_fetch_add(&job->records_done, document.count) + document.count;
    message_progress(worker->messenger,
                     &(struct progress){"packing", done, job->record_count, "people"});
    return true;
}

static void *
work(void *context)
{
    struct worker *worker = context;
    struct job *job = worker->job;

    while (!atomic_load(&job->failed)) {
        size_t index = atomic_fetch_add(&job->next, 1);

        if (index >= job->documents->count)
            break;
        if (!deflate_one(worker, index))
            atomic_store(&job->failed, true);
    }
    return NULL;
}

static bool
run(struct job *job, struct error *err)
{
    size_t count = job->documents->deflator_count;
    struct worker *workers = memory_zero(count, sizeof *workers);
    bool ok = true;

    for (size_t i = 0; i < count; i++) {
        workers[i] = (struct worker){.job = job, .deflator = job->documents->deflators[i]};
        /* Without the thread the others do its work. */
        workers[i].started = i > 0 && thread_start(&workers[i].thread, work, &workers[i]) == 0;
    }
    workers[0].messenger = job->messenger;
    work(&workers[0]);
    for (size_t i = 0; i < count; i++) {
        if (workers[i].started)
            pthread_join(workers[i].thread, NULL);
        if (ok && workers[i].err.code != ERROR_NONE) {
            *err = workers[i].err;
            ok = false;
        }
    }
    free(workers);
    return ok;
}

static bool
open_deflators(struct documents *documents, const struct package_options *options,
               struct error *err)
{
    size_t wanted = options->threads < documents->count ? options->threads : documents->count;

    if (wanted == 0)
        wanted = 1;
    documents->deflators = memory_zero(wanted, sizeof(struct deflator *));
    for (size_t i = 0; i < wanted; i++) {
        documents->deflators[i] = deflator_open(options->folder, err);
        if (!documents->deflators[i])
            return false;
        documents->deflator_count++;
    }
    return true;
}

bool
documents_deflate(struct spool *spool, const struct spool_record *records, size_t count,
                  const struct package_options *options, const struct messenger *messenger,
                  struct documents *ret_documents, struct error *err)
{
    struct job job = {.spool = spool,
                      .records = records,
                      .record_count = count,
                      .options = options,
                      .messenger = messenger,
                      .documents = ret_documents};

    *ret_documents = (struct documents){0};
    if (count == 0)
        return true;
    ret_documents->count = (count - 1) / options->records_per_file + 1;
    ret_documents->items = memory_zero(ret_documents->count, sizeof *ret_documents->items);
    return open_deflators(ret_documents, options, err) && spool_flush(spool, err) && run(&job, err);
}

void
documents_free(struct documents *documents)
{
    for (size_t i = 0; i < documents->deflator_count; i++)
        deflator_close(documents->deflators[i]);
    free(documents->deflators);
    free(documents->items);
    *documents = (struct documents){0};
}
