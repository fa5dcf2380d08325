walkie_test(import_csv_test SOURCES import_csv_test.c LINK walkie_import)
walkie_test(import_tools_test SOURCES import_tools_test.c LINK walkie_import)
walkie_test(import_demo_test SOURCES import_demo_test.c LINK walkie_import)
walkie_test(import_clindata_test SOURCES import_clindata_test.c LINK walkie_import PkgConfig::LZMA)
