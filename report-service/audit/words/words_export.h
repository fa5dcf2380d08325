/* Words of the workbook and of the CSV bundle. See words.h.
 * X(NAME, id, English, 简体中文) */
#define WORDS_EXPORT_TABLE(X)                                                                                                               \
    X(EXPORT_OVERVIEW, "export_overview", "Overview", "概览")                                                                               \
    X(EXPORT_SHEET, "export_sheet", "Sheet", "工作表")                                                                                      \
    X(EXPORT_TITLE, "export_title", "Content", "内容")                                                                                      \
    X(EXPORT_ROWS, "export_rows", "Rows", "行数")                                                                                           \
    X(EXPORT_SERIES, "export_series", "Series", "系列")                                                                                     \
    X(EXPORT_POINT, "export_point", "Point", "点")                                                                                          \
    X(EXPORT_VALUE, "export_value", "Value", "值")                                                                                          \
    X(EXPORT_LABEL, "export_label", "Label", "标签")                                                                                        \
    X(EXPORT_SECTION, "export_section", "Section", "章节")                                                                                  \
    X(EXPORT_STATUS, "export_status", "Status", "状态")                                                                                     \
    X(EXPORT_SITE_NAME, "export_site_name", "Name of the site", "研究中心名称")                                                             \
    X(EXPORT_README, "export_readme",                                                                                                       \
        "Audit report of site {0} of study {1}, data as of {2}. Content hash: {3}",                                                         \
        "研究 {1} 研究中心 {0} 的稽查报告，数据截至 {2}。内容哈希值：{3}")                                                                  \
    X(EXPORT_README_FILES, "export_readme_files",                                                                                           \
        "findings.csv lists the findings, facts.csv the figures outside of tables, text.csv the "                                           \
        "sentences, including what a source does not provide. Each section's folder has a file "                                            \
        "for each of its tables, and chart_….csv for the points of a chart. manifest.json names "                                         \
        "all files with titles, columns, numbers of rows and SHA-256.",                                                                     \
        "findings.csv 列出稽查发现，facts.csv 为表格以外的数值，text.csv "                                                  \
        "为报告语句（包括数据来源未提供的内容）。各章节文件夹中每个表格一个文件，chart_….csv "        \
        "为图表数据点。manifest.json 列出所有文件及其标题、列、行数和 SHA-256。")                                                           \
    X(EXPORT_README_FORM, "export_readme_form",                                                                                             \
        "CSV as in RFC 4180, UTF-8 with a byte order mark. The first row holds the columns' ids, "                                          \
        "which are the same in every language. A share is a ratio (0.25 for 25 %); an instant is "                                          \
        "in UTC; an empty field is no value. Text that a spreadsheet could take for a formula, "                                            \
        "or that begins with an apostrophe, has an apostrophe in front.",                                                                   \
        "文件为 RFC 4180 格式的 CSV，编码为带 BOM 的 "                                                                          \
        "UTF-8。首行为列标识，各语言相同。比例以小数表示（0.25 即 25 %），时刻为 "                              \
        "UTC，空字段表示无值。可能被电子表格当作公式的文本，或以撇号开头的文本，其前均加一个撇号" \
        "。")
