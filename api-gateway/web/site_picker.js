// The list of sites: a search, a study where there are several, and one radio button a site.
import { getJson } from './api.js';
import { byId, el, setText } from './dom.js';
import { count } from './format.js';
import { language, onLanguage, t } from './i18n.js';
import { problemNode } from './problem_view.js';
import { SITES_SHOWN_MAX, filterSites, isAmbiguous, studiesOf } from './site_filter.js';

export function startSitePicker() {
    const list = byId('site-list');
    const search = byId('site-search');
    const study = byId('study');
    let sites = [];
    let chosen = null;
    let failure = null;
    let onChosen = () => {};

    function rowOf(site, i) {
        const input = el('input', {
            type: 'radio', name: 'site', value: i, checked: site === chosen, required: true,
            change: () => {
                chosen = site;
                onChosen();
            },
        });
        const open = site.open_findings;
        return el('label', { class: 'site' }, input,
            el('b', { class: 'site-number' }, site.center),
            el('span', { class: 'site-name' }, site.name ?? t('site.no_name'),
                el('small', {}, [site.country, studiesOf(sites).length > 1 ? site.study : null]
                    .filter(Boolean).join(' · '))),
            el('span', { class: 'site-counts' },
                el('span', {}, t('site.subjects', { n: count(language(), site.subjects) })),
                el('small', { class: open > 0 ? 'alarm' : null },
                    open === null ? t('site.open_unknown') : t('site.open', { n: count(language(), open) }))));
    }

    function draw() {
        if (failure !== null) {
            list.replaceChildren(problemNode(failure), el('button', { type: 'button', click: load }, t('site.again')));
            setText(byId('site-count'), '');
            return;
        }
        const found = filterSites(sites, search.value, study.value);
        const shown = found.slice(0, SITES_SHOWN_MAX);
        list.replaceChildren(...shown.map(rowOf));
        setText(byId('site-count'), found.length > shown.length
            ? t('site.more', { shown: count(language(), shown.length), n: count(language(), found.length) })
            : t('site.count', { n: count(language(), found.length) }));
    }

    function drawStudies() {
        const studies = studiesOf(sites);
        const value = study.value;
        study.hidden = studies.length < 2;
        study.replaceChildren(el('option', { value: '' }, t('site.any_study')),
            ...studies.map((name) => el('option', { value: name }, name)));
        study.value = studies.includes(value) ? value : '';
    }

    async function load() {
        try {
            sites = (await getJson('/v1/centers')).centers;
            failure = null;
            chosen = sites.find((site) => chosen && site.center === chosen.center && site.study === chosen.study) ?? null;
        } catch (error) {
            failure = error;
        }
        drawStudies();
        draw();
        onChosen();
    }

    search.addEventListener('input', draw);
    study.addEventListener('change', draw);
    onLanguage(() => {
        drawStudies();
        draw();
    });
    return {
        load,
        onChosen: (listener) => {
            onChosen = listener;
        },
        chosen: () => chosen && { ...chosen, isAmbiguous: isAmbiguous(sites, chosen) },
    };
}
