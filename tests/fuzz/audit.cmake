walkie_fuzz(lab_fuzz SOURCES lab_fuzz.c LINK walkie_audit m)
