walkie_test(base_test SOURCES base_test.c LINK walkie_base)
walkie_test(base_bytes_test SOURCES base_bytes_test.c LINK walkie_base)
walkie_test(settings_test SOURCES settings_test.c settings_support.c LINK walkie_base)
walkie_test(settings_answer_test SOURCES settings_answer_test.c settings_support.c LINK walkie_base)
