/* What the parts of the folder of results share. Private to operations/files*.c. */
#ifndef WALKIE_GATEWAY_OPERATIONS_FILES_INTERNAL_H
#define WALKIE_GATEWAY_OPERATIONS_FILES_INTERNAL_H

#include "operations/files.h"
#include "operations/record.h"

enum { FILES_NAME_MAX = 2 * OPERATION_ID_MAX + 16 };

struct files {
    int folder_fd;
    int lock_fd;
    char gateway[OPERATION_ID_MAX];
};

/* "ID.result", "GATEWAY.lock", "ID.GATEWAY.part". */
void files_name(char ret_name[FILES_NAME_MAX], const char *id, const char *suffix);
void files_part_name(char ret_name[FILES_NAME_MAX], const char *id, const char *gateway);

#endif
