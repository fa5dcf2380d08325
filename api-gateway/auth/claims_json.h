/* JSON as tokens bring it: strictly one object, no name twice, no NUL hidden in a text.
 *
 *     cJSON *object = claims_json_parse(text);
 *     const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, "exp");
 *     cJSON_Delete(object);
 */
#ifndef WALKIE_GATEWAY_AUTH_CLAIMS_JSON_H
#define WALKIE_GATEWAY_AUTH_CLAIMS_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/attributes.h"
#include "base/bytes.h"

/* Whether it is base64url as RFC 7515 has it: its characters alone, no padding, a possible length.
 * What is not must not get to cjose's decoder, which asserts that. */
bool claims_is_base64url(struct bytes text);

/* NULL: it is no such object, or memory is out. */
MUST_USE cJSON *claims_json_parse(struct bytes text, size_t n_names_max);

/* The value under a name, or under "a.b.c" through objects when no name is that whole; NULL. */
const cJSON *claims_json_find(const cJSON *object, const char *path);

#endif
