#include "import/xml_stream.h"

#include <inttypes.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

enum { XML_CHUNK_LEN = 64 * 1024, MESSAGE_MAX = 160 };

struct xml_stream {
    xmlParserCtxtPtr parser;
    const struct xml_handler *handler;
    void *handler_arg;
    int depth;
    size_t text_len; /* since the last tag */
    char *values;    /* the current element's attributes, one after another */
    size_t values_len;
    enum status status; /* of the first failure */
    struct error *error;
};

static uint64_t line_of(const struct xml_stream *stream)
{
    int line = xmlSAX2GetLineNumber(stream->parser);
    return line > 0 ? (uint64_t)line : 1;
}

static void stop(struct xml_stream *stream, enum status status)
{
    if (stream->status == STATUS_OK) {
        stream->status = status;
    }
    xmlStopParser(stream->parser);
}

static void stop_at_limit(struct xml_stream *stream, const char *what, int limit)
{
    if (stream->status == STATUS_OK) {
        error_record(stream->error, STATUS_RESOURCE_EXHAUSTED, "%" PRIu64 ": more than %d %s",
            line_of(stream), limit, what);
    }
    stop(stream, STATUS_RESOURCE_EXHAUSTED);
}

static void on_document_type(
    void *arg, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
    (void)name;
    (void)external_id;
    (void)system_id;
    struct xml_stream *stream = arg;
    if (stream->status == STATUS_OK) {
        error_record(stream->error, STATUS_DATA_LOSS,
            "%" PRIu64 ": a document type (<!DOCTYPE …>) is refused: it could define entities that "
            "grow without end or fetch files; remove it",
            line_of(stream));
    }
    stop(stream, STATUS_DATA_LOSS);
}

/* Room for `len` bytes of attribute values in all. */
static bool make_room(struct xml_stream *stream, size_t len)
{
    if (len <= stream->values_len) {
        return true;
    }
    size_t values_len = len < XML_ATTRIBUTE_LEN_MAX ? XML_ATTRIBUTE_LEN_MAX : len * 2;
    char *values = realloc(stream->values, values_len);
    if (values == NULL) {
        return false;
    }
    stream->values = values;
    stream->values_len = values_len;
    return true;
}

static const char *text_of(const xmlChar *text)
{
    return text == NULL ? "" : (const char *)text;
}

/* libxml2's attributes are five pointers each: name, prefix, namespace, begin and end of value. */
static bool take_attributes(struct xml_stream *stream, int n_attributes, const xmlChar **from,
    struct xml_attribute *ret_attributes)
{
    size_t total = 0;
    for (int i = 0; i < n_attributes; i++) {
        size_t len = (size_t)(from[5 * i + 4] - from[5 * i + 3]);
        if (len > XML_ATTRIBUTE_LEN_MAX) {
            stop_at_limit(stream, "bytes in an attribute", XML_ATTRIBUTE_LEN_MAX);
            return false;
        }
        total += len + 1;
    }
    if (!make_room(stream, total)) {
        error_record(stream->error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
        stop(stream, STATUS_RESOURCE_EXHAUSTED);
        return false;
    }
    char *at = stream->values;
    for (int i = 0; i < n_attributes; i++) {
        size_t len = (size_t)(from[5 * i + 4] - from[5 * i + 3]);
        memcpy(at, from[5 * i + 3], len);
        at[len] = '\0';
        ret_attributes[i] =
            (struct xml_attribute){text_of(from[5 * i + 2]), text_of(from[5 * i]), at};
        at += len + 1;
    }
    return true;
}

static void on_start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *space,
    int n_spaces, const xmlChar **spaces, int n_attributes, int n_defaulted,
    const xmlChar **attributes)
{
    (void)prefix;
    (void)n_spaces;
    (void)spaces;
    (void)n_defaulted;
    struct xml_stream *stream = arg;
    if (stream->status != STATUS_OK) {
        return;
    }
    stream->text_len = 0;
    if (++stream->depth > XML_DEPTH_MAX) {
        stop_at_limit(stream, "elements within each other", XML_DEPTH_MAX);
        return;
    }
    if (n_attributes > XML_ATTRIBUTES_MAX) {
        stop_at_limit(stream, "attributes of one element", XML_ATTRIBUTES_MAX);
        return;
    }
    struct xml_attribute taken[XML_ATTRIBUTES_MAX];
    if (!take_attributes(stream, n_attributes, attributes, taken)) {
        return;
    }
    const struct xml_element element = {.space = text_of(space),
        .name = text_of(name),
        .attributes = taken,
        .n_attributes = (size_t)n_attributes,
        .line = line_of(stream)};
    enum status status = stream->handler->start(stream->handler_arg, &element, stream->error);
    if (status != STATUS_OK) {
        stop(stream, status);
    }
}

static void on_end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *space)
{
    (void)name;
    (void)prefix;
    (void)space;
    struct xml_stream *stream = arg;
    if (stream->status != STATUS_OK) {
        return;
    }
    stream->depth--;
    stream->text_len = 0;
    enum status status = stream->handler->end(stream->handler_arg, line_of(stream), stream->error);
    if (status != STATUS_OK) {
        stop(stream, status);
    }
}

static void on_text(void *arg, const xmlChar *text, int len)
{
    struct xml_stream *stream = arg;
    if (stream->status != STATUS_OK) {
        return;
    }
    stream->text_len += (size_t)len;
    if (stream->text_len > XML_TEXT_LEN_MAX) {
        stop_at_limit(stream, "bytes of text between two tags", XML_TEXT_LEN_MAX);
        return;
    }
    enum status status =
        stream->handler->text(stream->handler_arg, (const char *)text, (size_t)len, stream->error);
    if (status != STATUS_OK) {
        stop(stream, status);
    }
}

/* The first error that ends the parsing; warnings are nobody's business here. */
static void on_error(void *arg, xmlErrorPtr problem)
{
    struct xml_stream *stream = arg;
    if (stream->status != STATUS_OK || problem->level < XML_ERR_ERROR) {
        return;
    }
    char message[MESSAGE_MAX];
    snprintf(message, sizeof(message), "%s", problem->message == NULL ? "" : problem->message);
    message[strcspn(message, "\r\n")] = '\0';
    error_record(stream->error, STATUS_DATA_LOSS, "%d: not well-formed XML: %s",
        problem->line > 0 ? problem->line : 1, message);
    stop(stream, STATUS_DATA_LOSS);
}

/* What the parser would call "Document is empty", in words that help. */
static enum status look_at_start(struct xml_stream *stream, const char *chunk, size_t len)
{
    if (len == 0) {
        return error_set(
            stream->error, STATUS_DATA_LOSS, "1: not well-formed XML: there is nothing in it");
    }
    bool is_gzip = len > 2 && memcmp(chunk, "\x1f\x8b", 2) == 0;
    bool is_zip = len > 4 && memcmp(chunk, "PK\x03\x04", 4) == 0;
    return is_gzip || is_zip
               ? error_set(stream->error, STATUS_DATA_LOSS,
                     "1: not well-formed XML: it is compressed (%s): unpack it, or pipe it in",
                     is_gzip ? "gzip" : "zip")
               : STATUS_OK;
}

/* Every byte of the source through the parser. */
static enum status feed(const struct ctx *ctx, xml_read_fn *read, void *read_arg,
    struct xml_stream *stream, char *chunk)
{
    size_t len = 1;
    bool is_first = true;
    while (stream->status == STATUS_OK && len > 0) {
        if (ctx_err(ctx) != STATUS_OK) {
            return error_set(
                stream->error, ctx_err(ctx), "stopped (%s)", ctx_cause_word(ctx_cause(ctx)));
        }
        enum status status = read(read_arg, chunk, XML_CHUNK_LEN, &len, stream->error);
        if (status == STATUS_OK && is_first) {
            status = look_at_start(stream, chunk, len);
        }
        if (status != STATUS_OK) {
            return status;
        }
        is_first = false;
        int result = xmlParseChunk(stream->parser, chunk, (int)len, len == 0);
        if (result != 0 && stream->status == STATUS_OK) {
            return error_set(stream->error, STATUS_DATA_LOSS, "%" PRIu64 ": not well-formed XML",
                line_of(stream));
        }
    }
    return stream->status;
}

enum status xml_stream_read(const struct ctx *ctx, xml_read_fn *read, void *read_arg,
    const struct xml_handler *handler, void *handler_arg, struct error *ret_error)
{
    struct error error = ERROR_NONE;
    struct xml_stream stream = {.handler = handler, .handler_arg = handler_arg, .error = &error};
    xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
        .internalSubset = on_document_type,
        .startElementNs = on_start,
        .endElementNs = on_end,
        .characters = on_text,
        .cdataBlock = on_text,
        .serror = on_error};
    char *chunk = malloc(XML_CHUNK_LEN);
    stream.parser = chunk == NULL ? NULL : xmlCreatePushParserCtxt(&sax, &stream, NULL, 0, NULL);
    if (stream.parser == NULL) {
        free(chunk);
        return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "out of memory");
    }
    /* NOENT: without it "&amp;" in an attribute stays "&#38;". There are no other entities. */
    xmlCtxtUseOptions(stream.parser, XML_PARSE_NONET | XML_PARSE_NOENT);
    enum status status = feed(ctx, read, read_arg, &stream, chunk);
    xmlFreeDoc(stream.parser->myDoc);
    xmlFreeParserCtxt(stream.parser);
    free(stream.values);
    free(chunk);
    return status == STATUS_OK ? STATUS_OK : error_set(ret_error, status, "%s", error.text);
}
