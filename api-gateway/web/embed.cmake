# cmake -DFOLDER=… -DNAMES=a.js,b.css -DOUTPUT=FILE -P embed.cmake
# Writes the console's files as one table in C (files.h), each with its type and its entity tag.
set(TYPE_html "text/html; charset=utf-8")
set(TYPE_css "text/css; charset=utf-8")
set(TYPE_js "text/javascript; charset=utf-8")
set(TYPE_svg "image/svg+xml")

string(REPLACE "," ";" NAMES "${NAMES}")
set(arrays "")
set(rows "")
set(number 0)
foreach(name IN LISTS NAMES)
    file(READ ${FOLDER}/${name} hex HEX)
    file(SHA256 ${FOLDER}/${name} sha256)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(REGEX REPLACE "(................................................................................)" "\\1\n    " bytes "${bytes}")
    string(REGEX REPLACE ".*\\." "" kind ${name})
    string(APPEND arrays "static const uint8_t FILE_${number}[] = {\n    ${bytes}};\n\n")
    string(APPEND rows "    {\"${name}\", \"${TYPE_${kind}}\", \"\\\"${sha256}\\\"\", {FILE_${number}, sizeof(FILE_${number})}},\n")
    math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT} "/* Made by embed.cmake; do not edit. */
#include \"web/files.h\"

${arrays}const struct web_file WEB_FILES[] = {
${rows}};

const size_t WEB_FILES_LEN = ${number};
")
