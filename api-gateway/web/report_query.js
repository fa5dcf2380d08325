// The address of a report. Pure.

export function reportPath(site, { format, language, timeoutSeconds }) {
    const query = new URLSearchParams({ format, language, timeout: `${timeoutSeconds}s` });
    if (site.isAmbiguous) {
        query.set('study', site.study);
    }
    return `/v1/centers/${encodeURIComponent(site.center)}/audit-report?${query}`;
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

// What such an address asks for: { site, format, language }, or null where it is no report's.
export function parseReportPath(path) {
    const match = /^\/v1\/centers\/([^/?]+)\/audit-report(?:\?(.*))?$/.exec(path);
    if (match === null) {
        return null;
    }
    const query = new URLSearchParams(match[2] ?? '');
    try {
        return { site: decodeURIComponent(match[1]), format: query.get('format') ?? 'pdf', language: query.get('language') ?? 'en' };
    } catch {
        return null;
    }
}
