#include "alma/xml_begin.h"

#include <libxml/catalog.h>
#include <libxml/parser.h>
#include <libxml/xmlschemastypes.h>
#include <pthread.h>

static void
begin(void)
{
    xmlInitParser();
    xmlInitializeCatalog();
    xmlSchemaInitTypes();
}

void
xml_begin(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, begin);
}
