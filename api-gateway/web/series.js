// The last figures of something that is asked for again and again, and what is made of counters. Pure.

export const POINTS_MAX = 60;

export function createSeries() {
    const points = [];

    function add(atMs, value) {
        points.push({ atMs, value });
        if (points.length > POINTS_MAX) {
            points.shift();
        }
    }

    // How fast a counter grows, by the second; null before the second figure and after a restart.
    function rate() {
        const [before, last] = points.slice(-2);
        if (last === undefined || last.atMs <= before.atMs || last.value < before.value) {
            return null;
        }
        return ((last.value - before.value) * 1000) / (last.atMs - before.atMs);
    }

    return { add, rate, values: () => points.map((point) => point.value) };
}

// A line of these values within a box, as the "points" of an SVG polyline: the newest at the right edge.
export function sparkPoints(values, width, height) {
    const most = Math.max(...values, 1e-9);
    const step = width / (POINTS_MAX - 1);
    const first = width - (values.length - 1) * step;
    return values.map((value, i) => `${(first + i * step).toFixed(1)},${(height - 1 - (value / most) * (height - 2)).toFixed(1)}`)
        .join(' ');
}
