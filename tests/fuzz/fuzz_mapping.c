/* A whole mapping loaded, judged and applied, which must come out the same when somebody watches.
 * Input: the YAML, NUL, an entry (tests/unit/mapping_sample.h). */
#include "mapping_sample.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
apply(struct sample *sample, struct slice text)
{
    struct entry entry = sample_entry(sample, text);
    unsigned char *reached = memory_zero(mapping_part_count(sample->mapping) + 1, 1);
    const struct mapping_watch watch = {reached, true, NULL, NULL};
    struct buffer plain = BUFFER_INIT, watched = BUFFER_INIT, doubts;

    sample_render(sample, sample_apply(sample, &entry), &plain);
    sample->findings.length = 0;
    sample_render(sample, sample_watch(sample, &entry, &watch), &watched);
    if (!slice_equal((struct slice){plain.data, plain.length},
                     (struct slice){watched.data, watched.length}))
        abort();
    doubts = sample_lint(sample->mapping);
    buffer_free(&doubts);
    buffer_free(&plain);
    buffer_free(&watched);
    free(reached);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *end = size ? memchr(text, '\0', size) : NULL;
    size_t length = end ? (size_t)(end - text) : size;
    struct sample sample;

    sample_open(&sample, (struct slice){text, length});
    sample.findings.length = 0;
    if (sample.mapping)
        apply(&sample, (struct slice){end ? end + 1 : "", end ? size - length - 1 : 0});
    sample_close(&sample);
    return 0;
}
