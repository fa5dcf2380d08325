/* Words of the sections about staff, documents, questionnaires and images. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_SECTION_SITEFILE_TABLE(X)                                                                                          \
    X(SECTION_STAFF, "section_staff", "Staff, delegation and training", "研究人员、授权与培训")                                  \
    X(SECTION_DOCUMENTS, "section_documents", "Essential documents", "必备文件")                                                 \
    X(SECTION_OUTCOMES, "section_outcomes", "ePRO compliance and imaging", "ePRO 依从性与影像")                                  \
    X(STAFF_MEMBERS, "staff_members", "Members of the staff", "研究人员数")                                                      \
    X(STAFF_DELEGATED, "staff_delegated", "with delegated tasks now", "目前获授权人员")                                          \
    X(STAFF_GCP_VALID, "staff_gcp_valid", "of these with a valid GCP certificate",                                               \
        "其中 GCP 证书有效")                                                                                                     \
    X(DELEGATIONS, "delegations", "Delegations", "授权")                                                                         \
    X(DELEGATIONS_UNSIGNED, "delegations_unsigned", "Delegations not signed", "未签署的授权")                                    \
    X(TRAININGS, "trainings", "Trainings", "培训")                                                                               \
    X(TRAINING_GAPS, "training_gaps", "Training gaps", "培训缺口")                                                               \
    X(CHART_STAFF, "chart_staff", "Delegation, GCP certificate and training over time",                                          \
        "授权、GCP 证书与培训时间线")                                                                                            \
    X(SPAN_DELEGATED, "span_delegated", "tasks delegated", "任务授权")                                                           \
    X(SPAN_GCP, "span_gcp", "GCP certificate valid", "GCP 证书有效")                                                             \
    X(SPAN_GAP, "span_gap", "delegated without certificate", "授权期间无证书")                                                   \
    X(SPAN_TRAINING, "span_training", "training done", "完成培训")                                                               \
    X(TABLE_STAFF, "table_staff", "Staff and certificates", "研究人员与资质")                                                    \
    X(TABLE_DELEGATIONS, "table_delegations", "Delegation log", "授权分工表")                                                    \
    X(TABLE_TRAININGS, "table_trainings", "Latest training by topic", "各主题最近一次培训")                                      \
    X(TABLE_TRAINING_GAPS, "table_training_gaps", "Training gaps", "培训缺口")                                                   \
    X(TABLE_UNDELEGATED, "table_undelegated", "Tasks done while delegated to nobody",                                            \
        "无人获授权时执行的任务")                                                                                                \
    X(TABLE_DATA_ENTRY, "table_data_entry", "Who entered data in the EDC", "EDC 数据录入人员")                                   \
    X(NO_TRAINING_GAPS, "no_training_gaps",                                                                                      \
        "No training that delegated tasks require is missing or late.",                                                          \
        "授权任务所需的培训均已按时完成。")                                                                                      \
    X(NO_UNDELEGATED, "no_undelegated", "None: each task was delegated on the day it was done.",                                 \
        "无：各任务执行当日均有授权人员。")                                                                                      \
    X(STAFF_METHOD, "staff_method",                                                                                              \
        "Every task requires GCP and the protocol; consent requires the consent form, data entry "                               \
        "the EDC, safety its reporting. A new version is to be trained within {0} days of its "                                  \
        "approval.",                                                                                                             \
        "所有任务均须接受 GCP 与方案培训；知情同意须接受知情同意书培训，数据录入须接受 EDC " \
        "培训，安全性任务须接受安全性报告培训。新版本须在批准后 {0} 天内完成培训。")                                             \
    X(GAP_NONE_DONE, "gap_none_done", "not trained", "未培训")                                                                   \
    X(GAP_LATE, "gap_late", "delegated before training", "培训前授权")                                                           \
    X(GAP_VERSION, "gap_version", "new version not trained in time", "新版本未按时培训")                                         \
    X(DELEGATION_NOT_SIGNED, "delegation_not_signed", "not signed", "未签署")                                                    \
    X(NOT_ON_FILE, "not_on_file", "not on file", "未存档")                                                                       \
    X(NO_DELEGATION, "no_delegation", "not on the delegation log", "不在授权分工表中")                                           \
    X(OTHER_DELEGATION, "other_delegation", "not delegated at the time", "当时未获授权")                                         \
    X(DELEGATED, "delegated", "delegated", "已授权")                                                                             \
    X(HEAD_NAME, "head_name", "Name", "姓名")                                                                                    \
    X(HEAD_ROLE, "head_role", "Role", "职责")                                                                                    \
    X(HEAD_CV, "head_cv", "CV of", "履历日期")                                                                                   \
    X(HEAD_GCP, "head_gcp", "GCP from", "GCP 证书日期")                                                                          \
    X(HEAD_GCP_EXPIRES, "head_gcp_expires", "GCP until", "GCP 有效期至")                                                         \
    X(HEAD_LICENCE, "head_licence", "Licence until", "执业资格有效期至")                                                         \
    X(HEAD_TASK, "head_task", "Task", "任务")                                                                                    \
    X(HEAD_DELEGATED_FROM, "head_delegated_from", "From", "起始")                                                                \
    X(HEAD_DELEGATED_UNTIL, "head_delegated_until", "Until", "终止")                                                             \
    X(HEAD_PI_SIGNED, "head_pi_signed", "PI signed", "主要研究者签署")                                                           \
    X(HEAD_TOPIC, "head_topic", "Topic", "主题")                                                                                 \
    X(HEAD_REQUIRED_BY, "head_required_by", "Required by", "要求完成")                                                           \
    X(HEAD_GAP, "head_gap", "Gap", "缺口")                                                                                       \
    X(HEAD_FIRST_CHANGE, "head_first_change", "First entry", "首次录入")                                                         \
    X(HEAD_LAST_CHANGE, "head_last_change", "Last entry", "末次录入")                                                            \
    X(HEAD_CHANGES, "head_changes", "Entries", "录入次数")                                                                       \
    X(ROLE_PI, "role_pi", "principal investigator", "主要研究者")                                                                \
    X(ROLE_SUB_INVESTIGATOR, "role_sub_investigator", "sub-investigator", "助理研究者")                                          \
    X(ROLE_COORDINATOR, "role_coordinator", "study coordinator", "研究协调员")                                                   \
    X(ROLE_PHARMACIST, "role_pharmacist", "pharmacist", "药师")                                                                  \
    X(ROLE_NURSE, "role_nurse", "study nurse", "研究护士")                                                                       \
    X(TASK_CONSENT, "task_consent", "obtaining consent", "获取知情同意")                                                         \
    X(TASK_ELIGIBILITY, "task_eligibility", "eligibility", "入排判定")                                                           \
    X(TASK_SAFETY, "task_safety", "safety assessment", "安全性评估")                                                             \
    X(TASK_DOSING, "task_dosing", "dosing", "给药")                                                                              \
    X(TASK_IP, "task_ip", "study drug", "试验用药品管理")                                                                        \
    X(TASK_DATA_ENTRY, "task_data_entry", "data entry", "数据录入")                                                              \
    X(TASK_SAMPLE, "task_sample", "samples", "样本采集处理")                                                                     \
    X(TOPIC_GCP, "topic_gcp", "GCP", "GCP")                                                                                      \
    X(TOPIC_PROTOCOL, "topic_protocol", "Protocol", "方案")                                                                      \
    X(TOPIC_ICF, "topic_icf", "Consent form", "知情同意书")                                                                      \
    X(TOPIC_EDC, "topic_edc", "EDC", "EDC 系统")                                                                                 \
    X(TOPIC_SAFETY, "topic_safety", "Safety reporting", "安全性报告")                                                            \
    X(DOCUMENTS, "documents", "Essential documents", "必备文件")                                                                 \
    X(DOCUMENTS_REQUIRED, "documents_required", "Required documents", "要求的文件")                                              \
    X(DOCUMENTS_CURRENT, "documents_current", "on file and current", "已存档且有效")                                             \
    X(DOCUMENTS_COMPLETE, "documents_complete", "Completeness", "完整率")                                                        \
    X(DOCUMENTS_ABSENT, "documents_absent", "in one of the two files only", "仅存于其中一处")                                    \
    X(CHART_DOCUMENTS, "chart_documents", "Completeness of the files by zone",                                                   \
        "各分区文件完整情况")                                                                                                    \
    X(TABLE_DOCUMENTS, "table_documents", "Documents", "文件清单")                                                               \
    X(DOCUMENTS_ONE_FILE, "documents_one_file",                                                                                  \
        "The source lists the documents of one file only: site file and trial master file could "                                \
        "not be compared.",                                                                                                      \
        "数据来源仅列出一处存档，无法比较研究者文件夹与试验主文件。")                                                            \
    X(DOCUMENTS_METHOD, "documents_method",                                                                                      \
        "A required document is missing when it had not been received by {0}, expired when its "                                 \
        "date had passed, expiring when it passes within {1} days.",                                                             \
        "截至 {0} 未收到的要求文件视为缺失；超过有效期视为过期；{1} 天内到期视为即将过期。")                                     \
    X(STATE_CURRENT, "state_current", "current", "有效")                                                                         \
    X(STATE_MISSING, "state_missing", "missing", "缺失")                                                                         \
    X(STATE_EXPIRED, "state_expired", "expired", "过期")                                                                         \
    X(STATE_EXPIRING, "state_expiring", "expires soon", "即将过期")                                                              \
    X(STATE_SUPERSEDED, "state_superseded", "superseded", "已被取代")                                                            \
    X(STATE_NOT_REQUIRED, "state_not_required", "not required", "不要求")                                                        \
    X(STATE_NOT_IN_TMF, "state_not_in_tmf", "not in the TMF", "TMF 未收到")                                                      \
    X(STATE_NOT_IN_ISF, "state_not_in_isf", "not in the ISF", "ISF 中没有")                                                      \
    X(LOCATION_ISF, "location_isf", "ISF", "研究者文件夹 (ISF)")                                                                 \
    X(LOCATION_TMF, "location_tmf", "TMF", "试验主文件 (TMF)")                                                                   \
    X(HEAD_TMF_REF, "head_tmf_ref", "TMF ref.", "TMF 编号")                                                                      \
    X(HEAD_DOCUMENT, "head_document", "Document", "文件")                                                                        \
    X(HEAD_LOCATION, "head_location", "File", "存档处")                                                                          \
    X(HEAD_RECEIVED, "head_received", "Received", "收到日期")                                                                    \
    X(HEAD_EXPIRES, "head_expires", "Expires", "有效期至")                                                                       \
    X(ZONE, "zone", "TMF zone", "TMF 分区")                                                                                      \
    X(ZONE_01, "zone_01", "01 Trial management", "01 试验管理")                                                                  \
    X(ZONE_02, "zone_02", "02 Central trial documents", "02 核心试验文件")                                                       \
    X(ZONE_03, "zone_03", "03 Regulatory", "03 注册监管")                                                                        \
    X(ZONE_04, "zone_04", "04 Ethics committee", "04 伦理委员会")                                                                \
    X(ZONE_05, "zone_05", "05 Site management", "05 中心管理")                                                                   \
    X(ZONE_06, "zone_06", "06 Investigational product", "06 试验用药品")                                                         \
    X(ZONE_07, "zone_07", "07 Safety reporting", "07 安全性报告")                                                                \
    X(ZONE_08, "zone_08", "08 Laboratory testing", "08 实验室检测")                                                              \
    X(ZONE_09, "zone_09", "09 Third parties", "09 第三方")                                                                       \
    X(ZONE_10, "zone_10", "10 Data management", "10 数据管理")                                                                   \
    X(ZONE_11, "zone_11", "11 Statistics", "11 统计")                                                                            \
    X(QUESTIONNAIRES, "questionnaires", "Questionnaires (ePRO)", "问卷 (ePRO)")                                                  \
    X(EPRO_DUE, "epro_due", "Due", "到期")                                                                                       \
    X(EPRO_SUBMITTED, "epro_submitted", "in time", "按时提交")                                                                   \
    X(EPRO_LATE, "epro_late", "late", "延迟提交")                                                                                \
    X(EPRO_MISSED, "epro_missed", "missed", "未提交")                                                                            \
    X(EPRO_PENDING, "epro_pending", "pending", "待提交")                                                                         \
    X(EPRO_COMPLIANCE, "epro_compliance", "Compliance", "依从率")                                                                \
    X(CHART_EPRO, "chart_epro", "Questionnaires by instrument", "各量表问卷情况")                                                \
    X(TABLE_EPRO_INSTRUMENTS, "table_epro_instruments", "Compliance by instrument",                                              \
        "各量表依从性")                                                                                                          \
    X(TABLE_EPRO_SUBJECTS, "table_epro_subjects", "Compliance by subject", "各受试者依从性")                                     \
    X(TABLE_EPRO_MISSED, "table_epro_missed", "Questionnaires missed, late or odd",                                              \
        "未提交、延迟或异常的问卷")                                                                                              \
    X(EPRO_METHOD, "epro_method",                                                                                                \
        "Compliance is the share of the questionnaires due that were submitted, late ones too.",                                 \
        "依从率为到期问卷中已提交（含延迟提交）的比例。")                                                                        \
    X(HEAD_INSTRUMENT, "head_instrument", "Instrument", "量表")                                                                  \
    X(HEAD_DEVICE, "head_device", "Device", "设备")                                                                              \
    X(HEAD_SUBMITTED, "head_submitted", "Submitted", "提交时间")                                                                 \
    X(IMAGES, "images", "Image series", "影像序列")                                                                              \
    X(TABLE_IMAGES, "table_images", "Quality control of image series", "影像序列质控")                                           \
    X(TABLE_IMAGES_OPEN, "table_images_open", "Image series failed or pending",                                                  \
        "未通过或待质控的影像序列")                                                                                              \
    X(IMAGE_PASSED, "image_passed", "passed", "通过")                                                                            \
    X(IMAGE_FAILED, "image_failed", "failed", "未通过")                                                                          \
    X(IMAGE_REPEATED, "image_repeated", "failed, repeated", "未通过，已重做")                                                    \
    X(IMAGE_PENDING, "image_pending", "pending", "待质控")                                                                       \
    X(HEAD_MODALITY, "head_modality", "Modality", "检查类型")                                                                    \
    X(HEAD_SLICES, "head_slices", "Slices", "层数")
