/* Tokens, their file, and the header that brings them. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/authorization.h"
#include "auth/token.h"
#include "auth/token_file.h"

enum { NOW_S = 1800000000 }; /* 2027-01-15 */

#define ID "0123abcd"
#define SECRET "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define TOKEN "wk_" ID "_" SECRET
#define OTHER "wk_" ID "_10112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static char hash_word[128]; /* sha256:ID:… of TOKEN */

static int set_up(void **state)
{
    (void)state;
    uint8_t hash[SHA256_LEN];
    char hex[SHA256_HEX_MAX];
    assert_true(token_hash(bytes_of(TOKEN), hash));
    hex_write(hash, sizeof(hash), hex);
    snprintf(hash_word, sizeof(hash_word), "sha256:" ID ":%s", hex);
    return 0;
}

static struct error error;

static enum status parse(const char *text, struct token_file **ret_tokens)
{
    error = (struct error)ERROR_NONE;
    return token_file_parse(bytes_of(text), ret_tokens, &error);
}

/* A line with %s for the hash. */
static struct token_file *parsed(const char *format)
{
    char text[2048];
    struct token_file *tokens = NULL;
    snprintf(text, sizeof(text), "# who\tmay what\n\n%s\n", format);
    char *at = strstr(text, "HASH");
    assert_non_null(at);
    char rest[1024];
    snprintf(rest, sizeof(rest), "%s", at + 4);
    snprintf(at, sizeof(text) - (size_t)(at - text), "%s%s", hash_word, rest);
    if (parse(text, &tokens) != STATUS_OK) {
        fail_msg("%s", error.text);
    }
    return tokens;
}

static enum status find(
    const struct token_file *tokens, const char *token, int64_t now_s, struct identity **ret)
{
    error = (struct error)ERROR_NONE;
    return token_file_find(tokens, bytes_of(token), now_s, ret, &error);
}

static void a_token_is_found_by_its_hash_and_says_who_and_what(void **state)
{
    (void)state;
    struct token_file *tokens = parsed("ana viewer,auditor 101,AA-1:* HASH");
    struct identity *identity = NULL;
    assert_int_equal(find(tokens, TOKEN, NOW_S, &identity), STATUS_OK);
    token_file_free(tokens); /* a reload while the request is under way */
    assert_string_equal(identity->name, "ana");
    assert_int_equal(identity->authority.role, ROLE_AUDITOR);
    assert_string_equal(identity->text, "auditor 101,AA-1:*");
    identity_unref(identity);
}

static void another_token_is_not_even_with_the_same_id(void **state)
{
    (void)state;
    static const char *const OTHERS[] = {OTHER, "", "wk_", "wk_" ID "_", TOKEN "0", "x" TOKEN,
        "wk_0123abce_" SECRET, "WK_" ID "_" SECRET, "wk_0123ABCD_" SECRET};
    struct token_file *tokens = parsed("ana viewer * HASH");
    struct identity *identity = NULL;
    for (size_t i = 0; i < LENGTH_OF(OTHERS); i++) {
        assert_int_equal(find(tokens, OTHERS[i], NOW_S, &identity), STATUS_UNAUTHENTICATED);
        assert_null(identity);
        assert_null(strstr(error.text, SECRET));
    }
    /* What the file holds opens nothing. */
    assert_int_equal(find(tokens, hash_word, NOW_S, &identity), STATUS_UNAUTHENTICATED);
    token_file_free(tokens);
}

static void a_token_ends_with_its_day(void **state)
{
    (void)state;
    int64_t day_s = 0;
    assert_true(token_file_read_day(bytes_of("2027-01-15"), &day_s));
    assert_int_equal(day_s, 1799971200);
    struct token_file *tokens = parsed("ana viewer * HASH until=2027-01-15");
    struct identity *identity = NULL;
    assert_int_equal(find(tokens, TOKEN, day_s - 1, &identity), STATUS_OK);
    identity_unref(identity);
    identity = NULL;
    assert_int_equal(find(tokens, TOKEN, day_s, &identity), STATUS_UNAUTHENTICATED);
    assert_string_equal(error.text, "the token's time is over");
    token_file_free(tokens);
}

static void days_are_those_of_the_calendar(void **state)
{
    (void)state;
    int64_t day_s = 0;
    assert_true(token_file_read_day(bytes_of("1970-01-01"), &day_s) && day_s == 0);
    assert_true(token_file_read_day(bytes_of("2000-02-29"), &day_s) && day_s == 951782400);
    assert_true(token_file_read_day(bytes_of("2000-03-01"), &day_s) && day_s == 951868800);
    assert_true(token_file_read_day(bytes_of("2100-03-01"), &day_s) && day_s == 4107542400);
    assert_true(token_file_read_day(bytes_of("9999-12-31"), &day_s) && day_s == 253402214400);
    static const char *const NONE[] = {"", "2027", "2027-1-1", "2027-13-01", "2027-00-01",
        "2027-02-29", "2100-02-29", "2027-04-31", "2027-01-00", "1969-12-31", "2027/01/01",
        "2027-01-1x", "-027-01-01", "2027-01-01 "};
    for (size_t i = 0; i < LENGTH_OF(NONE); i++) {
        assert_false(token_file_read_day(bytes_of(NONE[i]), &day_s));
    }
}

struct bad_row {
    const char *text; /* HASH stands for a good one */
    const char *words;
};

static void a_bad_line_is_named_by_its_number_and_nothing_of_it_is_repeated(void **state)
{
    (void)state;
    static const struct bad_row ROWS[] = {
        {"ana viewer *", "line 2: a name, roles, sites and a hash"},
        {"ana viewer * HASH until=2027-01-01 x", "line 2: a name"},
        {"ana viewer * HASH x", "line 2: after the hash only until="},
        {"ana viewer * HASH until=tomorrow", "line 2: after the hash only until="},
        {"ana boss * HASH", "line 2: roles are viewer"},
        {"ana viewer, * HASH", "line 2: roles are viewer"},
        {"ana ,viewer * HASH", "line 2: roles are viewer"},
        {"ana viewer ** HASH", "line 2: sites are *"},
        {"ana viewer 1,,2 HASH", "line 2: sites are *"},
        {"ana viewer * sha256:abc", "line 2: the hash must be"},
        {"ana viewer * sha256:0123ABCD:" SECRET, "line 2: the hash must be"},
        {"ana viewer * md5:0123abcd:" SECRET, "line 2: the hash must be"},
        {"ana viewer * " TOKEN, "line 2: this is the token itself"},
        {"ana\x01 viewer * HASH", "line 2: the name must be"},
        {"ana\xff viewer * HASH", "line 2: the name must be"},
        {"a HASH viewer *", "line 2: roles are"},
        {"a viewer * HASH\nb viewer * HASH", "lines 2 and 3: the same token twice"},
        {"", "no token in it"},
    };
    for (size_t i = 0; i < LENGTH_OF(ROWS); i++) {
        char text[2048] = "# first\n";
        const char *from = ROWS[i].text;
        while (*from != '\0') {
            bool is_hash = strncmp(from, "HASH", 4) == 0;
            size_t len = strlen(text);
            snprintf(text + len, sizeof(text) - len, "%.*s", is_hash ? 127 : 1,
                is_hash ? hash_word : from);
            from += is_hash ? 4 : 1;
        }
        struct token_file *tokens = NULL;
        assert_int_equal(parse(text, &tokens), STATUS_INVALID_ARGUMENT);
        assert_null(tokens);
        if (strncmp(error.text, ROWS[i].words, strlen(ROWS[i].words)) != 0) {
            fail_msg("\"%s\" for \"%s\"", error.text, ROWS[i].text);
        }
        assert_null(strstr(error.text, SECRET));
    }
}

static void a_list_of_sites_that_does_not_fit_a_call_is_refused_at_once(void **state)
{
    (void)state;
    char text[1024] = "ana viewer ";
    memset(text + strlen(text), '1', AUTHORITY_TEXT_MAX - sizeof("viewer "));
    struct token_file *tokens = NULL;
    size_t len = strlen(text);
    snprintf(text + len, sizeof(text) - len, " %s", hash_word);
    assert_int_equal(parse(text, &tokens), STATUS_OK);
    token_file_free(tokens);
    snprintf(text + len, sizeof(text) - len, "1 %s", hash_word);
    assert_int_equal(parse(text, &tokens), STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(error.text, "the list of sites is too long"));
}

static void a_line_has_a_longest_length_and_may_end_with_a_return(void **state)
{
    (void)state;
    struct token_file *tokens = parsed("\tana  viewer\t*   HASH \r");
    assert_int_equal(token_file_count(tokens), 1);
    token_file_free(tokens);
    char text[TOKEN_LINE_LEN_MAX + 2];
    memset(text, '#', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(parse(text, &tokens), STATUS_INVALID_ARGUMENT);
    assert_string_equal(error.text, "line 1: longer than 1024 bytes");
}

static void tokens_that_are_made_have_the_shape_and_differ(void **state)
{
    (void)state;
    char one[TOKEN_TEXT_MAX];
    char two[TOKEN_TEXT_MAX];
    assert_true(token_make(one) && token_make(two));
    assert_true(token_has_shape(bytes_of(one)) && token_has_shape(bytes_of(two)));
    assert_string_not_equal(one, two);
    assert_string_not_equal(one + TOKEN_SECRET_AT, two + TOKEN_SECRET_AT);
}

static void only_one_bearer_token_is_a_token(void **state)
{
    (void)state;
    struct bytes token = {NULL, 0};
    assert_int_equal(authorization_read("Bearer " TOKEN, &token), AUTHORIZATION_BEARER);
    assert_int_equal(token.len, TOKEN_LEN);
    assert_int_equal(authorization_read("bEARER   a.b.c", &token), AUTHORIZATION_BEARER);
    assert_int_equal(token.len, 5);
    assert_int_equal(authorization_read(NULL, &token), AUTHORIZATION_ABSENT);
    assert_int_equal(authorization_read("", &token), AUTHORIZATION_ABSENT);
    static const char *const OTHER_SCHEMES[] = {
        "Basic YTpi", TOKEN, "Bearer\t" TOKEN, "Bearerx a", "Digest a", " Bearer a"};
    for (size_t i = 0; i < LENGTH_OF(OTHER_SCHEMES); i++) {
        assert_int_equal(authorization_read(OTHER_SCHEMES[i], &token), AUTHORIZATION_OTHER);
    }
    static const char *const MALFORMED[] = {"Bearer", "Bearer ", "Bearer a b", "Bearer a, Bearer b",
        "Bearer a ", "Bearer \"a\"", "Bearer caf\xc3\xa9", "Bearer a\x7f"};
    for (size_t i = 0; i < LENGTH_OF(MALFORMED); i++) {
        assert_int_equal(authorization_read(MALFORMED[i], &token), AUTHORIZATION_MALFORMED);
    }
    char long_one[AUTHORIZATION_TOKEN_MAX + 16] = "Bearer ";
    memset(long_one + 7, 'a', AUTHORIZATION_TOKEN_MAX + 1);
    assert_int_equal(authorization_read(long_one, &token), AUTHORIZATION_MALFORMED);
    long_one[7 + AUTHORIZATION_TOKEN_MAX] = '\0';
    assert_int_equal(authorization_read(long_one, &token), AUTHORIZATION_BEARER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_found_by_its_hash_and_says_who_and_what),
        cmocka_unit_test(another_token_is_not_even_with_the_same_id),
        cmocka_unit_test(a_token_ends_with_its_day),
        cmocka_unit_test(days_are_those_of_the_calendar),
        cmocka_unit_test(a_bad_line_is_named_by_its_number_and_nothing_of_it_is_repeated),
        cmocka_unit_test(a_list_of_sites_that_does_not_fit_a_call_is_refused_at_once),
        cmocka_unit_test(a_line_has_a_longest_length_and_may_end_with_a_return),
        cmocka_unit_test(tokens_that_are_made_have_the_shape_and_differ),
        cmocka_unit_test(only_one_bearer_token_is_a_token),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
