walkie_fuzz(document_text_fuzz SOURCES document_text_fuzz.c LINK walkie_document PkgConfig::PANGOCAIRO)
