walkie_fuzz(csv_fuzz SOURCES csv_fuzz.c LINK walkie_import)
