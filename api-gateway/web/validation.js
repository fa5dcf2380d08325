// What a validation found, out of its JSON (walkie.crf-validation/1). Pure.

export const PROBLEMS_SHOWN_MAX = 50; // rows on the page: the file has all
export const VALIDATION_READ_MAX = 32 << 20; // bytes of a file that is still shown

const bySeverity = (a, b) => (a.severity === b.severity ? 0 : a.severity === 'hard' ? -1 : 1);

export function validationOf(json) {
    const { validation, words } = json;
    const word = (id) => words[id] ?? id;
    const found = validation.checks.filter((check) => check.problems > 0)
        .sort((a, b) => bySeverity(a, b) || b.problems - a.problems);
    return {
        counts: validation.counts,
        isWritten: validation.is_written,
        notProvided: validation.not_provided.map(word),
        bySeverity: ['hard', 'soft'].map((severity) => ({
            severity, n: found.filter((check) => check.severity === severity).reduce((sum, check) => sum + check.problems, 0),
        })).filter(({ n }) => n > 0),
        checks: found,
        broken: validation.checks.filter((check) => check.error !== null),
        problems: validation.problems.slice(0, PROBLEMS_SHOWN_MAX).map((problem) => ({
            ...problem, query: problem.query === null ? null : word(problem.query),
        })),
    };
}
