/* One unary call with nothing of Walkie: cc stock_client.c -lnng && ./a.out tcp://127.0.0.1:9090 */
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    static const char call[] = "\2\0\0\56"                                 /* CALL, 46 bytes of */
                               "\11\0\136\320\262\0\0\0\0"                 /* metadata: 3 s, */
                               "\22\43walkie.report.v1.ReportService/Echo" /* the method */
                               "\12\5hello";                               /* EchoRequest */
    unsigned char answer[65536] = {0};
    size_t len = sizeof(answer);
    nng_socket socket;
    int result = argc == 2 ? nng_req0_open(&socket) : NNG_EINVAL;
    result = result != 0 ? result : nng_dial(socket, argv[1], NULL, 0);
    result = result != 0 ? result : nng_send(socket, (void *)call, sizeof(call) - 1, 0);
    result = result != 0 ? result : nng_recv(socket, answer, &len, 0);
    size_t message_at = 4u + answer[2] * 256u + answer[3]; /* behind the header */
    if (result != 0 || message_at > len) {
        fprintf(stderr, "%s\n", nng_strerror(result));
        return 1;
    }
    printf("%s %.*s\n", answer[0] == 3 ? "REPLY" : "END", (int)(len - message_at),
        (const char *)answer + message_at); /* a protobuf message: EchoReply */
    nng_close(socket);
    return answer[0] == 3 ? 0 : 1;
}
