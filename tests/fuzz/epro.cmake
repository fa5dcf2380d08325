walkie_fuzz(epro_fhir_fuzz SOURCES epro_fhir_fuzz.c LINK walkie_epro)
