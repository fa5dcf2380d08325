// Jobs in words, by their addresses.
import { t, wordFor } from './i18n.js';
import { parseJobPath } from './job_path.js';
import { LANGUAGE_NAMES } from './words.js';

// "Report of site 101"; null where the address is no job's.
export function jobName(path) {
    const job = parseJobPath(path ?? '');
    return job && t(`job.${job.kind}${job.isWritten ? '_written' : ''}`, { of: job.of });
}

// The same with the file that it makes: "Report of site 101, PDF, English".
export function jobNameAndFile(path) {
    const job = parseJobPath(path);
    const name = jobName(path);
    return job === null || job.format === null ? name
        : t('operations.file', { name, format: job.format.toUpperCase(), language: LANGUAGE_NAMES[job.language] ?? job.language });
}

// "Validate" in words.
export function methodName(method) {
    return wordFor('method', method);
}
