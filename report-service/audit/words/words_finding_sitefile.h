/* Titles and statements of the findings about staff, documents, questionnaires and images. See
 * words.h. X(NAME, id, English, 简体中文) */
#define WORDS_FINDING_SITEFILE_TABLE(X)                                                                        \
    X(AREA_STAFF, "area_staff", "Site staff", "研究人员")                                                      \
    X(AREA_DOCUMENTS, "area_documents", "Essential documents", "必备文件")                                     \
    X(AREA_OUTCOMES, "area_outcomes", "Questionnaires and images", "问卷与影像")                               \
    X(RULE_ST_01, "rule_st_01", "Delegations not signed by the investigator",                                  \
        "授权未经主要研究者签署")                                                                              \
    X(RULE_ST_01_STATEMENT, "rule_st_01_statement",                                                            \
        "{0} of {1} delegations of tasks are not signed by the principal investigator: who may "               \
        "do what was not authorised.",                                                                         \
        "{1} 项任务授权中有 {0} 项未经主要研究者签署，相关职责未获授权。")                                     \
    X(RULE_ST_02, "rule_st_02", "Delegations signed after they began", "授权签署晚于生效日期")                 \
    X(RULE_ST_02_STATEMENT, "rule_st_02_statement",                                                            \
        "The principal investigator signed {0} of {1} delegations after the tasks had begun, up "              \
        "to {2} days later.",                                                                                  \
        "{1} 项授权中有 {0} 项在任务开始后才由主要研究者签署，最迟晚 {2} 天。")                                \
    X(RULE_ST_03, "rule_st_03", "Tasks done while delegated to nobody", "任务执行时无人获得授权")              \
    X(RULE_ST_03_STATEMENT, "rule_st_03_statement",                                                            \
        "Consents, decisions on eligibility and first doses that fall on a day on which the task "             \
        "was delegated to nobody: {0}.",                                                                       \
        "有 {0} 次知情同意、入排判定或首次给药发生时，该任务未授权给任何人员。")                               \
    X(RULE_ST_04, "rule_st_04", "Data entered by persons not authorised to",                                   \
        "未获授权人员录入数据")                                                                                \
    X(RULE_ST_04_STATEMENT, "rule_st_04_statement",                                                            \
        "Persons of the site who entered or changed data in the EDC without a delegation for "                 \
        "data entry at the time: {0}, with {1} entries and changes.",                                          \
        "有 {0} 名中心人员在未获数据录入授权的情况下于 EDC 中录入或修改数据，共 {1} 次。")                     \
    X(RULE_ST_05, "rule_st_05", "CV not on file", "缺少履历")                                                  \
    X(RULE_ST_05_STATEMENT, "rule_st_05_statement",                                                            \
        "Staff with delegated tasks of whom no curriculum vitae is on file: {0}.",                             \
        "有 {0} 名获授权的研究人员未存档履历。")                                                               \
    X(RULE_ST_06, "rule_st_06", "Professional licence missing or expired", "执业资格缺失或过期")               \
    X(RULE_ST_06_STATEMENT, "rule_st_06_statement",                                                            \
        "Staff with delegated tasks whose professional licence has expired or, for physicians, "               \
        "is not on file: {0}.",                                                                                \
        "有 {0} 名获授权的研究人员执业资格已过期，或（医师）未存档执业资格。")                                 \
    X(RULE_TR_01, "rule_tr_01", "No valid GCP certificate", "无有效 GCP 证书")                                 \
    X(RULE_TR_01_STATEMENT, "rule_tr_01_statement",                                                            \
        "{0} of {1} members of the staff who now have delegated tasks have no GCP certificate, "               \
        "or one that has expired.",                                                                            \
        "目前获授权的 {1} 名研究人员中，有 {0} 名无 GCP 证书或证书已过期。")                                   \
    X(RULE_TR_02, "rule_tr_02", "Training required for a task not done", "未完成任务所需培训")                 \
    X(RULE_TR_02_STATEMENT, "rule_tr_02_statement",                                                            \
        "Trainings that delegated tasks require and that are not recorded at all: {0}.",                       \
        "授权任务所需的培训中，有 {0} 项无任何记录。")                                                         \
    X(RULE_TR_03, "rule_tr_03", "Tasks delegated before training", "培训前即已授权")                           \
    X(RULE_TR_03_STATEMENT, "rule_tr_03_statement",                                                            \
        "Trainings that were done only after the task that requires them had been delegated: "                 \
        "{0}.",                                                                                                \
        "有 {0} 项培训在授权相应任务之后才完成。")                                                             \
    X(RULE_TR_04, "rule_tr_04", "Not trained in a new version", "未接受新版本培训")                            \
    X(RULE_TR_04_STATEMENT, "rule_tr_04_statement",                                                            \
        "Trainings in a new version of the protocol or of the consent form that were not done "                \
        "within {1} days of its approval: {0}.",                                                               \
        "有 {0} 项新版方案或知情同意书的培训未在批准后 {1} 天内完成。")                                        \
    X(RULE_DOC_01, "rule_doc_01", "Essential documents missing", "必备文件缺失")                               \
    X(RULE_DOC_01_STATEMENT, "rule_doc_01_statement",                                                          \
        "{0} of {1} required essential documents are not on file.",                                            \
        "{1} 份要求的必备文件中有 {0} 份未存档。")                                                             \
    X(RULE_DOC_02, "rule_doc_02", "Essential documents expired", "必备文件过期")                               \
    X(RULE_DOC_02_STATEMENT, "rule_doc_02_statement",                                                          \
        "{0} of {1} required essential documents have expired and were not replaced.",                         \
        "{1} 份要求的必备文件中有 {0} 份已过期且未更新。")                                                     \
    X(RULE_DOC_03, "rule_doc_03", "Essential documents about to expire", "必备文件即将过期")                   \
    X(RULE_DOC_03_STATEMENT, "rule_doc_03_statement",                                                          \
        "Required essential documents that expire within {1} days: {0}. Their renewal should be "              \
        "started.",                                                                                            \
        "有 {0} 份要求的必备文件将在 {1} 天内过期，应启动更新。")                                              \
    X(RULE_DOC_04, "rule_doc_04", "Site file and trial master file differ",                                    \
        "研究者文件夹与试验主文件不一致")                                                                      \
    X(RULE_DOC_04_STATEMENT, "rule_doc_04_statement",                                                          \
        "Required documents on file at the site but not received in the trial master file: {0}; "              \
        "in the trial master file but not at the site: {1}.",                                                  \
        "要求的文件中，有 {0} 份已存于研究者文件夹但试验主文件尚未收到；有 {1} " \
        "份存于试验主文件但研究者文件夹中没有。")                                                              \
    X(RULE_EP_01, "rule_ep_01", "Low compliance with questionnaires", "问卷依从性低")                          \
    X(RULE_EP_01_STATEMENT, "rule_ep_01_statement",                                                            \
        "{0} of {1} questionnaires that were due were not submitted: compliance is {2}, where at "             \
        "least {3} is expected.",                                                                              \
        "{1} 份到期问卷中有 {0} 份未提交，依从率为 {2}，低于预期的 {3}。")                                     \
    X(RULE_EP_02, "rule_ep_02", "Questionnaires of several subjects from one device",                          \
        "多名受试者的问卷来自同一设备")                                                                        \
    X(RULE_EP_02_STATEMENT, "rule_ep_02_statement",                                                            \
        "{0} questionnaires of {1} or more subjects were submitted from one device within {2} "                \
        "minutes. Entry by another person must be ruled out.",                                                 \
        "有 {0} 份问卷在 {2} 分钟内由同一设备提交，涉及至少 {1} 名受试者，须排除他人代填。")                   \
    X(RULE_EP_03, "rule_ep_03", "Questionnaires filled in afterwards", "问卷事后补填")                         \
    X(RULE_EP_03_STATEMENT, "rule_ep_03_statement",                                                            \
        "{0} questionnaires of different due dates were submitted by the same subject within {1} "             \
        "minutes: they were not filled in when they were due.",                                                \
        "有 {0} 份到期日不同的问卷由同一受试者在 {1} 分钟内提交，并非在到期时填写。")                          \
    X(RULE_IM_01, "rule_im_01", "Image series failed and not repeated", "影像序列不合格且未重做")              \
    X(RULE_IM_01_STATEMENT, "rule_im_01_statement",                                                            \
        "{0} of {1} image series failed quality control and were not repeated with success.",                  \
        "{1} 个影像序列中有 {0} 个未通过质控且未成功重做。")                                                   \
    X(RULE_IM_02, "rule_im_02", "Quality control of images outstanding", "影像质控逾期")                       \
    X(RULE_IM_02_STATEMENT, "rule_im_02_statement",                                                            \
        "Image series whose quality control has been pending for more than {1} days: {0}.",                    \
        "有 {0} 个影像序列的质控已超过 {1} 天未完成。")
