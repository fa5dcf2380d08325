/* What makes two calls one question, for the methods that are shared (rpc/server.h): the request in
 * one spelling, and the stamps of the data that it is asked of.
 *
 * The request is packed again whole, so that a new field separates calls until somebody says here
 * how it is spelt. Fields that this build does not know are left out: no handler can look at them.
 */
#include "api/service.h"
#include "api/unpack.h"
#include "audit/words/words.h"
#include "base/clock.h"
#include "walkie/crf/v1/crf.pb-c.h"
#include "walkie/report/v1/report.pb-c.h"

typedef Walkie__Report__V1__AuditReportRequest report_request;

static enum status append_stamp(struct buffer *key, struct db *db)
{
    struct db_stamp stamp;
    enum status status = db_data_stamp(db, &stamp);
    return status == STATUS_OK ? buffer_append(key, stamp.bytes, stamp.len) : status;
}

static enum status append_stamps(struct buffer *key, const struct service *service)
{
    enum status status = append_stamp(key, service->sources.edc);
    return status == STATUS_OK ? append_stamp(key, service->sources.ctms) : status;
}

/* The laboratory has no stamp of its data. Calls that came in the same LAB_SHARE_MS share what it
 * answers to the first; later ones ask anew, so that nobody gets an answer from before that. */
static enum status append_lab(struct buffer *key, const struct service *service)
{
    uint64_t bucket =
        service->sources.lab == NULL ? 0 : 1 + clock_now_ns() / CLOCK_MS(LAB_SHARE_MS);
    return buffer_append(key, &bucket, sizeof(bucket));
}

static enum status append_message(struct buffer *key, const ProtobufCMessage *message)
{
    enum status status = buffer_reserve(key, protobuf_c_message_get_packed_size(message));
    if (status == STATUS_OK) {
        key->len += protobuf_c_message_pack(message, key->data + key->len);
    }
    return status;
}

/* protobuf-c's structs take char *; packing does not write through it. */
static char *text_or(const char *text, const char *otherwise)
{
    return (char *)(*text == '\0' ? otherwise : text);
}

enum status service_audit_report_key(struct bytes request, void *arg, struct buffer *key)
{
    report_request *unpacked =
        walkie__report__v1__audit_report_request__unpack(NULL, request.len, request.data);
    if (unpacked == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    report_request spelt = *unpacked; /* borrows its texts */
    spelt.base.n_unknown_fields = 0;
    enum language language;
    if (request_language(spelt.language, &language, NULL) == STATUS_OK) {
        spelt.language = (char *)language_tag(language);
    }
    spelt.requester = text_or(spelt.requester, AUDIT_REQUESTER_DEFAULT);
    spelt.sections = audit_sections(spelt.sections);
    enum status status = append_stamps(key, arg);
    if (status == STATUS_OK) {
        status = append_lab(key, arg);
    }
    if (status == STATUS_OK) {
        status = append_message(key, &spelt.base);
    }
    walkie__report__v1__audit_report_request__free_unpacked(unpacked, NULL);
    return status;
}

enum status service_list_centers_key(struct bytes request, void *arg, struct buffer *key)
{
    (void)request; /* it has no fields */
    return append_stamps(key, arg);
}

/* What writes is not shared: everybody's queries are their own to open. */
enum status service_crf_validate_key(struct bytes request, void *arg, struct buffer *key)
{
    const struct service *service = arg;
    Walkie__Crf__V1__ValidateRequest *unpacked =
        walkie__crf__v1__validate_request__unpack(NULL, request.len, request.data);
    if (unpacked == NULL) {
        return STATUS_INVALID_ARGUMENT;
    }
    Walkie__Crf__V1__ValidateRequest spelt = *unpacked; /* borrows its texts */
    spelt.base.n_unknown_fields = 0;
    enum language language;
    if (request_language(spelt.language, &language, NULL) == STATUS_OK) {
        spelt.language = (char *)language_tag(language);
    }
    spelt.requester = (char *)""; /* is not in the result */
    enum status status =
        unpacked->is_written ? STATUS_FAILED_PRECONDITION : append_stamp(key, service->sources.edc);
    if (status == STATUS_OK) {
        status = append_message(key, &spelt.base);
    }
    walkie__crf__v1__validate_request__free_unpacked(unpacked, NULL);
    return status;
}
