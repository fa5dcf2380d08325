// The addresses of jobs, made and read. Pure.

function centerPath(site, what, query) {
    if (site.isAmbiguous) {
        query.set('study', site.study);
    }
    return `/v1/centers/${encodeURIComponent(site.center)}/${what}?${query}`;
}

export function reportPath(site, { format, language, timeoutSeconds }) {
    return centerPath(site, 'audit-report', new URLSearchParams({ format, language, timeout: `${timeoutSeconds}s` }));
}

// scope: 'site', or 'study' for all sites of the site's study.
export function validationPath(site, { scope, format, language, timeoutSeconds, isWritten }) {
    const query = new URLSearchParams({ format, language, timeout: `${timeoutSeconds}s` });
    if (isWritten) {
        query.set('write', '1');
    }
    return scope === 'study' ? `/v1/studies/${encodeURIComponent(site.study)}/crf-validations?${query}`
        : centerPath(site, 'crf-validations', query);
}

// pace: '' or '500ms'; study and center where several have the patient's number, else ''.
export function processPath({ patient, pace, study, center }) {
    const query = new URLSearchParams(Object.entries({ pace, study, center }).filter(([, value]) => value !== ''));
    return `/process/${encodeURIComponent(patient)}${query.size > 0 ? `?${query}` : ''}`;
}

// The name in a Content-Disposition: the encoded one (RFC 8187), else the plain one, else `otherwise`.
export function fileName(disposition, otherwise) {
    const encoded = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '');
    if (encoded !== null) {
        try {
            return decodeURIComponent(encoded[1]);
        } catch {
            // Malformed: the plain one.
        }
    }
    return /filename="([^"]*)"/i.exec(disposition ?? '')?.[1] || otherwise;
}

const JOBS = [
    ['report', 'pdf', /^\/v1\/centers\/([^/]+)\/audit-report$/],
    ['study_reports', 'pdf', /^\/v1\/studies\/([^/]+)\/audit-reports$/],
    ['validation', 'json', /^\/v1\/centers\/([^/]+)\/crf-validations$/],
    ['study_validation', 'json', /^\/v1\/studies\/([^/]+)\/crf-validations$/],
    ['responses', null, /^\/v1\/patients\/([^/]+)\/epro-responses$/],
    ['process', null, /^\/process\/([^/]+)$/],
];

// What such an address asks for: { kind, of, format, language, isWritten }; format and language null where the job makes no
// file. null: it is no job's.
export function parseJobPath(path) {
    const [address, text = ''] = path.split('?', 2);
    for (const [kind, format, pattern] of JOBS) {
        const match = pattern.exec(address);
        if (match !== null) {
            const query = new URLSearchParams(text);
            try {
                return {
                    kind, of: decodeURIComponent(match[1]), isWritten: query.get('write') === '1',
                    format: format && (query.get('format') ?? format), language: format && (query.get('language') ?? 'en'),
                };
            } catch {
                return null;
            }
        }
    }
    return null;
}
