/* xml_begin: libxml2, made ready for threads.
 *
 * It makes tables and locks of the whole process when they are first used, some of them without a
 * lock. Its documentation wants them to be made before there are several threads, which a library
 * cannot ask of those who use it.
 */
#ifndef ALMA_XML_BEGIN_H
#define ALMA_XML_BEGIN_H

/* Before any other call of libxml2; as often as one likes, in any thread. */
void xml_begin(void);

#endif
