set(CHECK_STUDY ../support/check_study.c)
walkie_test(unit_check_examples SOURCES check_examples_test.c ${CHECK_STUDY} LINK walkie_check_language)
target_compile_definitions(unit_check_examples PRIVATE
    README="${PROJECT_SOURCE_DIR}/report-service/crf/language/README.md")
