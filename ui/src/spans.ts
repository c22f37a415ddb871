// SPDX-License-Identifier: GPL-3.0-or-later
// How far back a chart looks, and in what steps.

export interface Span {
	label: string;
	ms: number;
	/** Multiple of 5 s, and a divisor of ms. */
	step: number;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The length of the windows in which traffic is counted. */
export const WINDOW_MS = 5 * SECOND;

export const SPANS: readonly Span[] = [
	{ label: "5 min", ms: 5 * MINUTE, step: WINDOW_MS },
	{ label: "15 min", ms: 15 * MINUTE, step: WINDOW_MS },
	{ label: "1 h", ms: HOUR, step: 20 * SECOND },
	{ label: "6 h", ms: 6 * HOUR, step: 2 * MINUTE },
	{ label: "24 h", ms: 24 * HOUR, step: 10 * MINUTE },
];

/** The whole steps that had ended at `end`: a begun one would look too low. */
export function reach(span: Span, end: number): { from: number; to: number } {
	const to = Math.floor(end / span.step) * span.step;

	return { from: to - span.ms, to };
}
