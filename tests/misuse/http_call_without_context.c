/* A call that nobody can stop: the context is left out.
 * expect: incompatible pointer type|too few arguments also: control reaches end|makes integer */
#include "http/client.h"
#include "program.h"

enum status fetch(struct http_client *client, const struct http_client_request *request,
    struct http_client_reply *ret_reply);
enum status fetch(struct http_client *client, const struct http_client_request *request,
    struct http_client_reply *ret_reply)
{
    return http_client_call(client, request, ret_reply, NULL); /* HERE */
}
