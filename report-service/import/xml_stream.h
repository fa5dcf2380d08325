/* An XML text, event by event, in bounded memory: no tree is built.
 *
 *     const struct xml_handler handler = {on_start, on_end, on_text};
 *     status = xml_stream_read(ctx, read_file, file, &handler, arg, &error);
 *
 * A document type is refused before its first declaration is looked at, so there are no entities to
 * expand (no "billion laughs"), nothing external to fetch, no network. Names come with their
 * namespace's URI; texts are UTF-8 whatever the file's encoding.
 *
 * libxml2's push parser underneath: it says where it is in files of more than 65,535 lines, and
 * stops at the document type itself; its xmlTextReader does neither. Not here: what the elements
 * mean (odm_*.c). */
#ifndef WALKIE_IMPORT_XML_STREAM_H
#define WALKIE_IMPORT_XML_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "ctx/ctx.h"

enum {
    XML_DEPTH_MAX = 64,                /* elements within elements */
    XML_ATTRIBUTES_MAX = 64,           /* of one element */
    XML_ATTRIBUTE_LEN_MAX = 64 * 1024, /* bytes of one value */
    XML_TEXT_LEN_MAX = 256 * 1024,     /* bytes of text between two tags */
};

/* Give up to `size` bytes; 0 in *ret_len is the end. A failure ends the reading with its status. */
typedef enum status xml_read_fn(
    void *arg, void *data, size_t size, size_t *ret_len, struct error *ret_error);

struct xml_attribute {
    const char *space; /* "" without a namespace */
    const char *name;
    const char *value;
};

struct xml_element {
    const char *space; /* the namespace's URI; "" without one */
    const char *name;
    const struct xml_attribute *attributes; /* valid until the handler returns */
    size_t n_attributes;
    uint64_t line; /* of the tag's end */
};

/* What is not OK ends the reading with that status. Text comes in pieces. */
struct xml_handler {
    enum status (*start)(void *arg, const struct xml_element *element, struct error *ret_error);
    enum status (*end)(void *arg, uint64_t line, struct error *ret_error);
    enum status (*text)(void *arg, const char *text, size_t len, struct error *ret_error);
};

/* Read to the end. The context is heard between pieces of XML_CHUNK_LEN bytes.
 * Errors: DATA_LOSS with "LINE: what" (not well-formed, cut off, bytes that are not of the declared
 * encoding, a document type), RESOURCE_EXHAUSTED with the line (above a limit), those of the read
 * function and of the handler, the context's. Threads: one call at a time for one source. */
MUST_USE enum status xml_stream_read(const struct ctx *ctx, xml_read_fn *read, void *read_arg,
    const struct xml_handler *handler, void *handler_arg, struct error *ret_error);

#endif
