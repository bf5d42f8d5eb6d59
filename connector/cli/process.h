/* process: what our programs make of their process before anything else. */
#ifndef CLI_PROCESS_H
#define CLI_PROCESS_H

/* Keeps to itself what it reads: no files for others, no core dumps. Broken pipes and limits of
 * files are errors, not the end; standard streams that are closed stay out of use. */
void process_prepare(void);

#endif
