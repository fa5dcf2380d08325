/* The comments beside declarations: SourceCodeInfo says where each stands, as a path of field
 * numbers and indices. */
#include <stdlib.h>
#include <string.h>

#include "call/schema_internal.h"

enum { INFO_LOCATION = 1, LOCATION_PATH = 1, LOCATION_LEADING = 3, LOCATION_TRAILING = 4 };

static int compare_paths(const struct schema_path *one, const struct schema_path *other)
{
    size_t n_common = one->n_steps < other->n_steps ? one->n_steps : other->n_steps;
    for (size_t i = 0; i < n_common; i++) {
        if (one->steps[i] != other->steps[i]) {
            return one->steps[i] < other->steps[i] ? -1 : 1;
        }
    }
    return (one->n_steps > other->n_steps) - (one->n_steps < other->n_steps);
}

static int compare_locations(const void *one, const void *other)
{
    const struct schema_location *first = one;
    const struct schema_location *second = other;
    return compare_paths(&first->path, &second->path);
}

/* A path too long for us belongs to nothing that we read: *ret_path is then empty. */
static enum status read_path(
    struct bytes packed, struct schema_path *ret_path, struct error *ret_error)
{
    struct wire_reader reader = wire_reader_of(packed);
    struct schema_path path = {.n_steps = 0};
    while (reader.at < reader.end) {
        uint64_t step = 0;
        enum status status = wire_read_varint(&reader, &step, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        if (path.n_steps == SCHEMA_PATH_MAX) {
            path.n_steps = 0;
            break;
        }
        path.steps[path.n_steps++] = (int32_t)step;
    }
    *ret_path = path;
    return STATUS_OK;
}

static enum status read_location(
    struct bytes message, struct schema_location *ret_location, struct error *ret_error)
{
    struct schema_location location = {.path = {.n_steps = 0}};
    struct wire_reader reader = wire_reader_of(message);
    for (;;) {
        struct wire_field field;
        enum status status = wire_next(&reader, &field, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        if (field.number == 0) {
            break;
        }
        if (field.type != WIRE_BYTES) {
            continue;
        }
        if (field.number == LOCATION_PATH) {
            status = read_path(field.bytes, &location.path, ret_error);
        } else if (field.number == LOCATION_LEADING) {
            location.leading = field.bytes;
        } else if (field.number == LOCATION_TRAILING) {
            location.trailing = field.bytes;
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    *ret_location = location;
    return STATUS_OK;
}

enum status comments_read(
    struct schema_reading *reading, struct bytes info, struct error *ret_error)
{
    struct schema_list list = {.n_items = 0};
    struct wire_reader reader = wire_reader_of(info);
    for (;;) {
        struct wire_field field;
        enum status status = wire_next(&reader, &field, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        if (field.number == 0) {
            break;
        }
        struct schema_location location;
        if (field.number != INFO_LOCATION || field.type != WIRE_BYTES) {
            continue;
        }
        status = read_location(field.bytes, &location, ret_error);
        if (status != STATUS_OK) {
            return status;
        }
        if (location.path.n_steps == 0 || location.leading.len + location.trailing.len == 0) {
            continue;
        }
        struct schema_location *kept = schema_list_add(reading, &list, sizeof(*kept));
        if (kept == NULL) {
            return error_set(ret_error, STATUS_RESOURCE_EXHAUSTED, "too many comments");
        }
        *kept = location;
    }
    if (list.n_items > 0) {
        qsort(list.items, list.n_items, sizeof(struct schema_location), compare_locations);
    }
    reading->locations = list.items;
    reading->n_locations = list.n_items;
    return STATUS_OK;
}

void comments_forget(struct schema_reading *reading)
{
    reading->locations = NULL;
    reading->n_locations = 0;
}

/* Append on one line: what is no printable character becomes a blank, blanks become one. */
static size_t append_words(char *line, size_t len, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_blank = text.data[i] <= ' ' || text.data[i] == 0x7f;
        if (!is_blank) {
            line[len++] = (char)text.data[i];
        } else if (len > 0 && line[len - 1] != ' ') {
            line[len++] = ' ';
        }
    }
    return len;
}

const char *comments_of(struct schema_reading *reading)
{
    struct schema_location wanted = {.path = reading->path};
    const struct schema_location *location =
        reading->n_locations == 0 ? NULL
                                  : bsearch(&wanted, reading->locations, reading->n_locations,
                                        sizeof(wanted), compare_locations);
    if (location == NULL || !wire_is_utf8(location->leading) || !wire_is_utf8(location->trailing)) {
        return "";
    }
    char *line = arena_alloc(reading->arena, location->leading.len + location->trailing.len + 2);
    if (line == NULL) {
        return NULL;
    }
    size_t len = append_words(line, 0, location->leading);
    if (len > 0 && line[len - 1] != ' ') {
        line[len++] = ' ';
    }
    len = append_words(line, len, location->trailing);
    while (len > 0 && line[len - 1] == ' ') {
        len--;
    }
    line[len] = '\0';
    return line;
}
