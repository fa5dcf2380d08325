#include "call/raw_message.h"

#include <stdlib.h>

#include "call/wire.h"

struct raw_message {
    ProtobufCMessage base;
    ProtobufCMessageUnknownField fields[];
};

static const ProtobufCMessageDescriptor DESCRIPTOR = {
    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
    .name = "raw",
    .short_name = "raw",
    .c_name = "raw",
    .package_name = "",
    .sizeof_message = sizeof(struct raw_message),
};

static enum status count_fields(struct bytes bytes, size_t *ret_n_fields)
{
    struct wire_reader reader = wire_reader_of(bytes);
    struct wire_field field = {.number = 1};
    size_t n_fields = 0;
    while (field.number != 0) {
        enum status status = wire_next(&reader, &field, NULL);
        if (status != STATUS_OK) {
            return status;
        }
        n_fields += field.number != 0 ? 1 : 0;
    }
    *ret_n_fields = n_fields;
    return STATUS_OK;
}

/* What follows a field's tag, which protobuf-c writes itself. */
static const uint8_t *after_tag(const uint8_t *at)
{
    while ((*at & 0x80) != 0) {
        at++;
    }
    return at + 1;
}

enum status raw_message_new(struct bytes bytes, struct raw_message **ret_raw)
{
    size_t n_fields = 0;
    enum status status = count_fields(bytes, &n_fields);
    if (status != STATUS_OK) {
        return status;
    }
    struct raw_message *raw =
        calloc(1, sizeof(*raw) + n_fields * sizeof(ProtobufCMessageUnknownField));
    if (raw == NULL) {
        return STATUS_RESOURCE_EXHAUSTED;
    }
    raw->base.descriptor = &DESCRIPTOR;
    raw->base.n_unknown_fields = (unsigned int)n_fields;
    raw->base.unknown_fields = raw->fields;
    struct wire_reader reader = wire_reader_of(bytes);
    for (size_t i = 0; i < n_fields; i++) {
        const uint8_t *start = reader.at;
        struct wire_field field;
        status = wire_next(&reader, &field, NULL);
        if (status != STATUS_OK) { /* count_fields has read the same bytes */
            free(raw);
            return status;
        }
        const uint8_t *data = after_tag(start);
        raw->fields[i].tag = field.number;
        raw->fields[i].wire_type = (ProtobufCWireType)field.type;
        raw->fields[i].data = (uint8_t *)(uintptr_t)data; /* packed, never written to */
        raw->fields[i].len = (size_t)(reader.at - data);
    }
    *ret_raw = raw;
    return STATUS_OK;
}

const ProtobufCMessage *raw_message_base(const struct raw_message *raw)
{
    return &raw->base;
}

void raw_message_free(struct raw_message *raw)
{
    free(raw);
}

void raw_message_free_at(struct raw_message **raw)
{
    raw_message_free(*raw);
}
