// Stages in words. Some have one name in several methods and are another thing in each: 'stage.Validate:render'.
import { hasWord, wordFor } from './i18n.js';

export function stageWord(stage, method) {
    const own = `${method}:${stage}`;
    return wordFor('stage', hasWord('stage', own) ? own : stage);
}
