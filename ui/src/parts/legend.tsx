// SPDX-License-Identifier: GPL-3.0-or-later
// Which colour is whom, and how fast: at the point under the pointer, or on
// average.

import type { Traffic } from "../api";
import type { Palette } from "../chart/palette";
import { speed } from "../chart/stack";
import { clock, rate } from "../format";
import { Swatch } from "./swatch";

interface Props {
	traffic: Traffic;
	palette: Palette;
	point: number | null;
}

export function Legend({ traffic, palette, point }: Props) {
	const at = point === null ? undefined : traffic.times[point];

	return (
		<figcaption class="legend">
			<p class="muted">
				Above the line: to the device (↓). Below: from the device (↑).{" "}
				{at === undefined ? "On average:" : `At ${clock(at)}:`}
			</p>
			<ul>
				{traffic.series.map((series) => {
					const moved = speed(traffic, series, at === undefined ? null : point);

					return (
						<li key={series.endpoint}>
							<Swatch palette={palette} endpoint={series.endpoint} />
							<span class="text">
								{series.endpoint ?? "all others"}
								{series.doubt !== null && (
									<abbr title={`uncertain: ${series.doubt}`}> ?</abbr>
								)}
							</span>
							<span class="speed">
								↓ {rate(moved.in)} ↑ {rate(moved.out)}
							</span>
						</li>
					);
				})}
			</ul>
		</figcaption>
	);
}
