// Which sites of a list somebody means. Pure.

export const SITES_SHOWN_MAX = 200; // rows on the page: who looks for others narrows the search

function fold(text) {
    return String(text ?? '').normalize('NFKC').toLowerCase();
}

// Every word of the search is somewhere in number, name, country or study. `study`: '' is any.
export function filterSites(sites, search, study) {
    const words = fold(search).split(/\s+/).filter((word) => word !== '');
    return sites.filter((site) => {
        const text = fold(`${site.center} ${site.name ?? ''} ${site.country ?? ''} ${site.study}`);
        return (study === '' || site.study === study) && words.every((word) => text.includes(word));
    });
}

export function studiesOf(sites) {
    return [...new Set(sites.map((site) => site.study))].sort();
}

// A number that several studies use does not say which site is meant.
export function isAmbiguous(sites, site) {
    return sites.some((other) => other.center === site.center && other.study !== site.study);
}
