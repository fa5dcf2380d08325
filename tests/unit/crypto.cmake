walkie_test(crypto_sha256_test SOURCES crypto_sha256_test.c LINK walkie_crypto)
walkie_test(crypto_certificate_test
    SOURCES crypto_certificate_test.c ${PROJECT_SOURCE_DIR}/tests/support/certificates.c
    LINK walkie_crypto PkgConfig::CRYPTO)
walkie_test(crypto_hmac_test SOURCES crypto_hmac_test.c LINK walkie_crypto)
