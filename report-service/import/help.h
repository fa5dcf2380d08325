/* What walkie-data --help prints.
 *
 *     fputs(HELP, stdout);
 *
 * One command a paragraph, in the order of the table in main.c, which alone includes this. */
#ifndef WALKIE_IMPORT_HELP_H
#define WALKIE_IMPORT_HELP_H

static const char HELP[] =
    "walkie-data: make, fill and describe the databases of a report service\n"
    "\n"
    "  walkie-data demo --edc URI --ctms URI [options]\n"
    "      make a study that does not exist, with problems planted in it\n"
    "        --sites N        sites (12)\n"
    "        --subjects N     subjects of a site, on average (30)\n"
    "        --seed N         another study for another number (1)\n"
    "        --manifest PATH  list of the planted problems (EDCFILE.problems.json)\n"
    "        --lab-results PATH  what lab-stand-in serves (EDCFILE.lab.jsonl)\n"
    "        --force          replace what is there\n"
    "  walkie-data import clindata FOLDER --edc URI --ctms URI [--force]\n"
    "      load an export of xz-compressed CSV files; one bad row and nothing is loaded\n"
    "  walkie-data import odm FILE --edc URI [--ctms URI] [--force]\n"
    "      load CDISC ODM-XML 1.3 (\"-\" is standard input); one error and nothing is loaded;\n"
    "      the same file again changes nothing\n"
    "  walkie-data import csv FOLDER --edc URI [--ctms URI] [--force]\n"
    "      load FOLDER/edc/TABLE.csv and FOLDER/ctms/TABLE.csv, as export makes them\n"
    "  walkie-data export csv FOLDER --edc URI [--ctms URI]\n"
    "      write every table to such a folder, which must not exist\n"
    "  walkie-data check --edc URI --ctms URI [--study NO] [--site N] [--json]\n"
    "      what the databases lack for which section and rule of the site's report\n"
    "  walkie-data checks test 'EXPRESSION' --edc URI [options]\n"
    "      what an expression of the check language comes to over the forms of the database,\n"
    "      or with given values; where it is wrong, if it is\n"
    "        --study NO       where the database holds several studies\n"
    "        --form OID       the form that the check belongs to, where several are possible\n"
    "        --set NAME=VALUE value of an item or property, again for each; then no form is read\n"
    "        --site N, --subject NO  only their forms\n"
    "        --examples N     print N problems (5)\n"
    "  walkie-data checks list --edc URI [--study NO]\n"
    "      the active edit checks, and where those go wrong that do not compile\n"
    "  walkie-data info [--edc URI] [--ctms URI]\n"
    "      print counts and sites\n"
    "  walkie-data migrate [--edc URI] [--ctms URI]\n"
    "      bring databases of an older version up to date\n"
    "  walkie-data regrade --ctms URI --site N --rule CODE --grade GRADE --by NAME --reason TEXT\n"
    "      grade a finding of the report otherwise than its rule; the report shows both grades\n"
    "        --study NO       where several studies have the site\n"
    "  walkie-data --help | --version\n"
    "\n"
    "URI is sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE. A file appears whole\n"
    "or not at all; a server's database is filled in one transaction.\n"
    "Exit codes: 0 done, 1 (check) something lacks, (checks) one fails or does not compile,\n"
    "2 usage or an expression that does not compile, 69 an input or database is missing\n"
    "or unreadable, 70 internal error, 74 the output could not be written, 130 cancelled "
    "(Ctrl-C).\n";

#endif
