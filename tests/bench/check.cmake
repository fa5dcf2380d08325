add_executable(check_language_bench check_language_bench.c ../support/check_study.c)
target_include_directories(check_language_bench PRIVATE ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(check_language_bench PRIVATE walkie_flags walkie_check_language)
