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
