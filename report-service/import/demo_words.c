#include "import/demo_world.h"

const char *const DEMO_QUERY_TEXT[QUERY_TEXTS][2] = {
    {"The value differs from the source document. Please verify.",
        "数据与原始记录不一致，请核实。"},
    {"The visit date is outside the window. Please confirm or explain.",
        "访视日期超出时间窗，请确认或说明原因。"},
    {"The item is blank. Please complete or state why not done.",
        "该项为空，请补充或注明未做原因。"},
    {"Please give the reason for the change.", "请说明修改原因。"},
    {"The medication has no indication. Is there an adverse event?",
        "合并用药未填写适应症，是否存在不良事件？"},
    {"The end date is before the start date. Please correct.", "结束日期早于开始日期，请更正。"},
};

const struct demo_deviation DEMO_DEVIATION[DEVIATION_KINDS] = {
    {"schedule", {"Visit done outside its window", "访视超出时间窗"}, 0.02},
    {"procedure", {"12-lead ECG not done", "未进行 12 导联心电图检查"}, 0.05},
    {"treatment_compliance", {"Compliance below 80 %", "服药依从性低于 80%"}, 0.10},
    {"dosing", {"Dose not reduced although required", "应减量而未减量"}, 0.45},
    {"excluded_medication", {"Took a prohibited antihypertensive", "使用了方案禁止的降压药"}, 0.50},
    {"consent", {"Re-consent signed after the next visit", "再次知情同意晚于下次访视签署"}, 0.40},
    {"procedure", {"Central laboratory sample lost", "中心实验室样本丢失"}, 0.05},
    {"safety_reporting", {"Serious adverse event reported late", "严重不良事件迟报"}, 0.80},
};

const struct demo_action DEMO_ACTION[ACTION_KINDS] = {
    {"documents", "minor",
        {"File the current laboratory certificate", "补充存档现行实验室资质证书"}},
    {"data", "minor", {"Enter outstanding pages", "补录逾期未录入的页面"}},
    {"consent", "major", {"Correct the consent log", "更正知情同意书签署记录"}},
    {"drug", "major", {"Explain the drug accountability difference", "说明药物清点差异"}},
    {"safety", "critical", {"Report the outstanding SAE follow-up", "提交未完成的 SAE 随访报告"}},
    {"staff", "minor", {"Update the delegation log", "更新授权分工表"}},
};

const struct demo_document DEMO_DOCUMENT[DOCUMENT_KINDS] = {
    {"02.01.02", "Protocol", 0},
    {"02.01.04", "Protocol signature page", 0},
    {"02.02.03", "Informed consent form", 0},
    {"02.01.01", "Investigator's brochure", 1},
    {"04.01.02", "Ethics committee approval", 1},
    {"04.01.03", "Ethics committee composition", 0},
    {"05.02.04", "Principal investigator's CV", 2},
    {"05.02.12", "Signature sheet and delegation log", 0},
    {"05.02.17", "Clinical trial agreement", 0},
    {"06.01.04", "Drug shipment records", 0},
    {"08.01.01", "Laboratory certification", 2},
    {"08.01.03", "Laboratory normal ranges", 2},
};
