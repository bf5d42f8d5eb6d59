/* confine_calls: the part of base/confine.h that is about calls to the kernel (seccomp(2)).
 */
#ifndef BASE_CONFINE_CALLS_H
#define BASE_CONFINE_CALLS_H

#include <stdbool.h>

/* `wishes` is of enum confine_wish. False where the kernel cannot. */
bool confine_calls(unsigned wishes);

#endif
