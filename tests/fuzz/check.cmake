walkie_fuzz(check_language_fuzz SOURCES check_language_fuzz.c ../support/check_study.c LINK walkie_check_language)
