// What whoever uses the console may do, so that nothing is offered that would be refused. The gateway decides all the
// same.
//
//     onPermissions(draw)                                  now, and whenever it is known anew
//     may('write'); mayHaveStudy('WLK-301');
import { getJson } from './api.js';

const NOTHING = { permissions: [], sites: '' };
const listeners = [];
let known = NOTHING;

// Whether a scope ("101,AA-1:*") has all sites of a study. Pure.
export function coversStudy(sites, study) {
    const whole = `${study}:*`;
    return sites.split(',').some((entry) => {
        try {
            return entry === '*' || decodeURIComponent(entry) === whole;
        } catch {
            return false;
        }
    });
}

export function may(permission) {
    return known.permissions.includes(permission);
}

// Whether the gateway is known to ask nobody who it is.
export function isOpen() {
    return known.role === null;
}

export function mayHaveStudy(study) {
    return coversStudy(known.sites, study);
}

export function onPermissions(listener) {
    listeners.push(listener);
    listener();
}

// A gateway that does not say allows nothing here; why not is said where its sites are asked for.
export async function loadPermissions() {
    known = await getJson('/v1/permissions').catch(() => NOTHING);
    listeners.forEach((listener) => listener());
}
