walkie_fuzz(settings_fuzz SOURCES settings_fuzz.c LINK walkie_base)
