// The console: everything is started here, once.
import { startCallsView } from './calls_view.js';
import { byId, setText } from './dom.js';
import { startHistoryView } from './history_view.js';
import { language, onLanguage, setLanguage, showWords } from './i18n.js';
import { startOperationsView } from './operations_view.js';
import { startOverloadView } from './overload_view.js';
import { loadPermissions } from './permissions.js';
import { startProcessView } from './process_view.js';
import { startReportView } from './report_view.js';
import { startRouter } from './router.js';
import { startSignIn } from './sign_in.js';
import { startTheme } from './theme.js';
import { LANGUAGES, LANGUAGE_NAMES } from './words.js';

showWords();
startTheme(byId('theme'));

const report = startReportView();
const router = startRouter({
    report,
    patient: startProcessView(),
    calls: startCallsView(),
    overload: startOverloadView(),
    operations: startOperationsView(),
    history: startHistoryView(),
});

function load() {
    loadPermissions();
    report.load();
}
startSignIn(load);

// The switch names the other language, in that language.
const other = () => LANGUAGES[(LANGUAGES.indexOf(language()) + 1) % LANGUAGES.length];
byId('language').addEventListener('click', () => setLanguage(other()));
onLanguage(() => {
    setText(byId('language'), LANGUAGE_NAMES[other()]);
    byId('language').lang = other();
    router.retitle();
});
load();
