#include "import/demo_world.h"

#include "base/attributes.h"

const char *const DEMO_STAFF_ROLE[DEMO_STAFF] = {
    "pi", "sub_investigator", "coordinator", "coordinator", "pharmacist", "nurse"};

_Static_assert(PROBLEM_REPEAT <= 64, "what is planted by a profile has a bit in `problems`");

/* A bit of a profile's problems. */
#define P(problem) (UINT64_C(1) << PROBLEM_##problem)
const struct demo_profile DEMO_PROFILE[DEMO_PROFILES] = {
    {"北京协安医院", "北京", "China", "Asia/Shanghai", 8, LANGUAGE_ZH, 1.3,
        P(CONSENT_AFTER_PROCEDURE) | P(FOREIGN_USER) | P(CONSENT_VERSION) | P(NOT_SIGNED) |
            P(IMAGE_PENDING),
        {"赵喆", "欧阳菁", "刘䶮", "孙晓燕", "马骉", "周淼"}},
    {"上海仁和大学附属浦江医院", "上海", "China", "Asia/Shanghai", 8, LANGUAGE_ZH, 1.2,
        P(SAE_LATE) | P(BULK_EDITS) | P(SAE_NOT_IN_CTMS) | P(RECONSENT_LATE) | P(LAB_FLAG) |
            P(KIT_IMPOSSIBLE) | P(SIGNED_LATE),
        {"陈翀", "沈珺玥", "陆佳怡", "顾昊", "钱婷婷", "吴旻"}},
    {"成都锦川医院", "成都", "China", "Asia/Shanghai", 8, LANGUAGE_ZH, 1.8,
        P(LATE_ENTRY) | P(MISSING_PAGES) | P(NIGHT_EDITS) | P(DATA_ENTRY),
        {"何禕", "罗璟", "冉小红", "谭志强", "蒲江", "宋媛"}},
    {"Harborview Institute of Clinical Research", "Boston", "US", "America/New_York", -5,
        LANGUAGE_EN, 2.0,
        P(AE_UNDER_REPORTING) | P(USER_SHARE) | P(CONSENT_NOT_APPROVED) | P(LAB_DATE) |
            P(EPRO_SHARED) | P(EPRO_LATER),
        {"Eleanor Whitcombe", "Raúl Peña", "Dana Kowalczyk", "Tyrone Banks", "Mei-Ling Chu",
            "Agnes O'Leary"}},
    {"Bayou Heart Center", "Houston", "US", "America/Chicago", -6, LANGUAGE_EN, 1.0,
        P(DEVIATION_RATE) | P(AFTER_SIGNATURE) | P(DEVIATION_NOT_REPORTED) | P(ELIGIBILITY) |
            P(DEVIATION_PATTERN) | P(DEVIATION_NO_CAPA),
        {"Marcus Thibodeaux", "Søren Aagaard", "Lupe Hernández", "Joy Nguyễn", "Carl Ibáñez",
            "Renée Baptiste"}},
    {"東京みなと循環器病院", "東京", "Japan", "Asia/Tokyo", 9, LANGUAGE_EN, 0.9,
        P(OVERDUE_ACTIONS) | P(AFTER_LOCK) | P(TEMPERATURE) | P(LAB_VALUE) | P(KIT_EXPIRED) |
            P(VISIT_REPORTS) | P(IMAGE_FAILED),
        {"髙橋 健一", "渡邉 さくら", "齋藤 翼", "小野寺 舞", "﨑山 徹", "五十嵐 葵"}},
    {"Klinikum am Tannenberg", "Berlin", "Germany", "Europe/Berlin", 1, LANGUAGE_EN, 0.8,
        P(GCP_EXPIRED) | P(WEEKEND_EDITS) | P(CONSENT_MISSING) | P(LAB_NOT_ENTERED) |
            P(CV_MISSING) | P(LICENCE_EXPIRED) | P(TRAINING_LATE),
        {"Jürgen Weißenfels", "Zoë Grünwald", "Bärbel Möller", "Łukasz Wójcik", "Uwe Größl",
            "Şule Yıldız"}},
    {"大阪なにわ総合医療センター", "大阪", "Japan", "Asia/Tokyo", 9, LANGUAGE_EN, 0.7,
        P(SAE_NOT_IN_EDC) | P(HASH_CHAIN) | P(EPRO) | P(CRITERIA_UNANSWERED) | P(LAB_UNKNOWN) |
            P(TRAINING_MISSING) | P(UNDELEGATED),
        {"山﨑 涼子", "藤原 大輔", "辻 美咲", "浜田 翔", "黒川 誠", "葛西 由美"}},
    {"Universitätsklinikum Neckartal", "Heidelberg", "Germany", "Europe/Berlin", 1, LANGUAGE_EN,
        0.12, P(ENROLMENT_LAG),
        {"Anneliese Kühn", "Björn Håkansson", "Čeněk Dvořák", "Ines Schäfer", "Paul Roß",
            "Nađa Kovačević"}},
    {"广州珠江医科大学第三附属医院", "广州", "China", "Asia/Shanghai", 8, LANGUAGE_ZH, 1.1,
        P(LOW_SDV) | P(OLD_QUERIES) | P(NO_REASON) | P(DRUG_BALANCE) | P(DEVIATION_UNDATED) |
            P(TRAINING_VERSION),
        {"黄彧", "叶蓁", "梁嘉欣", "邝伟明", "岑珮瑶", "冼丽"}},
    {"Hospital Universitario del Ebro", "Zaragoza", "Spain", "Europe/Madrid", 1, LANGUAGE_EN, 0.9,
        P(OVERDUE_CAPA) | P(DOCUMENTS) | P(RECONSENT_MISSING) | P(PROTOCOL_VERSION) |
            P(KIT_NOT_ON_STUDY) | P(DOCUMENTS_EXPIRED) | P(DOCUMENTS_EXPIRING) |
            P(DOCUMENTS_ONE_FILE),
        {"Íñigo Echeverría", "Begoña Núñez", "Xènia Güell", "Óscar Muñoz", "Ángela Cañizares",
            "Eneko Agirre"}},
    {"Prairie Family Medicine", "Omaha", "US", "America/Chicago", -6, LANGUAGE_EN, 0.04,
        P(ENROLMENT_LAG),
        {"Dale Lindqvist", "Opal Redfeather", "Kim Sato", "Ray Novák", "Jo Müller", "Ann Dubois"}},
};

const char *const DEMO_MONITOR[4] = {"林晓峰", "Clara Jensen", "田中 陽子", "Ben Achebe"};

const struct demo_event_def DEMO_EVENT[EVENT_COUNT] = {
    {"SCREENING", "Screening", -10, 4},
    {"DAY1", "Day 1", 1, 0},
    {"WEEK2", "Week 2", 15, 3},
    {"WEEK4", "Week 4", 29, 3},
    {"WEEK8", "Week 8", 57, 5},
    {"WEEK12", "Week 12", 85, 5},
    {"WEEK16", "Week 16", 113, 5},
    {"WEEK20", "Week 20", 141, 5},
    {"WEEK24", "Week 24", 169, 7},
    {"FOLLOW_UP", "Follow-up", 197, 7},
    {"COMMON", "Common pages", 0, 0},
};

#define AT(event) (1U << EVENT_##event)
#define VISITS_ON_DRUG                                                                             \
    (AT(DAY1) | AT(WEEK2) | AT(WEEK4) | AT(WEEK8) | AT(WEEK12) | AT(WEEK16) | AT(WEEK20))
#define NO_MORE                                                                                    \
    {                                                                                              \
        NULL, NULL, NULL, NULL, 0, 0, 0, 0, NULL                                                   \
    }

const struct demo_form_def DEMO_FORM[FORM_COUNT] = {
    {"IC", "Informed consent", 1, AT(SCREENING),
        {{"ICDAT", "Date of consent", "date", NULL, 0, 0, 0, 0, NULL},
            {"ICVER", "Version signed", "text", NULL, 0, 0, 0, 0, NULL}, NO_MORE}},
    {"DM", "Demographics", 0, AT(SCREENING),
        {{"BRTHYR", "Year of birth", "integer", NULL, 1935, 2006, 1964, 9, NULL},
            {"SEX", "Sex", "code", NULL, 0, 0, 0, 0, "M,F"}, NO_MORE}},
    {"IE", "Inclusion and exclusion criteria", 1, AT(SCREENING),
        {{"IEYN", "All criteria met", "code", NULL, 0, 0, 0, 0, "Y"}, NO_MORE}},
    {"VS", "Vital signs", 1, VISITS_ON_DRUG | AT(SCREENING) | AT(WEEK24) | AT(FOLLOW_UP),
        {{"SYSBP", "Systolic blood pressure", "integer", "mmHg", 80, 220, 142, 12, NULL},
            {"DIABP", "Diastolic blood pressure", "integer", "mmHg", 40, 130, 86, 8, NULL},
            {"PULSE", "Pulse", "integer", "/min", 35, 160, 73, 9, NULL},
            {"WEIGHT", "Weight", "float", "kg", 35, 180, 78, 14, NULL}, NO_MORE}},
    {"LB", "Laboratory sampling", 0, AT(SCREENING) | AT(WEEK12) | AT(WEEK24),
        {{"LBDAT", "Date of sample", "date", NULL, 0, 0, 0, 0, NULL},
            {"LBFAST", "Fasting", "code", NULL, 0, 0, 0, 0, "Y,Y,Y,N"}, NO_MORE}},
    {"EG", "Electrocardiogram", 0, AT(SCREENING) | AT(WEEK12) | AT(WEEK24),
        {{"QTCF", "QTcF interval", "integer", "ms", 320, 500, 412, 18, NULL},
            {"EGRES", "Result", "code", NULL, 0, 0, 0, 0, "NORMAL,NORMAL,ABNORMAL_NCS"}, NO_MORE}},
    {"EX", "Exposure", 1, VISITS_ON_DRUG,
        {{"EXDOSE", "Daily dose", "integer", "mg", 20, 80, 40, 0, NULL},
            {"EXADJ", "Dose changed", "code", NULL, 0, 0, 0, 0, "N,N,N,N,N,N,Y"}, NO_MORE}},
    {"DA", "Drug accountability", 1, (VISITS_ON_DRUG | AT(WEEK24)) & ~AT(DAY1),
        {{"DADISP", "Tablets dispensed", "integer", NULL, 0, 90, 35, 0, NULL},
            {"DARET", "Tablets returned", "integer", NULL, 0, 60, 6, 2, NULL}, NO_MORE}},
    {"CM", "Concomitant medication", 0, AT(COMMON),
        {{"CMTRT", "Medication", "code", NULL, 0, 0, 0, 0,
             "None,Acetylsalicylic acid,Metformin,Atorvastatin,Levothyroxine"},
            NO_MORE}},
    {"AE", "Adverse event", 1, 0,
        {{"AETERM", "Event", "text", NULL, 0, 0, 0, 0, NULL},
            {"AESER", "Serious", "text", NULL, 0, 0, 0, 0, NULL}, NO_MORE}},
    {"DS", "End of study", 1, 0, {{"DSDECOD", "Outcome", "text", NULL, 0, 0, 0, 0, NULL}, NO_MORE}},
};

const struct demo_term DEMO_TERM[] = {
    {{"headache", "头痛"}, "Headache", "Nervous system disorders", 0},
    {{"feeling dizzy when standing up", "站立时头晕"}, "Dizziness postural",
        "Nervous system disorders", 0},
    {{"dry cough", "干咳"}, "Cough", "Respiratory, thoracic and mediastinal disorders", 0},
    {{"swollen ankles", "踝部水肿"}, "Oedema peripheral", "General disorders", 0},
    {{"common cold", "上呼吸道感染"}, "Nasopharyngitis", "Infections and infestations", 0},
    {{"diarrhoea", "腹泻"}, "Diarrhoea", "Gastrointestinal disorders", 0},
    {{"tiredness", "乏力"}, "Fatigue", "General disorders", 0},
    {{"low back pain", "腰痛"}, "Back pain", "Musculoskeletal disorders", 0},
    {{"raised potassium", "血钾升高"}, "Hyperkalaemia", "Metabolism and nutrition disorders", 0},
    {{"pneumonia, admitted to hospital", "肺炎住院"}, "Pneumonia", "Infections and infestations",
        1},
    {{"syncope with fall", "晕厥跌倒"}, "Syncope", "Nervous system disorders", 1},
    {{"acute myocardial infarction", "急性心肌梗死"}, "Acute myocardial infarction",
        "Cardiac disorders", 1},
    {{"cerebral infarction", "脑梗死"}, "Cerebral infarction", "Nervous system disorders", 1},
};
const size_t DEMO_TERM_COUNT = LENGTH_OF(DEMO_TERM);

const struct demo_test DEMO_TEST[] = {
    {"ALT", "U/L", 7, 56},
    {"AST", "U/L", 10, 40},
    {"Creatinine", "umol/L", 53, 106},
    {"Potassium", "mmol/L", 3.5, 5.1},
    {"Glucose", "mmol/L", 3.9, 6.1},
    {"Haemoglobin", "g/L", 120, 170},
    {"Platelets", "10^9/L", 150, 400},
    {"LDL cholesterol", "mmol/L", 1.0, 3.4},
};
const size_t DEMO_TEST_COUNT = LENGTH_OF(DEMO_TEST);
