# cmake -DINPUT=FILE -DOUTPUT=FILE -DHEADER=FILE -DSYMBOL=NAME -P embed.cmake
# Writes a file's bytes as a C constant `const struct bytes NAME`, which the header declares.
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(................................................................................)" "\\1\n    " bytes "${bytes}")
file(WRITE ${OUTPUT} "/* Made by embed.cmake; do not edit. */
#include \"${HEADER}\"

static const uint8_t BYTES[] = {
    ${bytes}};

const struct bytes ${SYMBOL} = {BYTES, sizeof(BYTES)};
")
