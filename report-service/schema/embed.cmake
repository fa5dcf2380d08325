# cmake -DOUTPUT=FILE -DKINDS=edc;ctms -DINPUTS=FILE;… -P embed.cmake
# Writes the migrations as C arrays of bytes: a string literal may not be longer than 4095 characters
# in portable C11. The inputs are named one by one, in the order in which they are applied; the file
# name's number is the version, its folder the database.
set(text "/* Made by embed.cmake from the .sql files; do not edit. */\n#include \"schema/migration.h\"\n")
set(table "")
foreach(input ${INPUTS})
    get_filename_component(folder ${input} DIRECTORY)
    get_filename_component(kind ${folder} NAME)
    get_filename_component(name ${input} NAME)
    string(REGEX MATCH "^[0-9]+" version ${name})
    math(EXPR version "${version}") # drops the zeros in front, which C would take for octal
    file(READ ${input} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(REGEX REPLACE "(................................................................................)" "\\1\n    " bytes "${bytes}")
    set(symbol ${kind}_${version})
    string(APPEND text "\nstatic const char ${symbol}[] = {\n    ${bytes}0};\n")
    string(TOUPPER ${kind} upper)
    string(APPEND table "    {SCHEMA_${upper}, ${version}, \"${kind}/${name}\", ${symbol}},\n")
endforeach()
string(APPEND text "\nconst struct schema_migration SCHEMA_MIGRATIONS[] = {\n${table}};\n"
    "const size_t SCHEMA_MIGRATIONS_COUNT = sizeof(SCHEMA_MIGRATIONS) / sizeof(SCHEMA_MIGRATIONS[0]);\n")
file(WRITE ${OUTPUT} "${text}")
