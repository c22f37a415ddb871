// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes over time into the layers of a chart: what came in is stacked above
// zero, what went out below it.

import type { Traffic } from "../api";

export interface Layer {
	endpoint: string | null;
	/** The heights of its far edge, in bytes a second; out is negative. */
	edge: number[];
}

export interface Stack {
	/** Seconds since the epoch; one more than there are points, to end the last. */
	times: number[];
	/** Farthest from zero first, so that each is painted over by the next. */
	in: Layer[];
	out: Layer[];
}

export function stack(traffic: Traffic): Stack {
	const perSecond = 1000 / traffic.step;
	const times = traffic.times.map((ms) => ms / 1000);
	const pile = (way: "in_bytes" | "out_bytes", sign: 1 | -1): Layer[] => {
		let below: number[] = traffic.times.map(() => 0);

		return traffic.series
			.map(({ endpoint, [way]: bytes }) => {
				below = below.map(
					(height, i) => height + sign * perSecond * (bytes[i] ?? 0),
				);
				return { endpoint, edge: held(below) };
			})
			.reverse();
	};

	if (traffic.times.length > 0) times.push(traffic.to / 1000);
	return { times, in: pile("in_bytes", 1), out: pile("out_bytes", -1) };
}

/** The last value lasts until the end of its point. */
function held(values: number[]): number[] {
	return values.length > 0 ? [...values, values[values.length - 1]!] : [];
}

/** What an endpoint moved in point `i`, or in all of them, in bytes a second. */
export function speed(
	traffic: Traffic,
	series: Traffic["series"][number],
	i: number | null,
): { in: number; out: number } {
	const sum = (bytes: number[]) =>
		i === null
			? bytes.reduce((total, count) => total + count, 0) / (bytes.length || 1)
			: (bytes[i] ?? 0);

	return {
		in: (sum(series.in_bytes) * 1000) / traffic.step,
		out: (sum(series.out_bytes) * 1000) / traffic.step,
	};
}
