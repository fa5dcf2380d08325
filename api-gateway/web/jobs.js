// The jobs of the report's page, as its run card takes them: { kind, method, path, timeoutSeconds, where, rpc, preview }.
// preview(file, signal) gives what shows the result beside the file, again whenever the language changes.
import { readBody, request } from './api.js';
import { saveAnswer } from './download.js';
import { showFindings } from './findings_view.js';
import { t } from './i18n.js';
import { reportPath, validationPath } from './job_path.js';
import { VALIDATION_READ_MAX, validationOf } from './validation.js';
import { showValidation } from './validation_view.js';

export function reportJob(site, { format, language, timeoutSeconds }) {
    const jsonPath = reportPath(site, { format: 'json', language, timeoutSeconds });
    return {
        kind: 'report', method: 'GET', rpc: 'AuditReport', timeoutSeconds,
        path: reportPath(site, { format, language, timeoutSeconds }),
        where: () => t('place.site', { site: site.center }),
        // The findings come from the same report as JSON; without them the report is still there.
        preview: async (file, signal) => {
            const text = file.type.startsWith('application/json') ? await file.blob.text()
                : await readBody(async () => (await request(jsonPath, { signal })).text());
            const json = JSON.parse(text);
            return () => showFindings(json);
        },
    };
}

// onWrite(found): somebody wants the problems of this one as queries; null where nobody may.
export function validationJob(site, wish, onWrite) {
    return {
        kind: wish.isWritten ? 'write' : 'validation', method: 'POST', rpc: 'Validate', timeoutSeconds: wish.timeoutSeconds,
        path: validationPath(site, { ...wish, format: 'json' }),
        where: () => (wish.scope === 'study' ? t('place.study', { study: site.study }) : t('place.site', { site: site.center })),
        preview: async (file, signal) => {
            const found = file.blob.size > VALIDATION_READ_MAX ? null : validationOf(JSON.parse(await file.blob.text()));
            const csvPath = validationPath(site, { ...wish, format: 'csv', isWritten: false });
            return () => showValidation({
                found, file, onCsv: () => saveAnswer(csvPath, { method: 'POST', signal, otherwise: 'crf-validation.csv' }),
                onWrite: onWrite && (() => onWrite(found)),
            });
        },
    };
}

export function hidePreviews() {
    showFindings(null);
    showValidation(null);
}
