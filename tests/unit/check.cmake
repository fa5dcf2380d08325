set(CHECK_STUDY ../support/check_study.c)
walkie_test(unit_check_examples SOURCES check_examples_test.c ${CHECK_STUDY} LINK walkie_check_language)
target_compile_definitions(unit_check_examples PRIVATE
    README="${PROJECT_SOURCE_DIR}/report-service/crf/language/README.md")
walkie_test(unit_check_memory SOURCES check_memory_test.c ../support/failing_memory.c ${CHECK_STUDY} LINK walkie_check_language)
target_link_options(unit_check_memory PRIVATE -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc)
walkie_test(unit_check_laws SOURCES check_laws_test.c ../support/check_random.c ${CHECK_STUDY} LINK walkie_check_language)
walkie_test(unit_check_number SOURCES check_number_test.c LINK walkie_check_language)
walkie_test(unit_check_limits SOURCES check_limits_test.c ${CHECK_STUDY} LINK walkie_check_language)
