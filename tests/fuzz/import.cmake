walkie_fuzz(csv_fuzz SOURCES csv_fuzz.c LINK walkie_import)
walkie_fuzz(csv_tables_fuzz SOURCES csv_tables_fuzz.c LINK walkie_import)
walkie_fuzz(odm_fuzz SOURCES odm_fuzz.c LINK walkie_import)
