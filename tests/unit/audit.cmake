walkie_test(audit_kri_test SOURCES audit_kri_test.c LINK walkie_audit m)
walkie_test(audit_dates_test SOURCES audit_dates_test.c LINK walkie_audit)
walkie_test(audit_words_test SOURCES audit_words_test.c LINK walkie_audit)
walkie_test(audit_json_test SOURCES audit_json_test.c LINK walkie_model walkie_crypto PkgConfig::CJSON m)
